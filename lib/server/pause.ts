// Waiting, without leaving a timer behind.

import type { Ending } from "./ending.ts";

/** Resolves after `ms`, or at once when `ending` has begun. */
export function pause(ms: number, ending: Ending): Promise<void> {
  if (ending.hasBegun) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      ending.forget(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    ending.onBegin(done);
  });
}
