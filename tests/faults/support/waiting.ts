// Waits with a limit: for a time, for work, for a condition.

/** The polling interval of a condition, in milliseconds. */
const LOOK_MS = 10;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The result of `work`. @throws its error, or `otherwise` when it takes longer than `ms` */
export async function within<T>(ms: number, work: Promise<T>, otherwise: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the condition holds: how long that took, in milliseconds. @throws `otherwise` */
export async function until(
  condition: () => boolean,
  { withinMs, otherwise }: { withinMs: number; otherwise: string },
): Promise<number> {
  const begun = performance.now();
  while (!condition()) {
    if (performance.now() - begun > withinMs) {
      throw new Error(`${otherwise} within ${withinMs} ms`);
    }
    await pause(LOOK_MS);
  }
  return performance.now() - begun;
}
