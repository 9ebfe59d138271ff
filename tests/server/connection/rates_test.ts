import { assertEquals, assertThrows } from "@std/assert";
import { Rates } from "../../../lib/server/connection/rates.ts";
import { ChatError } from "../../../lib/wire/errors.ts";
import { DEFAULT_LIMITS } from "../../../lib/wire/limits.ts";

Deno.test("rates: a message over the bucket waits its turn, the one after it longer", () => {
  const rates = new Rates(DEFAULT_LIMITS);
  for (let n = 0; n < DEFAULT_LIMITS.messages_burst; n++) {
    assertEquals(rates.delay("messages", 0), 0);
  }
  assertEquals(rates.delay("messages", 0), 500);
  assertEquals(rates.delay("messages", 0), 1_000);
});

Deno.test("rates: a message that would wait more than 10 s is refused, and says when to try", () => {
  const rates = new Rates({ ...DEFAULT_LIMITS, messages_burst: 1, messages_per_s: 0.05 });
  rates.delay("messages", 0);
  const error = assertThrows(() => rates.delay("messages", 0), ChatError);
  assertEquals(error.code, "rate_limited");
  assertEquals(error.details, { retry: true, afterMs: 20_000 });
});

Deno.test("rates: other requests over the bucket are refused", () => {
  const rates = new Rates(DEFAULT_LIMITS);
  for (let n = 0; n < DEFAULT_LIMITS.requests_burst; n++) rates.request("requests", 0);
  assertEquals(assertThrows(() => rates.request("requests", 0), ChatError).code, "rate_limited");
  rates.request("inquiries", 0);
  rates.request("requests", 100);
});

Deno.test("rates: bytes over the bucket stop the reading for as long as they are over", () => {
  const rates = new Rates(DEFAULT_LIMITS);
  assertEquals(rates.readBytes(DEFAULT_LIMITS.bytes_burst, 0), 0);
  assertEquals(rates.readBytes(DEFAULT_LIMITS.bytes_per_s, 0), 1_000);
});

Deno.test("rates: more refusals than a minute allows are a flood", () => {
  const rates = new Rates(DEFAULT_LIMITS);
  for (let n = 0; n < DEFAULT_LIMITS.refusals_per_min; n++) assertEquals(rates.refused(0), false);
  assertEquals(rates.refused(0), true);
});

Deno.test("rates: pages wait their turn, and what is replayed counts as pages do", () => {
  const rates = new Rates({ ...DEFAULT_LIMITS, history_burst: 2, history_per_s: 10 });
  assertEquals([rates.delay("history", 0), rates.delay("history", 0)], [0, 0]);
  assertEquals(rates.delay("history", 0), 100);
  assertEquals(rates.replay(0.5, 0), 150);
  assertEquals(rates.replay(2, 0), 350);
  assertEquals(rates.delay("history", 0), 450);
});
