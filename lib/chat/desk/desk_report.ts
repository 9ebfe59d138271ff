// What has become of the inquiries of a period, and how long they waited for their first answer. Those
// without an answer count as still waiting: a median of the answered ones alone would be shorter the more
// inquiries are left without an answer. Pure.

import type { AskedInquiries, AskedInquiry } from "../../store/desk/records.ts";
import type { DeskFigures, DeskReport } from "../../wire/summaries.ts";

/** A wait for the first answer; without `isAnswered` it was at least so long. */
interface Wait {
  readonly ms: number;
  readonly isAnswered: boolean;
}

/** How many queues are reported, the largest first: an asker names one as they like. */
const MOST_QUEUES = 20;

/** The report of the inquiries that were opened between `since` and `now`, UTC milliseconds. */
export function createReport(
  { inquiries, more }: AskedInquiries,
  { since, now }: { readonly since: number; readonly now: number },
): DeskReport {
  const byQueue = Map.groupBy(inquiries, ({ queue }) => queue);
  const named = Array.from(byQueue, ([queue, some]) => ({ queue, some }))
    .filter((one): one is { queue: string; some: AskedInquiry[] } => one.queue !== undefined)
    .sort((a, b) => b.some.length - a.some.length)
    .slice(0, MOST_QUEUES);
  return {
    since: more ? inquiries.at(-1)?.opened ?? since : since,
    until: now,
    ...figuresOf(inquiries, now),
    queues: named.map(({ queue, some }) => ({ queue, ...figuresOf(some, now) })),
    more,
  };
}

function figuresOf(inquiries: readonly AskedInquiry[], now: number): DeskFigures {
  const count = (outcome: AskedInquiry["outcome"]) =>
    inquiries.filter((inquiry) => inquiry.outcome === outcome).length;
  return {
    asked: inquiries.length,
    answered: count("answered"),
    decided: count("decided"),
    withdrawn: count("withdrawn"),
    expired: count("expired"),
    resolved: count("resolved"),
    waiting: count("waiting"),
    ...quantiles(inquiries.map((inquiry) => waitOf(inquiry, now))),
  };
}

/** The clock may have been set back between a question and its answer: no wait is negative. */
function waitOf({ opened, firstAnswered, closed }: AskedInquiry, now: number): Wait {
  const end = firstAnswered ?? closed ?? now;
  return { ms: Math.max(0, end - opened), isAnswered: firstAnswered !== undefined };
}

/**
 * The median and the 90th percentile by the estimator of Kaplan and Meier: an inquiry without an answer is
 * among those that wait until it is closed, or until now. One that is not reached is missing: it is above
 * the longest wait.
 */
function quantiles(
  waits: readonly Wait[],
): Pick<DeskFigures, "median_ms" | "p90_ms" | "longest_ms"> {
  const sorted = waits.toSorted((a, b) =>
    a.ms - b.ms || Number(b.isAnswered) - Number(a.isAnswered)
  );
  let median: number | undefined;
  let p90: number | undefined;
  let waiting = 1;
  for (const [at, { ms, isAnswered }] of sorted.entries()) {
    if (isAnswered) waiting *= 1 - 1 / (sorted.length - at);
    if (waiting <= 0.5 + ROUNDING) median ??= ms;
    if (waiting <= 0.1 + ROUNDING) p90 ??= ms;
  }
  return { median_ms: median, p90_ms: p90, longest_ms: sorted.at(-1)?.ms };
}

/** A share is a product of fractions. */
const ROUNDING = 1e-9;
