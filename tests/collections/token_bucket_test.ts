import { assertEquals } from "@std/assert";
import { TokenBucket } from "../../lib/collections/token_bucket.ts";

Deno.test("token bucket: gives its burst at once, then fills at its rate", () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 });
  for (let n = 0; n < 3; n++) {
    assertEquals(bucket.waitFor(1, 0), 0);
    bucket.take(1, 0);
  }
  assertEquals(bucket.waitFor(1, 0), 500);
  assertEquals(bucket.waitFor(1, 400), 100);
  assertEquals(bucket.waitFor(1, 500), 0);
  assertEquals(bucket.isFull(10_000), true);
});

Deno.test("token bucket: never holds more than its burst", () => {
  const bucket = new TokenBucket({ burst: 2, perSecond: 10 });
  bucket.take(2, 3_600_000);
  assertEquals(bucket.waitFor(1, 3_600_000), 100);
});

Deno.test("token bucket: gives one token while there is one, then at its rate", () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 });
  const take = (times: number, now: number) =>
    Array.from({ length: times }, () => bucket.tryTake(now));
  assertEquals(take(5, 0), [true, true, true, false, false]);
  assertEquals(take(1, 499), [false]);
  assertEquals(take(2, 500), [true, false]);
  assertEquals(take(4, 60_000), [true, true, true, false]);
});
