import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Passwords } from "../../../lib/server/admission/passwords.ts";
import { ChatError } from "../../../lib/wire/errors.ts";

Deno.test("passwords: guests register as 30 accounts in 10 minutes at most, whatever their addresses", () => {
  let now = 0;
  const passwords = new Passwords({ monotonic: () => now });
  for (let n = 0; n < 30; n++) passwords.countRegistration();
  const refusal = assertThrows(() => passwords.countRegistration(), ChatError);
  assertEquals([refusal.code, refusal.details.afterMs], ["rate_limited", 20_000]);
  now += 20_000;
  passwords.countRegistration();
  assertThrows(() => passwords.countRegistration(), ChatError);
  now += 600_000;
  for (let n = 0; n < 30; n++) passwords.countRegistration();
  assertThrows(() => passwords.countRegistration(), ChatError);
});

Deno.test("passwords: an attempt above a limit is refused before the account is looked up, and hashes nothing", async () => {
  const passwords = new Passwords({ monotonic: () => 0 });
  const attempt = { nameKey: "ann", address: "192.0.2.1", password: "wrong horse" };
  let lookUps = 0;
  const find = () => {
    lookUps++;
    return Promise.resolve(undefined);
  };
  for (let n = 0; n < 3; n++) assertEquals(await passwords.check(attempt, find), undefined);
  const refusal = await assertRejects(() => passwords.check(attempt, find), ChatError);
  assertEquals([refusal.code, lookUps, passwords.hashes], ["rate_limited", 3, 3]);
});
