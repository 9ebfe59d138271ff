// What a password may be: the OpaqueString profile of RFC 8265, as far as it says what is equal.

import { byteLength } from "../text.ts";

const LEAST_CHARACTERS = 8;
const MOST_BYTES = 256;

/** Which new passwords are taken, for people. */
export const PASSWORD_RULE = `a password of at least ${LEAST_CHARACTERS} characters and at most ` +
  `${MOST_BYTES} bytes, without control characters`;

/** The form in which passwords are compared; undefined for a text that cannot be one. */
export function normalizePassword(text: string): string | undefined {
  // RFC 8265 4.2.2: blanks of any kind are blanks, and letters are composed.
  const normal = text.replaceAll(/\p{Zs}/gu, " ").normalize("NFC");
  const isOne = normal !== "" && normal.isWellFormed() && !/\p{Cc}/u.test(normal) &&
    byteLength(normal) <= MOST_BYTES;
  return isOne ? normal : undefined;
}

/** Whether a normalized text is long enough for a new password. */
export function isLongEnough(password: string): boolean {
  return [...password].length >= LEAST_CHARACTERS;
}
