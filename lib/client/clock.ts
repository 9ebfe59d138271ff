// The client's time, handed in from outside so that reconnecting and timing out can be tested
// without sleeping.

export interface Clock {
  /** Milliseconds from an arbitrary start; never jumps. */
  monotonic(): number;
  /** UTC milliseconds of the wall clock: for what people see, never for durations. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; leaves no timer behind. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  now: () => Date.now(),
  sleep(ms, signal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    return promise;
  },
};
