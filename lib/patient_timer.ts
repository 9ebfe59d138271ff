// A timer for deadlines. A process that was stopped (a paused container, a laptop that slept) finds all
// its timers due at once when it goes on, before it has read what came meanwhile: a deadline that was
// slept through waits a little longer.

/** Timers of a loop that is merely busy are less late than this, in milliseconds. */
const LATE_MS = 1_000;
/** How long what came meanwhile has to be read. */
const CATCH_UP_MS = 1_000;
/** The longest a timer of the runtime can take, some 24 days: a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time and the timer of the runtime, or of a test. */
export interface TimerSource {
  /** Milliseconds of a clock that never jumps, and goes on while the process is stopped. */
  now(): number;
  /** Calls `work` after so many milliseconds, once; the function returned prevents it. */
  start(work: () => void, ms: number): () => void;
}

const RUNTIME: TimerSource = {
  now: () => performance.now(),
  start(work, ms): () => void {
    const timer = setTimeout(work, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

export interface PatientTimer {
  /** Prevents what has not happened yet. */
  clear(): void;
}

/** Calls `work` after `ms`, at most 2³¹ − 1; when the process stood still by then, after what came can have been read. */
export function startPatientTimer(
  work: () => void,
  { ms, source = RUNTIME }: { readonly ms: number; readonly source?: TimerSource },
): PatientTimer {
  const due = source.now() + Math.max(0, ms);
  let clear = source.start(() => {
    if (source.now() - due <= LATE_MS) work();
    else clear = source.start(work, CATCH_UP_MS);
  }, ms);
  return { clear: () => clear() };
}
