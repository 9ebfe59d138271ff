import { assertEquals, assertThrows } from "@std/assert";
import { addressKey, AddressLimiter, type Admission } from "../../lib/server/addresses.ts";
import { ChatError } from "../../lib/wire/errors.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";

const limits = {
  ...DEFAULT_LIMITS,
  connections_per_ip: 3,
  unauthenticated_per_ip: 2,
  new_per_min_per_ip: 5,
};

function admit(limiter: AddressLimiter, address: string): Admission {
  const admission = limiter.admit({ address, isLocal: false });
  if (typeof admission === "string") throw new Error(admission);
  return admission;
}

function isAdmitted(limiter: AddressLimiter, address: string): boolean {
  return typeof limiter.admit({ address, isLocal: false }) === "object";
}

function codeOf(call: () => void): string {
  return assertThrows(call, ChatError).code;
}

Deno.test("addresses: IPv4 counts by itself, IPv6 by its /64, a mapped IPv4 as what it is", () => {
  assertEquals(addressKey("192.0.2.1"), "192.0.2.1");
  assertEquals(addressKey("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(addressKey("2001:db8::1"), addressKey("2001:db8:0:0:ffff::2"));
  assertEquals(addressKey("2001:db8:0:1::1") === addressKey("2001:db8::1"), false);
});

Deno.test("addresses: a local peer is exempt from every limit", () => {
  const limiter = new AddressLimiter({ limits, clock: { monotonic: () => 0 } });
  for (let n = 0; n < 10; n++) {
    const admission = limiter.admit({ address: "127.0.0.1", isLocal: true });
    if (typeof admission === "string") throw new Error(admission);
    for (let m = 0; m < 50; m++) {
      admission.noteAuthFailure();
      admission.checkAuthRate();
      admission.countInquiry();
      admission.countRoom();
    }
    assertEquals(admission.isExempt, true);
  }
  assertEquals(limiter.size, 0);
});

Deno.test("addresses: each limit holds for all connections of one address", () => {
  const limiter = new AddressLimiter({ limits, clock: { monotonic: () => 0 } });
  const [first, second] = [admit(limiter, "192.0.2.1"), admit(limiter, "192.0.2.1")];
  for (let n = 0; n < 5; n++) first.countInquiry();
  for (let n = 0; n < 5; n++) second.countInquiry();
  assertEquals(codeOf(() => first.countInquiry()), "rate_limited");
  for (let n = 0; n < 30; n++) second.countRoom();
  assertEquals(codeOf(() => first.countRoom()), "rate_limited");
  for (let n = 0; n < 10; n++) second.noteAuthFailure();
  assertEquals(codeOf(() => first.checkAuthRate()), "rate_limited");
  const other = admit(limiter, "192.0.2.2");
  other.countInquiry();
  other.countRoom();
  other.checkAuthRate();
});

Deno.test("addresses: too many that have not logged in are refused, until one has", () => {
  const limiter = new AddressLimiter({ limits, clock: { monotonic: () => 0 } });
  const first = admit(limiter, "192.0.2.1");
  admit(limiter, "192.0.2.1");
  assertEquals(isAdmitted(limiter, "192.0.2.1"), false);
  first.noteAuthenticated();
  assertEquals(isAdmitted(limiter, "192.0.2.1"), true);
  assertEquals(isAdmitted(limiter, "192.0.2.1"), false);
  assertEquals(isAdmitted(limiter, "192.0.2.2"), true);
});

Deno.test("addresses: too many new ones a minute are refused, then no longer", () => {
  let now = 0;
  const limiter = new AddressLimiter({ limits, clock: { monotonic: () => now } });
  for (let n = 0; n < 5; n++) admit(limiter, "192.0.2.1").release();
  assertEquals(isAdmitted(limiter, "192.0.2.1"), false);
  now = 60_000;
  assertEquals(isAdmitted(limiter, "192.0.2.1"), true);
});

Deno.test("addresses: the eleventh failed login of an address is refused before it is checked", () => {
  const limiter = new AddressLimiter({ limits, clock: { monotonic: () => 0 } });
  const admission = admit(limiter, "192.0.2.1");
  for (let n = 0; n < 10; n++) {
    admission.checkAuthRate();
    admission.noteAuthFailure();
  }
  assertEquals(codeOf(() => admission.checkAuthRate()), "rate_limited");
});

Deno.test("addresses: an address without connections and without counts is forgotten", () => {
  let now = 0;
  const limiter = new AddressLimiter({ limits, clock: { monotonic: () => now } });
  const admission = admit(limiter, "192.0.2.1");
  now = 120_000;
  limiter.prune();
  assertEquals(limiter.size, 1);
  admission.release();
  limiter.prune();
  assertEquals(limiter.size, 0);
});
