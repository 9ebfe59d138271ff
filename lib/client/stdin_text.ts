// All of stdin as one message: bounded, strict UTF-8, with LF at the end of a line.

import { FileFault } from "./files/file_fault.ts";

export interface StdinText {
  /** Undefined when the bytes are no text that can be sent; `fault` says why. */
  readonly text?: string;
  readonly fault?: string;
  readonly bytes: Uint8Array;
}

/** More than this is not read: no server takes a message a tenth as long. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads until the end. CRLF becomes LF; a byte order mark at the beginning and one final newline are
 * dropped. A closed stdin is empty. @throws {FileFault} when it cannot be read, as a directory
 */
export async function readStdin(
  read: (into: Uint8Array) => Promise<number | null>,
): Promise<StdinText> {
  const buffer = new Uint8Array(MAX_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    const count = await readSome(read, buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  const bytes = buffer.subarray(0, Math.min(length, MAX_BYTES));
  if (length > MAX_BYTES) {
    return { bytes, fault: `The text is longer than ${MAX_BYTES} bytes; the rest was not read` };
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { bytes, text: text.replaceAll("\r\n", "\n").replace(/\n$/, "") };
  } catch {
    return { bytes, fault: `The text is not UTF-8, from byte ${firstFault(bytes)} on` };
  }
}

async function readSome(
  read: (into: Uint8Array) => Promise<number | null>,
  into: Uint8Array,
): Promise<number | null> {
  try {
    return await read(into);
  } catch (error) {
    if (error instanceof Deno.errors.BadResource) return null;
    throw new FileFault("read", { path: "stdin", cause: error });
  }
}

/** Where the first sequence begins that is not UTF-8. */
function firstFault(bytes: Uint8Array): number {
  // A lenient decoder puts U+FFFD exactly there; up to it, text and bytes agree.
  const lenient = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const encoder = new TextEncoder();
  for (let at = lenient.indexOf("\ufffd"); at !== -1; at = lenient.indexOf("\ufffd", at + 1)) {
    const offset = encoder.encode(lenient.slice(0, at)).length;
    const isReal = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf &&
      bytes[offset + 2] === 0xbd;
    if (!isReal) return offset;
  }
  return 0;
}
