// The secrets that users log in by: tokens, and the codes that are redeemed once for an account or a
// token. The store keeps only their hashes.

import { createHash } from "node:crypto";
import { formatCode } from "../wire/secrets/code_format.ts";
import { formatToken } from "../wire/secrets/token_format.ts";

/** A new token of 256 random bits. */
export function newToken(): string {
  return formatToken(crypto.getRandomValues(new Uint8Array(32)));
}

/** A new code of 80 random bits. */
export function newCode(): string {
  return formatCode(crypto.getRandomValues(new Uint8Array(10)));
}

/** SHA-256 of a token, or of a code as `parseCode` gives it: the form in which it is stored and looked up. */
export function hashToken(token: string): Uint8Array {
  // Web Crypto would wake a thread for these few bytes, which costs more than the hash itself.
  return new Uint8Array(createHash("sha256").update(token).digest());
}
