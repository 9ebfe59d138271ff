// Paces work on the event loop. The runtime polls sockets only when the loop is idle, or after 61 turns:
// while work keeps the loop busy, every peer is read late. Long work goes through here, and yields
// regularly so that the loop becomes idle.

/** How long the loop may be busy before it is made idle, in milliseconds. */
const BUSY_MS = 10;

/** The runtime's two ways of doing something later. */
export interface EventLoop {
  /** In the next turn, without polling sockets before. */
  immediately(work: () => void): void;
  /** After the loop was idle, and has polled sockets. */
  afterIdle(work: () => void): void;
}

const RUNTIME: EventLoop = {
  immediately: (work) => void setImmediate(work),
  afterIdle: (work) => void setTimeout(work, 0),
};

export class LoopPacer {
  readonly #monotonic: () => number;
  readonly #loop: EventLoop;
  #due: (() => void)[] = [];
  /** Since when every turn had work, monotonic milliseconds. */
  #busySince: number | undefined;
  #isScheduled = false;
  #isYielding = false;
  /** Whether work was scheduled since the last turn. */
  #wasUsed = false;

  constructor(monotonic: () => number, loop: EventLoop = RUNTIME) {
    this.#monotonic = monotonic;
    this.#loop = loop;
  }

  /** Runs `work` in the next turn, in the order of the calls. */
  schedule(work: () => void): void {
    this.#due.push(work);
    this.#noteUse();
  }

  /** Resolves in the next turn. */
  nextTurn(): Promise<void> {
    return new Promise((resolve) => this.schedule(resolve));
  }

  /** For work that could continue at once: a promise to await first when the loop has to become idle. */
  yieldIfBusy(): Promise<void> | undefined {
    this.#noteUse();
    return this.#isYielding ? this.nextTurn() : undefined;
  }

  #noteUse(): void {
    this.#wasUsed = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#busySince ??= this.#monotonic();
    this.#isYielding = this.#monotonic() - this.#busySince >= BUSY_MS;
    if (this.#isYielding) this.#loop.afterIdle(() => this.#turn());
    else this.#loop.immediately(() => this.#turn());
  }

  #turn(): void {
    if (this.#isYielding) this.#busySince = undefined;
    this.#isScheduled = this.#isYielding = false;
    const wasUsed = this.#wasUsed;
    this.#wasUsed = false;
    const due = this.#due;
    this.#due = [];
    for (const work of due) work();
    // A turn before which nothing was scheduled shows that the loop becomes idle by itself.
    if (wasUsed) this.#schedule();
    else if (!this.#isScheduled) this.#busySince = undefined;
  }
}
