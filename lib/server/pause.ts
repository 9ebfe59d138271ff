// Waiting, without leaving a timer behind.

import { startPatientTimer } from "../patient_timer.ts";
import type { StopSignal } from "./stop_signal.ts";

/** Resolves after `ms` (see patient_timer.ts), or at once when `ending` has begun. */
export function pause(ms: number, ending: StopSignal): Promise<void> {
  if (ending.isStopped) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      timer.clear();
      ending.forget(done);
      resolve();
    };
    const timer = startPatientTimer(done, { ms });
    ending.onStop(done);
  });
}
