import { assertEquals, assertThrows } from "@std/assert";
import { addressKey, AddressLimiter, isLoopback } from "../../lib/server/addresses.ts";
import { ChatError } from "../../lib/wire/errors.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";

const limits = {
  ...DEFAULT_LIMITS,
  connections_per_ip: 3,
  unauthenticated_per_ip: 2,
  new_per_min_per_ip: 5,
};

Deno.test("addresses: IPv4 counts by itself, IPv6 by its /64, a mapped IPv4 as what it is", () => {
  assertEquals(addressKey("192.0.2.1"), "192.0.2.1");
  assertEquals(addressKey("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(addressKey("2001:db8::1"), addressKey("2001:db8:0:0:ffff::2"));
  assertEquals(addressKey("2001:db8:0:1::1") === addressKey("2001:db8::1"), false);
});

Deno.test("addresses: this machine itself is exempt", () => {
  assertEquals(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].every(isLoopback), true);
  const book = new AddressLimiter({
    limits: { ...limits, connections_per_ip: 1 },
    monotonic: () => 0,
    loopback: "exempt",
  });
  for (let n = 0; n < 5; n++) assertEquals(typeof book.enter("127.0.0.1"), "object");
  assertEquals(book.size, 0);
});

Deno.test("addresses: this machine is limited like others where that is wanted", () => {
  const book = new AddressLimiter({ limits, monotonic: () => 0, loopback: "limited" });
  for (const address of ["127.0.0.1", "::1"]) {
    assertEquals(book.isExempt(address), false);
    for (let n = 0; n < 2; n++) assertEquals(typeof book.enter(address), "object");
    assertEquals(typeof book.enter(address), "string");
    for (let n = 0; n < 10; n++) book.noteAuthFailure(address);
    assertEquals(assertThrows(() => book.checkAuthRate(address), ChatError).code, "rate_limited");
    for (let n = 0; n < 10; n++) book.countInquiry(address);
    assertEquals(assertThrows(() => book.countInquiry(address), ChatError).code, "rate_limited");
    for (let n = 0; n < 30; n++) book.countRoom(address);
    assertEquals(assertThrows(() => book.countRoom(address), ChatError).code, "rate_limited");
  }
});

Deno.test("addresses: too many that have not logged in are turned away, until one has", () => {
  const book = new AddressLimiter({ limits: limits, monotonic: () => 0, loopback: "exempt" });
  const first = book.enter("192.0.2.1");
  book.enter("192.0.2.1");
  assertEquals(typeof book.enter("192.0.2.1"), "string");
  if (typeof first !== "string") first.authenticated();
  assertEquals(typeof book.enter("192.0.2.1"), "object");
  assertEquals(typeof book.enter("192.0.2.1"), "string");
  assertEquals(typeof book.enter("192.0.2.2"), "object");
});

Deno.test("addresses: too many new ones a minute are turned away, then no longer", () => {
  let now = 0;
  const book = new AddressLimiter({ limits: limits, monotonic: () => now, loopback: "exempt" });
  for (let n = 0; n < 5; n++) {
    const visit = book.enter("192.0.2.1");
    if (typeof visit !== "string") visit.leave();
  }
  assertEquals(typeof book.enter("192.0.2.1"), "string");
  now = 60_000;
  assertEquals(typeof book.enter("192.0.2.1"), "object");
});

Deno.test("addresses: the eleventh failed login of an address is refused unasked", () => {
  const book = new AddressLimiter({ limits: limits, monotonic: () => 0, loopback: "exempt" });
  for (let n = 0; n < 10; n++) {
    book.checkAuthRate("192.0.2.1");
    book.noteAuthFailure("192.0.2.1");
  }
  assertEquals(assertThrows(() => book.checkAuthRate("192.0.2.1"), ChatError).code, "rate_limited");
});

Deno.test("addresses: one with nothing to remember is forgotten", () => {
  let now = 0;
  const book = new AddressLimiter({ limits: limits, monotonic: () => now, loopback: "exempt" });
  const visit = book.enter("192.0.2.1");
  now = 120_000;
  book.prune();
  assertEquals(book.size, 1);
  if (typeof visit !== "string") visit.leave();
  book.prune();
  assertEquals(book.size, 0);
});
