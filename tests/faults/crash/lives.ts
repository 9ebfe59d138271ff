// One server after another on the same data: killed, started again, and found by those who look for it.

import { ChildServer, type ChildServerOptions } from "../support/child_server.ts";
import { Peer, type PeerOptions } from "../support/peer.ts";

/** How soon one who was turned away knocks again, in milliseconds. */
const KNOCK_MS = 5;

/** Where one who was cut off comes in again. */
export interface Door {
  /** A connection; waits until there is one. Undefined when there will be none. */
  connect(): Promise<Peer | undefined>;
}

/** A door that can be closed for good. */
export interface ClosableDoor extends Door {
  /** Nobody is to come in any more. */
  end(): void;
}

export class Lives implements ClosableDoor {
  readonly #options: ChildServerOptions;
  #current: ChildServer | undefined;
  #ready = Promise.withResolvers<ChildServer | undefined>();
  #isOver = false;

  constructor(options: ChildServerOptions) {
    this.#options = options;
  }

  /** Whether there is a server to be killed. */
  get isAlive(): boolean {
    return this.#current !== undefined;
  }

  /** Starts the process; not ready yet. The one before must have ended. */
  spawn(): ChildServer {
    return ChildServer.spawn(this.#options);
  }

  /** Starts a server, and lets everyone in once it is ready. */
  async begin(): Promise<ChildServer> {
    const server = await ChildServer.start(this.#options);
    this.#current = server;
    this.#ready.resolve(server);
    return server;
  }

  /** Ends the current server with SIGKILL, at once. */
  async kill(): Promise<void> {
    const server = this.#current;
    if (server === undefined) return;
    this.#current = undefined;
    this.#ready = Promise.withResolvers();
    await server.kill();
  }

  end(): void {
    this.#isOver = true;
    this.#ready.resolve(undefined);
  }

  /** A connection to the server of the hour. */
  async connect(options?: PeerOptions): Promise<Peer | undefined> {
    while (!this.#isOver) {
      const server = await this.#ready.promise;
      if (server === undefined) return undefined;
      try {
        return await Peer.connect(server.address, options);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, KNOCK_MS));
      }
    }
    return undefined;
  }
}
