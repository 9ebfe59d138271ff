// Two servers with the same options, either of which can be killed and started again.

import type { ChildServer } from "../../support/processes/child_server.ts";
import { pause } from "../../support/waiting.ts";
import { RestartingServer } from "./restarting_server.ts";

/** One of the two. */
export type ServerIndex = 0 | 1;

export class ServerPair implements AsyncDisposable {
  readonly servers: readonly [RestartingServer, RestartingServer];
  readonly killed: ChildServer[] = [];
  #current: [ChildServer, ChildServer] | undefined;

  constructor(options: ConstructorParameters<typeof RestartingServer>[0]) {
    this.servers = [new RestartingServer(options), new RestartingServer(options)];
  }

  get current(): readonly [ChildServer, ChildServer] {
    if (this.#current === undefined) throw new Error("The two have not begun");
    return this.#current;
  }

  /** Starts both. @returns the first, before any client has connected */
  async start(): Promise<ChildServer> {
    const [one, other] = this.servers;
    const first = await one.start();
    this.#current = [first, await other.start()];
    return first;
  }

  /** Ends one of them by SIGKILL, and starts it again after a while. */
  async kill(index: ServerIndex, { awayMs }: { awayMs: number }): Promise<void> {
    this.killed.push(this.current[index]);
    await this.servers[index].kill();
    await pause(awayMs);
    const restarted = await this.servers[index].start();
    this.#current = index === 0 ? [restarted, this.current[1]] : [this.current[0], restarted];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const source of this.servers) {
      source.close();
      await source.kill();
    }
  }
}
