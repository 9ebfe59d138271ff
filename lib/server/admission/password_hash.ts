// Hashes passwords with Argon2id (RFC 9106), as a string that describes itself. Knows no user and no queue.

import { timingSafeEqual } from "node:crypto";

/** The cost of a hash: memory in KiB, passes over it, lanes. */
interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

/** The cost of new hashes: about 40 ms, the first choice of OWASP's password storage cheat sheet. */
const COST: Cost = { memory: 19_456, passes: 2, lanes: 1 };
/** A stored hash may not cost more: the database is not trusted with the server's memory. */
const MOST: Cost = { memory: 262_144, passes: 10, lanes: 4 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const FORM =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([\w+/]{11,86})\$([\w+/]{22,86})$/;

interface ParsedHash {
  readonly cost: Cost;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly key: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();
const BASE64 = { alphabet: "base64", omitPadding: true } as const;

/** `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, with a new salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const key = await deriveKey(password, { cost: COST, salt, bytes: KEY_BYTES });
  const { memory, passes, lanes } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${lanes}$${salt.toBase64(BASE64)}$${
    key.toBase64(BASE64)
  }`;
}

/** The hash of no password: comparing with it costs as much as with that of an account. */
export const NO_PASSWORD = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.lanes}$` +
  `${new Uint8Array(SALT_BYTES).toBase64(BASE64)}$${new Uint8Array(KEY_BYTES).toBase64(BASE64)}`;

/**
 * Whether it is the password of this hash.
 * @throws {TypeError} when the hash is not valid, or costs more than is allowed
 */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const { cost, salt, key } = parseHash(hash);
  return timingSafeEqual(await deriveKey(password, { cost, salt, bytes: key.length }), key);
}

/** Whether a hash costs less than a new one would: then the password is hashed again at its next use. */
export function isWeakHash(hash: string): boolean {
  const { cost, key } = parseHash(hash);
  return cost.memory < COST.memory || cost.passes < COST.passes || key.length < KEY_BYTES;
}

function parseHash(hash: string): ParsedHash {
  const [, memory, passes, lanes, salt = "", key = ""] = FORM.exec(hash) ?? [];
  const cost = { memory: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  const isAllowed = cost.memory >= 8 * cost.lanes && cost.memory <= MOST.memory &&
    cost.passes >= 1 && cost.passes <= MOST.passes && cost.lanes >= 1 && cost.lanes <= MOST.lanes;
  if (!isAllowed) throw new TypeError("A stored password hash is not valid, or costs too much");
  return { cost, salt: Uint8Array.fromBase64(salt), key: Uint8Array.fromBase64(key) };
}

async function deriveKey(
  password: string,
  { cost, salt, bytes }: { cost: Cost; salt: Uint8Array<ArrayBuffer>; bytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  // The names of the draft of WebCrypto's modern algorithms, which the types do not know yet.
  const algorithm = {
    name: "Argon2id",
    nonce: salt,
    memory: cost.memory,
    passes: cost.passes,
    parallelism: cost.lanes,
  };
  const secret = encoder.encode(password);
  const key = await crypto.subtle.importKey("raw-secret" as "raw", secret, "Argon2id", false, [
    "deriveBits",
  ]);
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, bytes * 8));
}
