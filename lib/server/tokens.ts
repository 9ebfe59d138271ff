// A user logs in by a token. The store keeps only the hashes of tokens.

import { createHash } from "node:crypto";

/** A new token: 256 random bits as 43 characters of base64url. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** SHA-256 of a token, the form in which it is stored and looked up. */
export function hashToken(token: string): Uint8Array {
  // Web Crypto would wake a thread for these few bytes, which costs more than the hash itself.
  return new Uint8Array(createHash("sha256").update(token).digest());
}
