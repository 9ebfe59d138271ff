import { assert, assertEquals } from "@std/assert";
import {
  catchUp,
  cutLog,
  logFrom,
  type LogStep,
  openLog,
  resumePoint,
  type RoomLog,
  takeLive,
  takeOlder,
  takePage,
  withoutPage,
} from "../../../lib/client/state/room_log.ts";
import { message } from "../../support/clients/fake_peer.ts";
import { type Random, withRandom } from "../../support/random.ts";

const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
const seqs = (step: LogStep) => step.events.map(({ seq }) => seq);

Deno.test("room log: live events are handed on as they come, each once", () => {
  const first = takeLive(logFrom(41), message(42));
  assertEquals(seqs(first), [42]);
  assertEquals(seqs(takeLive(first.log, message(42))), []);
  assertEquals(seqs(takeLive(first.log, message(7))), []);
  assertEquals(seqs(takeLive(first.log, message(43))), [43]);
});

Deno.test("room log: a gap is noticed, paged, and what came meanwhile follows in order", () => {
  const gap = takeLive(logFrom(10), message(14));
  assertEquals(seqs(gap), []);
  assertEquals(gap.page, { after: 10 });
  const more = takeLive(gap.log, message(15));
  assertEquals(more.page, undefined, "one page at a time");
  const paged = takePage(more.log, events(11, 13));
  assertEquals(seqs(paged), [11, 12, 13, 14, 15]);
  assertEquals(paged.log.phase, { at: "live" });
  assertEquals(paged.page, undefined);
});

Deno.test("room log: a page that overlaps what was held gives nothing twice", () => {
  const gap = takeLive(logFrom(10), message(14));
  const paged = takePage(gap.log, events(11, 14));
  assertEquals(seqs(paged), [11, 12, 13, 14]);
  assertEquals(seqs(takeLive(paged.log, message(15))), [15]);
});

Deno.test("room log: a long gap takes as many pages as it needs", () => {
  let step = catchUp(logFrom(0), 250);
  const seen: number[] = [];
  while (step.page !== undefined) {
    const after = step.page.after ?? 0;
    step = takePage(step.log, events(after + 1, Math.min(after + 100, 250)));
    seen.push(...seqs(step));
  }
  assertEquals(seen, events(1, 250).map(({ seq }) => seq));
  assertEquals(step.log.phase, { at: "live" });
});

Deno.test("room log: missing events are reported, and the others follow", () => {
  const retained = takePage(catchUp(logFrom(4), 20).log, events(12, 20));
  assertEquals(retained.missing, { from: 5, to: 11 });
  assertEquals(seqs(retained).at(0), 12);

  const gap = takeLive(logFrom(10), message(14));
  const refused = withoutPage(gap.log);
  assertEquals(refused.missing, { from: 11, to: 13 });
  assertEquals(seqs(refused), [14]);
  assertEquals(refused.log.phase, { at: "live" });
});

Deno.test("room log: after an empty page no further one is requested", () => {
  const step = takePage(catchUp(logFrom(4), 9).log, []);
  assertEquals(step.page, undefined);
  assertEquals(step.missing, { from: 5, to: 9 });
  assertEquals(step.log.cursor, 9);
});

Deno.test("room log: opening shows the newest page, then live events, with no overlap", () => {
  const opened = openLog({ ...logFrom(0), oldest: 58 }, 57);
  assertEquals(opened.page, {});
  const held = takeLive(opened.log, message(58));
  assertEquals(seqs(held), []);
  const shown = takePage(held.log, events(48, 57));
  assertEquals(seqs(shown), [...events(48, 57).map(({ seq }) => seq), 58]);
  assertEquals(shown.log.oldest, 48);
  assertEquals(seqs(takeLive(shown.log, message(58))), []);
});

Deno.test("room log: live events that a page has, too, are shown once", () => {
  const opened = openLog(logFrom(0), 57);
  const held = takeLive(opened.log, message(58));
  const shown = takePage(held.log, events(50, 60));
  assertEquals(seqs(shown).at(-1), 60);
  assertEquals(seqs(takeLive(shown.log, message(59))), []);
  assertEquals(seqs(takeLive(shown.log, message(61))), [61]);
});

Deno.test("room log: opening without a page goes live behind the boundary", () => {
  const opened = openLog({ ...logFrom(0), oldest: 58 }, 57);
  const held = takeLive(opened.log, message(58));
  const refused = withoutPage(held.log);
  assertEquals(seqs(refused), [58]);
  assertEquals(refused.missing, undefined);
});

Deno.test("room log: opening on a page that holds nothing goes live behind the boundary too", () => {
  const shown = takePage(openLog({ ...logFrom(0), oldest: 58 }, 57).log, []);
  assertEquals([shown.log.phase, shown.page, shown.missing], [
    { at: "live" },
    undefined,
    undefined,
  ]);
  assertEquals(seqs(takeLive(shown.log, message(58))), [58]);
});

Deno.test("room log: a cut keeps what is shown, and resumes from there", () => {
  const paging = takeLive(logFrom(10), message(14)).log;
  assertEquals(resumePoint(cutLog(paging)), 10);
  assertEquals(seqs(takeLive(cutLog(paging), message(11))), [11]);
  const opening = openLog({ ...logFrom(0), oldest: 58 }, 57).log;
  assertEquals(resumePoint(cutLog(opening)), 57);
  assertEquals(cutLog(opening).phase.at, "opening");
});

Deno.test("room log: more than can be held is paged later, none of it lost", () => {
  let log = takeLive(logFrom(0), message(2)).log;
  for (const event of events(3, 2_000)) log = takeLive(log, event).log;
  assert(log.held.length <= 500);
  let step = takePage(log, [message(1)]);
  const seen = seqs(step);
  while (step.page !== undefined) {
    const after = step.page.after ?? 0;
    step = takePage(step.log, events(after + 1, Math.min(after + 100, 2_000)));
    seen.push(...seqs(step));
  }
  assertEquals(seen, events(1, 2_000).map(({ seq }) => seq));
});

Deno.test("room log: older pages move only the lower end", () => {
  const log = takeOlder({ ...logFrom(57), oldest: 40 }, events(20, 39));
  assertEquals([log.oldest, log.cursor], [20, 57]);
  assertEquals(takeOlder(log, []).oldest, 20);
});

Deno.test("room log: with duplicates, losses and cuts each event is shown once, in order (random)", () => {
  for (let round = 0; round < 300; round++) withRandom(playRoom);
});

/** A room that grows while a client follows it over a bad line. */
function playRoom(random: Random): void {
  let last = random.below(20);
  let log: RoomLog = logFrom(0);
  const seen: number[] = [];
  let wanted: number | undefined;
  const take = (step: LogStep) => {
    log = step.log;
    seen.push(...seqs(step));
    wanted = step.page?.after ?? wanted;
    assertEquals(step.missing, undefined);
  };
  take(catchUp(log, last));
  for (let turn = 0; turn < 60; turn++) {
    const chance = random.below(10);
    if (chance < 5) {
      last++;
      if (chance > 0) take(takeLive(log, message(last)));
      if (chance === 1) take(takeLive(log, message(1 + random.below(last))));
    } else if (chance === 9) {
      log = cutLog(log);
      wanted = undefined;
      take(catchUp(log, last));
    } else if (wanted !== undefined) {
      const after = wanted;
      wanted = undefined;
      take(takePage(log, events(after + 1, Math.min(last, after + 1 + random.below(5)))));
    }
  }
  take(takeLive(log, message(++last)));
  while (wanted !== undefined) {
    const after = wanted;
    wanted = undefined;
    take(takePage(log, events(after + 1, Math.min(last, after + 100))));
  }
  assertEquals(seen, events(1, last).map(({ seq }) => seq));
}
