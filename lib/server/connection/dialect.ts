// Detects the dialect of a peer by the first bytes that it sends (protocol §1). Returns every byte that
// it has read; sends nothing.

import { concat } from "@std/bytes/concat";
import { isBlank, ObjectScanner, OPENING_BRACE } from "../../wire/object_scanner.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { looksLikeHttp } from "../../wire/lines.ts";

/**
 * Version 1, bare objects without a delimiter (protocol §9), or another protocol and its name. `gone`:
 * the peer ended its side before it sent anything.
 */
export type DetectedDialect =
  | { readonly kind: "v1"; readonly first: Uint8Array }
  | { readonly kind: "legacy"; readonly first: Uint8Array }
  | { readonly kind: "foreign"; readonly what: string }
  | { readonly kind: "gone" };

const SSH = "SSH-";
const ARRAY = 0x5b;
const QUOTE = 0x22;
const NEWLINE = 0x0a;

/** Reads until the dialect is known; about `maxBytes` at most. Calls `onBytes` after each read. */
export async function readDialect(
  stream: ByteStream,
  options: { maxBytes: number; onBytes: () => void },
): Promise<DetectedDialect> {
  const buffer = new Uint8Array(512);
  let seen = new Uint8Array(0);
  for (;;) {
    const length = await stream.read(buffer);
    if (length === null) return seen.length === 0 ? { kind: "gone" } : { kind: "v1", first: seen };
    options.onBytes();
    seen = concat([seen, buffer.subarray(0, length)]);
    const dialect = decideDialect(seen);
    if (dialect !== undefined) return dialect;
    if (seen.length >= options.maxBytes) return { kind: "v1", first: seen };
  }
}

/** The dialect of these first bytes; undefined while more are needed. */
export function decideDialect(seen: Uint8Array): DetectedDialect | undefined {
  const foreign = findForeign(seen);
  if (foreign === "maybe") return undefined;
  if (foreign !== undefined) return { kind: "foreign", what: foreign };
  const start = seen.findIndex((byte) => !isBlank(byte));
  if (start === -1) return undefined;
  if (seen[start] !== OPENING_BRACE) return decideByLine(seen, start);
  const end = findObjectEnd(seen, start);
  if (end === undefined) return undefined;
  const isLegacy = end.by === "brace" && isLegacyObject(seen.subarray(start, end.at));
  return { kind: isLegacy ? "legacy" : "v1", first: seen };
}

/** The other protocol that these bytes begin; `maybe` while more are needed. */
function findForeign(seen: Uint8Array): string | undefined {
  if (seen[0] === 0x16) return "TLS";
  if (seen[0] === 0xef || seen[0] === 0xfe || seen[0] === 0xff) {
    if (isPrefix(seen, [0xef, 0xbb, 0xbf]) || isPrefix(seen, [0xfe, 0xff])) {
      return "a byte order mark";
    }
    if (isPrefix(seen, [0xff, 0xfe])) return "a byte order mark";
    return seen.length < 3 && !seen.includes(NEWLINE) ? "maybe" : undefined;
  }
  const text = latin1.decode(seen.subarray(0, SSH.length));
  if (text === SSH) return "SSH";
  return SSH.startsWith(text) ? "maybe" : undefined;
}

/**
 * Where no object begins, the first line decides: HTTP is detected before any of its body is read,
 * whatever its method. Arrays and strings are JSON, and no HTTP method begins like them.
 */
function decideByLine(seen: Uint8Array, start: number): DetectedDialect | undefined {
  const v1: DetectedDialect = { kind: "v1", first: seen };
  if (seen[start] === ARRAY || seen[start] === QUOTE) return v1;
  const end = seen.indexOf(NEWLINE, start);
  const line = latin1.decode(seen.subarray(start, end === -1 ? undefined : end + 1));
  if (looksLikeHttp(line)) return { kind: "foreign", what: "HTTP" };
  return end === -1 ? undefined : v1;
}

function isPrefix(seen: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, at) => seen[at] === byte);
}

/**
 * Where the object that begins at `start` ends, by brace depth or by newline, the first of the two; strings
 * and their escapes are respected.
 */
function findObjectEnd(
  seen: Uint8Array,
  start: number,
): { at: number; by: "brace" | "newline" } | undefined {
  const scanner = new ObjectScanner();
  for (let at = start; at < seen.length; at++) {
    const byte = seen[at] as number;
    if (byte === NEWLINE) return { at, by: "newline" };
    if (scanner.take(byte)) return { at: at + 1, by: "brace" };
  }
  return undefined;
}

/** Any bytes as text, one character each: the searched texts are ASCII. */
const latin1 = new TextDecoder("latin1");
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `{"type":"message"|"inquiry","content":…}` and no other key. */
function isLegacyObject(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    if (typeof value !== "object" || value === null) return false;
    const { type, content, ...others } = value as Record<string, unknown>;
    return (type === "message" || type === "inquiry") && content !== undefined &&
      Object.keys(others).length === 0;
  } catch {
    return false;
  }
}
