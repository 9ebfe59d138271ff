// Accepts the connections of one endpoint until it is stopped. A failed accept must not end it:
// descriptors may run out, and a peer may reset its connection before it is accepted.

import { sleep } from "../../time.ts";
import { StopSignal } from "../stop_signal.ts";
import type { DescriptorReserve } from "../process/descriptor_reserve.ts";
import type { AcceptedConnection, Endpoint } from "./endpoint.ts";

/** How long to wait before the next accept when there are no descriptors, in milliseconds. */
const EXHAUSTED_WAIT_MS = 50;

interface AcceptLoopOptions {
  /** Takes the connection over; must return at once and must not throw. */
  readonly onConnection: (connection: AcceptedConnection) => void;
  /** A connection could not be accepted. */
  readonly onExhausted: (error: unknown) => void;
  readonly reserve: DescriptorReserve;
}

export class AcceptLoop {
  readonly #endpoint: Endpoint;
  readonly #options: AcceptLoopOptions;
  readonly #stopping = new StopSignal();
  readonly #done: Promise<void>;

  /** Starts at once; takes over the endpoint. */
  constructor(endpoint: Endpoint, options: AcceptLoopOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#done = this.#run();
  }

  /** Closes the endpoint. Resolves when `onConnection` will not be called again. */
  async stop(): Promise<void> {
    if (this.#stopping.isStopped) return;
    this.#stopping.stop();
    this.#endpoint.close();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { reserve, onConnection, onExhausted } = this.#options;
    const stopping = this.#stopping;
    while (!stopping.isStopped) {
      try {
        onConnection(await this.#endpoint.accept());
      } catch (error) {
        if (stopping.isStopped) return;
        if (isReset(error)) continue;
        // The reserve is released for files and the database; accepting waits until it is filled again.
        onExhausted(error);
        reserve.release();
        do await sleep(EXHAUSTED_WAIT_MS, stopping); while (
          !stopping.isStopped && !reserve.refill()
        );
      }
    }
  }
}

/**
 * Whether the peer closed its connection before it was accepted. There is no fault then, and a wait
 * would let any peer that resets connections delay all others.
 */
function isReset(error: unknown): boolean {
  const { NotConnected, ConnectionAborted, ConnectionReset } = Deno.errors;
  return [NotConnected, ConnectionAborted, ConnectionReset].some((kind) => error instanceof kind);
}
