// One server after another on the same data: killed, restarted, and a source of connections to the
// current one.

import { ChildServer, type ChildServerOptions } from "../../support/processes/child_server.ts";
import { Peer, type PeerOptions } from "../../support/clients/peer.ts";
import { pause } from "../../support/waiting.ts";

/** The wait after a refused connection, in milliseconds. */
const RETRY_MS = 5;

/** A source of connections for clients. */
export interface ConnectionSource {
  /** A connection; waits for one. Undefined after the source is closed. */
  connect(): Promise<Peer | undefined>;
}

/** A source that can be closed. */
export interface ClosableSource extends ConnectionSource {
  /** No further connections. */
  close(): void;
}

export class RestartingServer implements ClosableSource {
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

  /** Starts a server, and connects waiting clients once it is ready. */
  async start(): Promise<ChildServer> {
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

  close(): void {
    this.#isOver = true;
    this.#ready.resolve(undefined);
  }

  /** A connection to the current server. */
  async connect(options?: PeerOptions): Promise<Peer | undefined> {
    while (!this.#isOver) {
      const server = await this.#ready.promise;
      if (server === undefined) return undefined;
      try {
        return await Peer.connect(server.address, options);
      } catch {
        await pause(RETRY_MS);
      }
    }
    return undefined;
  }
}
