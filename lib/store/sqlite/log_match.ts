// Checks that the log beside an SQLite file continues this file. SQLite cannot know it: it would copy an
// old log over a backup that has replaced its database.
//
// The first transaction of every log sets a mark, in the header of the file's first page (user_version),
// that is derived from the header before it. So a file fits its log if the mark derives from the file's
// header (nothing was copied yet), or if the log contains the file's header (it was copied from there).
// A copy by .backup or VACUUM INTO has another header.

/** Of SQLite's header: https://sqlite.org/fileformat2.html, 1.3. */
interface Header {
  readonly mark: number;
  readonly schema: number;
  readonly pages: number;
  readonly freePages: number;
}

export const HEADER_BYTES = 100;
const AT = { pages: 28, freePages: 36, schema: 40, mark: 60 } as const;
/** What a transaction changes that changes no table: counters, the size, the list of free pages. */
const CHANGING: readonly (readonly [from: number, to: number])[] = [[24, 40], [92, 100]];

/** The mark of a log that begins on a file with this header. @param chance 16 bits */
export function markAfter({ mark, schema, pages, freePages }: Header, chance: number): number {
  let hash = 0x811c9dc5 ^ chance;
  for (const value of [mark, schema, pages, freePages]) {
    hash = Math.imul(hash ^ value, 0x01000193);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 13;
  }
  // 0 is what a file has that was never marked.
  return chance << 16 | (hash & 0xffff) || 1;
}

/**
 * @param file the first bytes of the file, without its log
 * @param commits the same as each transaction of the log left them; undefined where it left them alone
 */
export function isContinuedBy(
  file: Uint8Array,
  commits: Iterable<Uint8Array | undefined>,
): boolean {
  let isFirst = true;
  for (const header of commits) {
    if (isFirst && isPossibleStart(file, header)) return true;
    if (header !== undefined && equals(header, file)) return true;
    isFirst = false;
  }
  // Without a transaction there is nothing to copy.
  return isFirst;
}

/** Whether the file as it is can be the one on which a log with this first header began. */
function isPossibleStart(file: Uint8Array, first: Uint8Array | undefined): boolean {
  // Begun by a program that leaves no mark.
  if (first === undefined) return true;
  const own = parseHeader(file);
  const { mark } = parseHeader(first);
  if (mark === 0 && own.mark === 0) return true;
  return markAfter(own, mark >>> 16) === mark ||
    equals(withoutCounters(first), withoutCounters(file));
}

function parseHeader(header: Uint8Array): Header {
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  return {
    mark: view.getInt32(AT.mark),
    schema: view.getInt32(AT.schema),
    pages: view.getInt32(AT.pages),
    freePages: view.getInt32(AT.freePages),
  };
}

function withoutCounters(header: Uint8Array): Uint8Array {
  const rest = header.slice(0, HEADER_BYTES);
  for (const [from, to] of CHANGING) rest.fill(0, from, to);
  return rest;
}

function equals(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
