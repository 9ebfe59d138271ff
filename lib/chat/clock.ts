// Time comes in from outside, so that a test can be its own clock.

export interface Clock {
  /** UTC milliseconds of the wall clock; may jump. For what people see, never for durations. */
  now(): number;
  /** Milliseconds from an arbitrary start; never jumps. For every duration. */
  monotonic(): number;
}
