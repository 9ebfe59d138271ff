// Turns of the event loop, shared out. The runtime looks which sockets have become ready only when it
// has nothing else to do, or after 61 turns: a loop that is kept busy hears everybody else late. So
// whoever keeps it busy asks here, and now and then all of them let it come to rest.

/** How long the loop may go on without having come to rest, in milliseconds. */
const BUSY_MS = 10;

/** The runtime's two ways of doing something later. */
export interface EventLoop {
  /** In the next turn, whether or not others are ready before. */
  immediately(work: () => void): void;
  /** When the loop has been at rest, and has seen who is ready. */
  afterRest(work: () => void): void;
}

const RUNTIME: EventLoop = {
  immediately: (work) => void setImmediate(work),
  afterRest: (work) => void setTimeout(work, 0),
};

export class LoopPacer {
  readonly #monotonic: () => number;
  readonly #loop: EventLoop;
  #due: (() => void)[] = [];
  /** Since when there has been something to do in every turn, monotonic milliseconds. */
  #busySince: number | undefined;
  #isScheduled = false;
  #isResting = false;
  /** Whether anybody has asked since the last turn. */
  #wasUsed = false;

  constructor(monotonic: () => number, loop: EventLoop = RUNTIME) {
    this.#monotonic = monotonic;
    this.#loop = loop;
  }

  /** Does `work` in the next turn, in the order asked. */
  schedule(work: () => void): void {
    this.#due.push(work);
    this.#ask();
  }

  /** Resolves in the next turn. */
  nextTurn(): Promise<void> {
    return new Promise((resolve) => this.schedule(resolve));
  }

  /** For one who could go on at once: what to wait for before, while the loop is to come to rest. */
  yieldIfBusy(): Promise<void> | undefined {
    this.#ask();
    return this.#isResting ? this.nextTurn() : undefined;
  }

  #ask(): void {
    this.#wasUsed = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#busySince ??= this.#monotonic();
    this.#isResting = this.#monotonic() - this.#busySince >= BUSY_MS;
    if (this.#isResting) this.#loop.afterRest(() => this.#turn());
    else this.#loop.immediately(() => this.#turn());
  }

  #turn(): void {
    if (this.#isResting) this.#busySince = undefined;
    this.#isScheduled = this.#isResting = false;
    const wasAsked = this.#wasUsed;
    this.#wasUsed = false;
    const due = this.#due;
    this.#due = [];
    for (const work of due) work();
    // A turn before which nobody has asked shows that the loop rests by itself.
    if (wasAsked) this.#schedule();
    else if (!this.#isScheduled) this.#busySince = undefined;
  }
}
