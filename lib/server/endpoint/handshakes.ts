// Bounds the TLS handshakes of a server: how many run at once, and how much time of the event loop they
// take. Knows no TLS and no socket.

import type { MonotonicClock } from "../../time.ts";
import { type Deadline, startDeadline } from "../../time.ts";

/** A handshake whose first message has arrived whole. */
export interface Handshake {
  /** Does the first and most expensive part, and returns. */
  begin(): void;
  /** Ends it; must call `Handshakes.leave`. */
  abort(): void;
}

interface HandshakesOptions {
  /** The most that run at once. */
  readonly most: number;
  readonly clock: MonotonicClock;
  /** Runs work after the event loop has served its sockets. */
  readonly schedule: (work: () => void) => void;
}

/** While others wait, a handshake is ended when its peer has not answered for this long, milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * One handshake begins at a time, and the event loop serves all connections before the next one. Those
 * above the limit wait; their owner bounds how long.
 */
export class Handshakes {
  readonly #options: HandshakesOptions;
  /** When each began, the oldest first. */
  readonly #running = new Map<Handshake, number>();
  readonly #waiting = new Set<Handshake>();
  #isScheduled = false;
  #patience: Deadline | undefined;

  constructor(options: HandshakesOptions) {
    this.#options = options;
  }

  /** How many run. */
  get running(): number {
    return this.#running.size;
  }

  enter(handshake: Handshake): void {
    this.#waiting.add(handshake);
    this.#schedule();
  }

  /** The handshake is done or has ended, whether it ran or waited. */
  leave(handshake: Handshake): void {
    this.#waiting.delete(handshake);
    const hasRun = this.#running.delete(handshake);
    if (hasRun || this.#waiting.size === 0) {
      this.#patience?.clear();
      this.#patience = undefined;
    }
    if (hasRun) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    this.#options.schedule(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const [next] = this.#waiting;
    if (next === undefined || !this.#hasSpace()) return;
    this.#waiting.delete(next);
    this.#running.set(next, this.#options.clock.monotonic());
    next.begin();
    this.#schedule();
  }

  /** Whether one more may run, if need be in place of one whose peer does not answer. */
  #hasSpace(): boolean {
    const { most, clock } = this.#options;
    if (this.#running.size < most) return true;
    const [oldest] = this.#running;
    if (oldest === undefined) return true;
    const [handshake, begun] = oldest;
    const rest = begun + PATIENCE_MS - clock.monotonic();
    if (rest <= 0) {
      handshake.abort();
      return true;
    }
    this.#patience ??= startDeadline(() => {
      this.#patience = undefined;
      this.#schedule();
    }, { ms: rest });
    return false;
  }
}
