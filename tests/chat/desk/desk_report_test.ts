// A report of the desk, from inquiries that the test invents.

import { assertEquals } from "@std/assert";
import { createReport } from "../../../lib/chat/desk/desk_report.ts";
import type { AskedInquiry } from "../../../lib/store/desk/records.ts";

const NOW = 1_000_000;

function answered(ms: number, opened = 0): AskedInquiry {
  return {
    opened,
    queue: undefined,
    outcome: "answered",
    firstAnswered: opened + ms,
    closed: undefined,
  };
}

function waiting(ms: number): AskedInquiry {
  return {
    opened: NOW - ms,
    queue: undefined,
    outcome: "waiting",
    firstAnswered: undefined,
    closed: undefined,
  };
}

function expired(ms: number): AskedInquiry {
  return { opened: 0, queue: undefined, outcome: "expired", firstAnswered: undefined, closed: ms };
}

/** The median, the 90th percentile and the longest wait. */
function waitsOf(inquiries: readonly AskedInquiry[]): readonly (number | undefined)[] {
  const report = createReport({ inquiries, more: false }, { since: 0, now: NOW });
  return [report.median_ms, report.p90_ms, report.longest_ms];
}

Deno.test("desk report: where all are answered the waits are the plain quantiles", () => {
  const waits = [7, 1, 10, 4, 2, 9, 3, 8, 5, 6];
  assertEquals(waitsOf(waits.map((ms) => answered(ms))), [5, 9, 10]);
  assertEquals(waitsOf([answered(3)]), [3, 3, 3]);
  assertEquals(waitsOf([]), [undefined, undefined, undefined]);
});

Deno.test("desk report: inquiries without an answer count as still waiting", () => {
  const quick = [1, 2, 3, 4].map((ms) => answered(ms));
  assertEquals(waitsOf(quick), [2, 4, 4]);
  // Six that nobody has answered: less than half have an answer after all the time that they waited.
  const left = [100, 100, 100, 100, 100, 100].map(waiting);
  assertEquals(waitsOf([...quick, ...left]), [undefined, undefined, 100]);
  assertEquals(waitsOf([...quick, ...left.slice(2)]), [4, undefined, 100]);
});

Deno.test("desk report: one that has waited shortly says nothing about later answers", () => {
  // At 10 three of the four that are still waiting are answered: 1/4 is left, at 20 none.
  assertEquals(waitsOf([waiting(5), answered(10), answered(10), answered(10), answered(20)]), [
    10,
    20,
    20,
  ]);
  // One that ended without an answer at the same time as another was answered had none until then.
  assertEquals(waitsOf([expired(10), answered(10)]), [10, undefined, 10]);
});

Deno.test("desk report: each inquiry is counted once, and no wait is negative", () => {
  const inquiries = [
    answered(-3_600_000, 5_000_000),
    waiting(1),
    expired(9),
    ...(["decided", "withdrawn", "resolved"] as const).map((outcome) => ({
      opened: 0,
      queue: undefined,
      outcome,
      firstAnswered: undefined,
      closed: 2,
    })),
  ];
  const report = createReport({ inquiries, more: true }, { since: 0, now: NOW });
  const { asked, answered: yes, decided, withdrawn, expired: over, resolved, waiting: left } =
    report;
  assertEquals([asked, yes, decided, withdrawn, over, resolved, left], [6, 1, 1, 1, 1, 1, 1]);
  assertEquals([report.longest_ms, report.more, report.until], [9, true, NOW]);
});

Deno.test("desk report: by queue, the largest first, and no more than twenty", () => {
  const inQueue = (queue: string, ...waits: readonly number[]) =>
    waits.map((ms) => ({ ...answered(ms), queue }));
  const many = Array.from({ length: 30 }, (_, n) => inQueue(`other-${n}`, 1)).flat();
  const inquiries = [...many, ...inQueue("net", 5, 7), ...inQueue("db", 1, 2, 3), answered(9)];
  const report = createReport({ inquiries, more: false }, { since: 0, now: NOW });
  assertEquals([report.asked, report.queues.length], [36, 20]);
  const [first, second] = report.queues.map(({ queue, asked, p90_ms }) => [queue, asked, p90_ms]);
  assertEquals([first, second], [["db", 3, 3], ["net", 2, 7]]);
});
