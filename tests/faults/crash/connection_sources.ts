// Connection sources for servers that run elsewhere: one address, or any of several.

import { type Address, Peer } from "../../support/clients/peer.ts";
import { pause } from "../../support/waiting.ts";
import type { ClosableSource } from "./restarting_server.ts";

/** The wait after a refused connection, in milliseconds. */
const RETRY_MS = 5;

/** One address, until it is closed. */
export class AddressSource implements ClosableSource {
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
        await pause(RETRY_MS);
      }
    }
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
  }
}

/** Another source each time. */
export class RotatingSource implements ClosableSource {
  readonly #sources: readonly ClosableSource[];
  #next = 0;

  constructor(sources: readonly ClosableSource[]) {
    this.#sources = sources;
  }

  connect(): Promise<Peer | undefined> {
    return this.#sources[this.#next++ % this.#sources.length]?.connect() ??
      Promise.resolve(undefined);
  }

  close(): void {
    for (const source of this.#sources) source.close();
  }
}
