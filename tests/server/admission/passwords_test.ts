import { assertEquals, assertThrows } from "@std/assert";
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
