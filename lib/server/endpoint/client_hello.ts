// What the first bytes on a TLS port are: a TLS record, its beginning, or something else.

/** RFC 8446 §5.1: the type of a handshake record, the major version, and the longest record. */
const HANDSHAKE = 0x16;
const MAJOR_VERSION = 3;
const HEADER_BYTES = 5;
const MOST_BYTES = 16_384;

/** Whether a whole first record has arrived; `foreign`: the peer speaks no TLS. */
export function checkFirstRecord(seen: Uint8Array): "whole" | "more" | "foreign" {
  const [type = HANDSHAKE, major = MAJOR_VERSION, , high = 0, low = 1] = seen;
  const length = high * 256 + low;
  if (type !== HANDSHAKE || major !== MAJOR_VERSION) return "foreign";
  if (seen.length >= HEADER_BYTES && (length === 0 || length > MOST_BYTES)) return "foreign";
  return seen.length >= HEADER_BYTES + length ? "whole" : "more";
}
