// Reads the process's own terminal, for one reader after the other. When a reader ends before its read has
// returned, the next reader gets the result, so that no input is lost.

const BUFFER_BYTES = 16 * 1024;

let pending: Promise<Uint8Array | undefined> | undefined;

/**
 * The next bytes typed; undefined at the end of the input or when the terminal is gone. When `signal`
 * has aborted by then, the bytes are left to the next reader and the answer is undefined, too.
 */
export async function readTyped(signal?: AbortSignal): Promise<Uint8Array | undefined> {
  pending ??= read();
  const typed = await pending;
  if (signal?.aborted) return undefined;
  pending = undefined;
  return typed;
}

async function read(): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  const length = await Deno.stdin.read(buffer).catch(() => null);
  return length === null ? undefined : buffer.subarray(0, length);
}
