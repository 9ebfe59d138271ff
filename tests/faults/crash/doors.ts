// Connection sources for servers that run elsewhere: one address, or any of several.

import { type Address, Peer } from "../support/peer.ts";
import { pause } from "../support/waiting.ts";
import type { ClosableDoor } from "./lives.ts";

/** The wait after a refused connection, in milliseconds. */
const KNOCK_MS = 5;

/** One address, until it is closed. */
export class AddressDoor implements ClosableDoor {
  readonly #address: Address;
  #isClosed = false;

  constructor(address: Address) {
    this.#address = address;
  }

  async connect(): Promise<Peer | undefined> {
    while (!this.#isClosed) {
      try {
        return await Peer.connect(this.#address);
      } catch {
        await pause(KNOCK_MS);
      }
    }
    return undefined;
  }

  end(): void {
    this.#isClosed = true;
  }
}

/** Another source each time. */
export class RoamingDoor implements ClosableDoor {
  readonly #doors: readonly ClosableDoor[];
  #next = 0;

  constructor(doors: readonly ClosableDoor[]) {
    this.#doors = doors;
  }

  connect(): Promise<Peer | undefined> {
    return this.#doors[this.#next++ % this.#doors.length]?.connect() ?? Promise.resolve(undefined);
  }

  end(): void {
    for (const door of this.#doors) door.end();
  }
}
