// The part of DER (X.690) that a certificate is written with. Only writes; reads nothing.

import { concat } from "@std/bytes/concat";

type Bytes = Uint8Array<ArrayBuffer>;

const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** From this year on, times have four digits of the year (RFC 5280 §4.1.2.5). */
const LONG_YEARS = 2050;

const encoder = new TextEncoder();

/** One element: its tag, the length of its content, and the content. */
export function element(tag: keyof typeof TAGS | number, content: Bytes): Bytes {
  const number = typeof tag === "number" ? tag : TAGS[tag];
  return concat([Uint8Array.of(number, ...lengthOf(content.length)), content]);
}

export function sequence(...parts: readonly Bytes[]): Bytes {
  return element("sequence", concat(parts));
}

/** A non-negative number, its bytes the highest first. */
export function integer(bytes: Bytes): Bytes {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first === -1 ? Uint8Array.of(0) : bytes.slice(first);
  // Without the zero byte it would be negative.
  return element(
    "integer",
    (short[0] as number) < 0x80 ? short : concat([Uint8Array.of(0), short]),
  );
}

/** Whole bytes: no bit of the last one is unused. */
export function bitString(bytes: Bytes, { unusedBits = 0 } = {}): Bytes {
  return element("bitString", concat([Uint8Array.of(unusedBits), bytes]));
}

/** An object identifier, as in `2.5.29.17`. */
export function oid(dotted: string): Bytes {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return element("oid", Uint8Array.from([40 * first + second, ...others].flatMap(base128)));
}

export function utf8String(text: string): Bytes {
  return element("utf8String", encoder.encode(text));
}

/** A time of whole seconds; `ms` since 1970. */
export function time(ms: number): Bytes {
  const digits = new Date(ms).toISOString().replace(/\.\d+/, "").replaceAll(/[-:T]/g, "");
  const isLong = new Date(ms).getUTCFullYear() >= LONG_YEARS;
  return isLong
    ? element("generalizedTime", encoder.encode(digits))
    : element("utcTime", encoder.encode(digits.slice(2)));
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

/** Seven bits a byte; all but the last have the highest bit. */
function base128(value: number): readonly number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift(0x80 + rest % 128);
  }
  return digits;
}
