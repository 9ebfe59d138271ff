// Waits with a limit: for a time, for work, for a condition. A test that can move a clock does that instead.

/** The polling interval of a condition, in milliseconds. */
const LOOK_MS = 5;
/** The time limit of a wait unless the test has one. */
const PATIENCE_MS = 10_000;

export interface WaitOptions {
  readonly withinMs?: number;
  /** Begins the error's message; a function is called when it is thrown. */
  readonly otherwise?: string | (() => string);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The result of `work`. @throws its error, or `otherwise` when it takes longer than `ms` */
export async function within<T>(
  ms: number,
  work: Promise<T>,
  otherwise: string | (() => string),
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(lateError(ms, otherwise)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the condition holds: how long that took, in milliseconds. @throws `otherwise` */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { withinMs = PATIENCE_MS, otherwise = `Not so: ${condition}` }: WaitOptions = {},
): Promise<number> {
  const begun = performance.now();
  while (!await condition()) {
    if (performance.now() - begun > withinMs) throw lateError(withinMs, otherwise);
    await pause(LOOK_MS);
  }
  return performance.now() - begun;
}

function lateError(ms: number, otherwise: string | (() => string)): Error {
  return new Error(`${typeof otherwise === "string" ? otherwise : otherwise()} within ${ms} ms`);
}

/**
 * The first answer that is as wanted. `ask` is called again and again: a server takes a moment to see what
 * was done on another connection. @throws with the last answer when none is in time
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  isWanted: (answer: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`Never as wanted: ${Deno.inspect(answer)}`);
    await pause(LOOK_MS);
  }
}
