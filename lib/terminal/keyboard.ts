// What is typed at the process's own terminal, for one reader after the other: a read that an earlier
// reader has begun and left is the next one's, so that nothing typed is lost between them.

const BUFFER_BYTES = 16 * 1024;

let pending: Promise<Uint8Array | undefined> | undefined;

/**
 * The next bytes typed; undefined at the end, and when `signal` has aborted by then: what was typed
 * is then left to the next reader. A terminal that is gone has reached its end, too.
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
