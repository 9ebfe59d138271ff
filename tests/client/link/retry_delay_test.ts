import { assert, assertEquals } from "@std/assert";
import { boundHint, RetryDelay } from "../../../lib/client/link/retry_delay.ts";

Deno.test("retry delay: the server's time is taken exactly", () => {
  const delay = new RetryDelay(() => 0.999_999);
  assertEquals(delay.next(480), 480);
  assertEquals(new RetryDelay(() => 0).next(), 1_000, "without one it is a second");
});

Deno.test("retry delay: a server that always says 0 is asked less and less often", () => {
  for (const random of [() => 0, () => 0.999_999]) {
    const delay = new RetryDelay(random);
    const waits = Array.from({ length: 12 }, () => delay.next(0));
    for (const [i, wait] of waits.entries()) {
      assert(wait >= Math.min(15_000, 50 * 2 ** i), `${i}: ${wait}`);
      assert(wait <= 30_000, `${i}: ${wait}`);
    }
    delay.reset();
    assert(delay.next(0) <= 100);
  }
});

Deno.test("retry delay: what a timer cannot take is bounded, whatever the server says", () => {
  for (const hint of [2 ** 31, 2 ** 53 - 1, Infinity]) {
    assertEquals(new RetryDelay(() => 0.5).next(hint), 3_600_000);
    assertEquals(boundHint(hint, 30_000), 30_000);
  }
  for (const hint of [-1, Number.NaN, -Infinity, undefined, 0]) {
    assertEquals(boundHint(hint, 30_000), 0);
  }
});

Deno.test("retry delay: many that wait for the same do not come in step", () => {
  const waits = new Set(
    Array.from({ length: 40 }, () => new RetryDelay(Math.random).nextSpread(500)),
  );
  assert(waits.size > 10, [...waits].join(" "));
  for (const wait of waits) assert(wait >= 500 && wait <= 600, String(wait));
});
