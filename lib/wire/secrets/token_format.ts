// The format of a token: `ply_`, 43 characters of 256 random bits, and a checksum of 6 (protocol §3.5).
// People and secret scanners recognise it, and a token that was not copied whole is refused without a look
// into the store. Knows no store and no randomness.

import { crc32 } from "node:zlib";

const PREFIX = "ply_";
const SECRET_CHARACTERS = 43;
const CHECKSUM_CHARACTERS = 6;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TOKEN = /^ply_[0-9A-Za-z]{49}$/;
/** Tokens of earlier versions: 43 characters of base64url. One in 16 million begins with `ply_`. */
const EARLIER_TOKEN = /^[\w-]{43}$/;

/** The token of 32 random bytes. */
export function formatToken(secret: Uint8Array): string {
  const body = PREFIX + toBase62(BigInt(`0x${secret.toHex()}`), SECRET_CHARACTERS);
  return body + checksumOf(body);
}

/** Whether a text can be a token: of this version with the right checksum, or of an earlier one. */
export function isTokenText(text: string): boolean {
  return hasChecksum(text) || EARLIER_TOKEN.test(text);
}

/** Whether a text begins like a token and is none: cut short, or with a letter that is wrong. */
export function isDamagedToken(text: string): boolean {
  return text.startsWith(PREFIX) && !isTokenText(text);
}

function hasChecksum(text: string): boolean {
  return TOKEN.test(text) &&
    checksumOf(text.slice(0, -CHECKSUM_CHARACTERS)) === text.slice(-CHECKSUM_CHARACTERS);
}

/** CRC-32 of the text before it, as in GitHub's tokens: it finds mistakes, and keeps no secret. */
function checksumOf(body: string): string {
  return toBase62(BigInt(crc32(body)), CHECKSUM_CHARACTERS);
}

function toBase62(value: bigint, characters: number): string {
  let digits = "";
  for (let rest = value; digits.length < characters; rest /= 62n) {
    digits = ALPHABET.charAt(Number(rest % 62n)) + digits;
  }
  return digits;
}
