// Reads the log of an SQLite database from the disk, for the versions of the first page in it. Knows the
// format (https://sqlite.org/fileformat2.html, 4) and nothing of what is in the pages.

import { HEADER_BYTES } from "./log_match.ts";

const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The lowest bit is the byte order of the words in the checksums. */
const MAGIC = 0x377f0682;
/** Frames read at once. */
const FRAMES = 64;

/** The two sums that go on from frame to frame. */
class Sums {
  readonly #isLittleEndian: boolean;
  #one = 0;
  #two = 0;

  constructor(isLittleEndian: boolean) {
    this.#isLittleEndian = isLittleEndian;
  }

  add({ buffer, byteOffset }: Uint8Array, [from, to]: readonly [number, number]): void {
    const view = new DataView(buffer, byteOffset + from, to - from);
    for (let at = 0; at < to - from; at += 8) {
      this.#one = (this.#one + view.getUint32(at, this.#isLittleEndian) + this.#two) >>> 0;
      this.#two = (this.#two + view.getUint32(at + 4, this.#isLittleEndian) + this.#one) >>> 0;
    }
  }

  /** Whether they are what is written there. */
  areAt(view: DataView, at: number): boolean {
    return view.getUint32(at) === this.#one && view.getUint32(at + 4) === this.#two;
  }
}

/**
 * The first bytes of the database as each transaction of the log left them, in order; undefined for one
 * that left its first page alone. Uncommitted frames, and those left of an older log, are not part of it.
 */
export function* readCommits(path: string): Generator<Uint8Array | undefined> {
  using log = Deno.openSync(path);
  const header = new Uint8Array(LOG_HEADER_BYTES);
  if (readFully(log, header) < LOG_HEADER_BYTES) return;
  const view = new DataView(header.buffer);
  const magic = view.getUint32(0);
  if ((magic & ~1) !== MAGIC) return;
  const sums = new Sums((magic & 1) === 0);
  sums.add(header, [0, 24]);
  if (!sums.areAt(view, 24)) return;
  const salts = header.slice(16, 24);
  let latest: Uint8Array | undefined;
  for (const frame of readFrames(log, view.getUint32(8))) {
    const head = new DataView(frame.buffer, frame.byteOffset, FRAME_HEADER_BYTES);
    if (!frame.subarray(8, 16).every((byte, at) => byte === salts[at])) return;
    sums.add(frame, [0, 8]);
    sums.add(frame, [FRAME_HEADER_BYTES, frame.length]);
    if (!sums.areAt(head, 16)) return;
    if (head.getUint32(0) === 1) {
      latest = frame.slice(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + HEADER_BYTES);
    }
    // Only the last frame of a transaction has the size of the database.
    if (head.getUint32(4) === 0) continue;
    yield latest;
    latest = undefined;
  }
}

function* readFrames(log: Deno.FsFile, pageBytes: number): Generator<Uint8Array> {
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  const some = new Uint8Array(FRAMES * frameBytes);
  for (;;) {
    const length = readFully(log, some);
    for (let at = 0; at + frameBytes <= length; at += frameBytes) {
      yield some.subarray(at, at + frameBytes);
    }
    if (length < some.length) return;
  }
}

/** @returns how many bytes there were: fewer than asked for at the end of the file */
export function readFully(file: Deno.FsFile, bytes: Uint8Array): number {
  let length = 0;
  while (length < bytes.length) {
    const read = file.readSync(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  return length;
}
