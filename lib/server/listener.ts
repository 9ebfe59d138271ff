// Accepts connections, and goes on accepting: descriptors may run out, peers may vanish between the
// knock and the door. Knows nothing of what is spoken.

import { StopSignal } from "./stop_signal.ts";
import { sleep } from "../time.ts";
import type { DescriptorReserve } from "./process/descriptor_reserve.ts";

/** How long accepting rests when descriptors have run out, in milliseconds. */
const EXHAUSTED_REST_MS = 50;

export interface ListenerOptions {
  /** Takes the connection over; must return at once and must not throw. */
  readonly onConnection: (connection: Deno.TcpConn) => void;
  /** A knock could not be answered. */
  readonly onExhausted: (error: unknown) => void;
  readonly reserve: DescriptorReserve;
}

export class Listener {
  readonly #listener: Deno.TcpListener;
  readonly #options: ListenerOptions;
  readonly #stopping = new StopSignal();
  readonly #done: Promise<void>;

  /** Takes over a listener that is open. */
  constructor(listener: Deno.TcpListener, options: ListenerOptions) {
    this.#listener = listener;
    this.#options = options;
    this.#done = this.#accept();
  }

  /** Where it really listens: port 0 has become a port. */
  get address(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Accepts no more. Resolves when the last knock is done with. */
  async stop(): Promise<void> {
    if (this.#stopping.isStopped) return;
    this.#stopping.stop();
    this.#listener.close();
    await this.#done;
  }

  /** A loop by hand: the listener's own iterator ends for good at the first EMFILE. */
  async #accept(): Promise<void> {
    const { reserve, onConnection, onExhausted } = this.#options;
    const stopping = this.#stopping;
    while (!stopping.isStopped) {
      try {
        onConnection(await this.#listener.accept());
      } catch (error) {
        if (stopping.isStopped) return;
        if (isGone(error)) continue;
        // What is kept in reserve is let go for files and the database; knocks wait until it is back.
        onExhausted(error);
        reserve.release();
        do await sleep(EXHAUSTED_REST_MS, stopping); while (
          !stopping.isStopped && !reserve.refill()
        );
      }
    }
  }
}

/**
 * Whether the one who knocked had gone when the door was opened. Nothing is wrong here then, and to
 * rest for it would let anybody who resets connections keep all others waiting.
 */
function isGone(error: unknown): boolean {
  const { NotConnected, ConnectionAborted, ConnectionReset } = Deno.errors;
  return [NotConnected, ConnectionAborted, ConnectionReset].some((kind) => error instanceof kind);
}
