// The time of this process: clocks, timers and waiting. A process can be stopped (SIGSTOP, a paused
// container, a laptop that sleeps): what is measured and waited for here leaves that time out.

/** Time comes in from outside, so that a test can set it. */
export interface Clock {
  /** UTC milliseconds of the wall clock; may jump. For what people see, never for durations. */
  now(): number;
  /** Milliseconds from an arbitrary start; never jumps. For every duration. */
  monotonic(): number;
}

/** For durations alone. */
export type MonotonicClock = Pick<Clock, "monotonic">;

/** A clock that can also wait. */
export interface SleepClock extends Clock {
  /** As the function `sleep`. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The timers of the runtime, or of a test. */
export interface Timers {
  /** Milliseconds of a clock that never jumps, and goes on while the process is stopped. */
  monotonic(): number;
  /** Calls `work` once, after `ms`; the function returned prevents it. */
  start(work: () => void, ms: number): () => void;
}

/** Ends waiting early; lighter than an AbortSignal, which works in its place. */
export interface StopSource {
  readonly isStopped: boolean;
  onStop(work: () => void): void;
  forget(work: () => void): void;
}

/** The longest time that a timer of the runtime can take, some 24 days: a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const RUNTIME_TIMERS: Timers = {
  monotonic: () => performance.now(),
  start(work, ms): () => void {
    const timer = setTimeout(work, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** The timers of a loop that is only busy are less late than this, in milliseconds. */
const LATE_MS = 1_000;
/** How long a process that was stopped has to read what came meanwhile. */
const CATCH_UP_MS = 1_000;

export interface Deadline {
  /** Prevents what has not happened yet. */
  clear(): void;
}

/**
 * Calls `work` once, after `ms`, at most 2³¹ − 1. A process that was stopped finds all its timers due
 * at once when it goes on, before it has read what came meanwhile: then `work` waits a second longer.
 */
export function startDeadline(
  work: () => void,
  { ms, timers = RUNTIME_TIMERS }: { readonly ms: number; readonly timers?: Timers | undefined },
): Deadline {
  const due = timers.monotonic() + Math.max(0, ms);
  let clear = timers.start(() => {
    if (timers.monotonic() - due <= LATE_MS) work();
    else clear = timers.start(work, CATCH_UP_MS);
  }, ms);
  return { clear: () => clear() };
}

/**
 * Resolves after `ms`, as a deadline counts them, or at once when `signal` stops; leaves no timer
 * behind. Never rejects.
 */
export function sleep(
  ms: number,
  signal?: AbortSignal | StopSource,
  timers?: Timers,
): Promise<void> {
  const source = signal instanceof AbortSignal ? stopSourceOf(signal) : signal;
  if (source?.isStopped) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      deadline.clear();
      source?.forget(done);
      resolve();
    };
    const deadline = startDeadline(done, { ms, timers });
    source?.onStop(done);
  });
}

function stopSourceOf(signal: AbortSignal): StopSource {
  return {
    isStopped: signal.aborted,
    onStop: (work) => signal.addEventListener("abort", work),
    forget: (work) => signal.removeEventListener("abort", work),
  };
}

interface RunningClockOptions {
  /**
   * The longest time between two readings of the clock while the process runs, in milliseconds. The
   * owner of the deadlines reads it that often; a longer gap is cut to this.
   */
  readonly usualGapMs: number;
  readonly timers?: Timers;
}

/**
 * The machine's clock. Its monotonic time counts only while this process runs: while it is stopped
 * nothing can be read, so the silence of a peer must not count.
 */
export class RunningClock implements SleepClock {
  readonly #usualGapMs: number;
  readonly #timers: Timers;
  #lastReading: number;
  /** For how long the process was stopped, in all. */
  #stoppedMs = 0;

  constructor({ usualGapMs, timers = RUNTIME_TIMERS }: RunningClockOptions) {
    this.#usualGapMs = usualGapMs;
    this.#timers = timers;
    this.#lastReading = timers.monotonic();
  }

  now(): number {
    return Date.now();
  }

  monotonic(): number {
    const now = this.#timers.monotonic();
    const gap = now - this.#lastReading;
    if (gap > this.#usualGapMs) this.#stoppedMs += gap - this.#usualGapMs;
    this.#lastReading = now;
    return now - this.#stoppedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleep(ms, signal, this.#timers);
  }
}
