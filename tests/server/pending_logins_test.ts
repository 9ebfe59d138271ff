import { assertEquals } from "@std/assert";
import { type PendingLogin, PendingLogins } from "../../lib/server/pending_logins.ts";

function login(address: string): PendingLogin & { isBeingAnswered: boolean } {
  return { address, isBeingAnswered: false };
}

Deno.test("pending logins: the one without progress for the longest time is ended first", () => {
  const logins = new PendingLogins();
  assertEquals(logins.findStalled(), undefined);
  const [first, second, third] = [login("::1"), login("::1"), login("::1")];
  for (const one of [first, second, third]) logins.add(one);
  assertEquals(logins.findStalled() === first, true);
  logins.noteProgress(first);
  assertEquals(logins.findStalled() === second, true);
  logins.delete(second);
  logins.delete(second);
  assertEquals([logins.size, logins.findStalled() === third], [2, true]);
  logins.delete(third);
  assertEquals(logins.findStalled() === first, true);
});

Deno.test("pending logins: an address with the most of them loses one first, an IPv6 network as one", () => {
  const logins = new PendingLogins();
  const early = login("192.0.2.1");
  logins.add(early);
  const flood = [1, 2, 3].map((n) => login(`2001:db8::${n}`));
  for (const one of flood) logins.add(one);
  for (const one of flood.slice(0, 2)) {
    assertEquals(logins.findStalled() === one, true);
    logins.delete(one);
  }
  // One each: whose was there first.
  logins.add(login("192.0.2.2"));
  assertEquals(logins.findStalled() === early, true);
});

Deno.test("pending logins: one that waits for its own login is spared, at whichever address", () => {
  const logins = new PendingLogins();
  const [first, second] = [login("192.0.2.1"), login("192.0.2.1")];
  const other = login("192.0.2.2");
  for (const one of [first, second, other]) logins.add(one);
  first.isBeingAnswered = true;
  assertEquals(logins.findStalled() === second, true);
  second.isBeingAnswered = true;
  assertEquals(logins.findStalled() === other, true);
  other.isBeingAnswered = true;
  assertEquals(logins.findStalled(), undefined);
});
