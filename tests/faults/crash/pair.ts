// Two servers with the same options, either of which can be killed and started again.

import type { ChildServer } from "../support/child_server.ts";
import { pause } from "../support/waiting.ts";
import { Lives } from "./lives.ts";

/** One of the two. */
export type Place = 0 | 1;

export class Pair implements AsyncDisposable {
  readonly doors: readonly [Lives, Lives];
  readonly killed: ChildServer[] = [];
  #current: [ChildServer, ChildServer] | undefined;

  constructor(options: ConstructorParameters<typeof Lives>[0]) {
    this.doors = [new Lives(options), new Lives(options)];
  }

  get current(): readonly [ChildServer, ChildServer] {
    if (this.#current === undefined) throw new Error("The two have not begun");
    return this.#current;
  }

  /** Starts both. @returns the first, before any client has connected */
  async begin(): Promise<ChildServer> {
    const [one, other] = this.doors;
    const first = await one.begin();
    this.#current = [first, await other.begin()];
    return first;
  }

  /** Ends one of them by SIGKILL, and starts it again after a while. */
  async kill(place: Place, { awayMs }: { awayMs: number }): Promise<void> {
    this.killed.push(this.current[place]);
    await this.doors[place].kill();
    await pause(awayMs);
    const born = await this.doors[place].begin();
    this.#current = place === 0 ? [born, this.current[1]] : [this.current[0], born];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const door of this.doors) {
      door.end();
      await door.kill();
    }
  }
}
