// What goes wrong with a file, in one line for a person.

/** A file that cannot be read or written, and why. */
export class FileFault extends Error {
  override readonly name = "FileFault";

  constructor(aim: "read" | "write", { path, cause }: { path: string; cause: unknown }) {
    super(`Cannot ${aim} ${path}: ${describeCause(cause)}`, { cause });
  }
}

const NO_PERMISSION = "no permission there: HOME must be a folder, and XDG_CONFIG_HOME and " +
  "XDG_STATE_HOME paths without a comma; else start with --allow-read and --allow-write for it";

/** The message of the file system or the runtime, without its number and the path it repeats. */
function describeCause(cause: unknown): string {
  if (cause instanceof Deno.errors.NotCapable) return NO_PERMISSION;
  return cause instanceof Error ? cause.message.replace(/ \(os error \d+\).*$/s, "") : "unknown";
}

/** @throws {FileFault} when `work` throws */
export async function attempt<T>(
  aim: "read" | "write",
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof FileFault ? cause : new FileFault(aim, { path, cause });
  }
}

/** Undefined instead of the fault that there is no such file. */
export async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    const isMissing = error instanceof FileFault && error.cause instanceof Deno.errors.NotFound;
    if (isMissing) return undefined;
    throw error;
  }
}

/** Undefined when there is no such file. @throws {FileFault} when `work` throws */
export function attemptSync<T>(aim: "read" | "write", path: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new FileFault(aim, { path, cause });
  }
}
