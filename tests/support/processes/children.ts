// The child processes of a run: none of them survives it, whatever happens.

const living = new Set<Deno.ChildProcess>();

// A test that is torn down without its braces closed leaves nothing behind.
globalThis.addEventListener("unload", () => {
  for (const child of living) signal(child, "SIGKILL");
});

/** From now on the child ends with this process at the latest. */
export function adopt(child: Deno.ChildProcess): Deno.ChildProcess {
  living.add(child);
  return child;
}

/** Resolves when the child has ended by itself or by a signal sent before. */
export async function bury(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  const status = await child.status;
  living.delete(child);
  return status;
}

export function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has ended by itself.
  }
}
