import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import {
  hashPassword,
  isPassword,
  isWeakHash,
  NO_PASSWORD,
} from "../../../lib/server/admission/password_hash.ts";

/** Hashes of "password" in the tests of the reference implementation of Argon2. */
const REFERENCE = [
  "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
  "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
  "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
];
const SALT_AND_KEY = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

Deno.test("password hash: a new one has its cost in it, a salt of its own, and is not weak", async () => {
  const [hash, again] = [await hashPassword("correct horse"), await hashPassword("correct horse")];
  assertMatch(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assertNotEquals(hash, again);
  assert(await isPassword("correct horse", hash));
  assert(!await isPassword("correct horsf", hash));
  assert(!isWeakHash(hash));
  assert(!isWeakHash(NO_PASSWORD));
});

Deno.test("password hash: those of the reference implementation are read, whatever their cost", async () => {
  for (const hash of REFERENCE) {
    assert(await isPassword("password", hash), hash);
    assert(!await isPassword("passwore", hash), hash);
  }
});

Deno.test("password hash: one that costs less than a new one is weak", () => {
  assertEquals(REFERENCE.map(isWeakHash), [false, true, true]);
  assert(isWeakHash(`$argon2id$v=19$m=19456,t=1,p=1${SALT_AND_KEY}`));
  assert(isWeakHash("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c"));
});

Deno.test("password hash: one that costs more than the server may spend is refused, not computed", async () => {
  assert(isWeakHash(`$argon2id$v=19$m=262144,t=1,p=1${SALT_AND_KEY}`));
  assert(!isWeakHash(`$argon2id$v=19$m=262144,t=10,p=4${SALT_AND_KEY}`));
  const refused = [
    "m=262145,t=2,p=1",
    "m=19456,t=11,p=1",
    "m=19456,t=2,p=5",
    "m=7,t=2,p=1",
    "m=31,t=2,p=4",
    "m=19456,t=0,p=1",
    "m=19456,t=2,p=0",
    "m=99999999,t=2,p=1",
  ];
  for (const cost of refused) {
    const hash = `$argon2id$v=19$${cost}${SALT_AND_KEY}`;
    await assertRejects(() => isPassword("password", hash), TypeError, "costs too much");
  }
});

Deno.test("password hash: what is no hash of this kind is refused", async () => {
  const wrong = [
    "",
    "password",
    `$argon2i$v=19$m=65536,t=2,p=1${SALT_AND_KEY}`,
    `$argon2id$v=16$m=65536,t=2,p=1${SALT_AND_KEY}`,
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ",
    `${REFERENCE[0]}=`,
  ];
  for (const hash of wrong) await assertRejects(() => isPassword("password", hash), TypeError);
});
