import { assert, assertEquals } from "@std/assert";
import { PageRate } from "../../../lib/client/history/page_rate.ts";

/** A reader of so many pages from a server with such a bucket; how long it took, how often refused. */
function read(
  pages: number,
  { burst, perSecond }: { readonly burst: number; readonly perSecond: number },
): { readonly ms: number; readonly refusals: number } {
  const pace = new PageRate();
  const msPerToken = 1_000 / perSecond;
  let now = 0;
  let fullAt = 0;
  let refusals = 0;
  for (let page = 0; page < pages; page++) {
    now += pace.waitMs(now);
    for (;;) {
      const wait = Math.max(0, Math.ceil(fullAt - now - (burst - 1) * msPerToken));
      if (wait === 0) break;
      refusals++;
      pace.refused(now + wait);
      now += wait;
    }
    fullAt = Math.max(fullAt, now) + msPerToken;
    pace.allowed(now);
    now += 2; // What a page takes.
  }
  return { ms: now, refusals };
}

Deno.test("page pace: a server without a limit is asked at once", () => {
  assertEquals(read(1_000, { burst: 1e9, perSecond: 1e9 }), { ms: 2_000, refusals: 0 });
});

Deno.test("page pace: a limit is kept to, at its full speed, with few refusals", () => {
  for (const limit of [{ burst: 5, perSecond: 2 }, { burst: 20, perSecond: 50 }]) {
    const { ms, refusals } = read(600, limit);
    const least = (600 - limit.burst) * 1_000 / limit.perSecond;
    assert(ms < least * 1.05 + 100, `${ms} of ${least}`);
    assert(refusals <= 5 + ms / 2_000, `${refusals} refusals in ${ms} ms`);
  }
});

Deno.test("page pace: one long pause of the server's does not slow what follows for long", () => {
  const pace = new PageRate();
  pace.allowed(0);
  pace.refused(10_000);
  let now = 10_000;
  let pages = 0;
  for (; now < 60_000; pages++) {
    pace.allowed(now);
    now += Math.max(2, pace.waitMs(now));
  }
  assert(pages > 1_000, `${pages} pages`);
});
