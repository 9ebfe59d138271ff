// Everything a server does periodically, and how often.

import type { Repository } from "../store/repository.ts";
import { PeriodicTask } from "./periodic_task.ts";
import { ClockJumpDetector } from "./process/clock_watch.ts";
import type { ServerContext } from "./server_context.ts";
import type { SessionRegistry } from "./sessions.ts";

interface ScheduleOptions {
  readonly sessions: SessionRegistry;
  readonly repository: Repository;
  /** Whether other servers write to the same store. */
  readonly sharesStore: boolean;
  readonly hasBus: boolean;
  /** How many times as often as usual everything is done, for tests. */
  readonly pace: number;
}

const SWEEP_MS = 500;
/** How soon another server's events are delivered here, without a bus. */
const SHARED_POLL_MS = 200;
/** How soon they are when a notice of them was lost; by a notice it is at once. */
const NOTIFIED_POLL_MS = 1_000;
const OWN_POLL_MS = 1_000;
const PULSE_MS = 1_000;
const COUNTS_MS = 10_000;
const PRUNE_MS = 60_000;
const EXPIRE_MS = 3_600_000;
/** How late a question closes after its time, at most. */
const QUESTIONS_MS = 500;
/** How late an alarm of the desk is, at most. */
const ALARMS_MS = 1_000;
/** How often unused rooms are looked for, and how often at least before one is removed. */
const UNUSED_MS = 60_000;
const LOOKS_BEFORE_REMOVAL = 4;
const LEAST_UNUSED_MS = 20;

/** How often messages are added to the index of the search, and how many transactions at a time. */
const INDEX_MS = 1_000;
const INDEXED_AT_ONCE = 20;

/** Starts all of it; each task is stopped by its `stop`. */
export function startSchedule(
  { hub, addresses, faults, clock, budget, limits }: ServerContext,
  { sessions, repository, sharesStore, hasBus, pace }: ScheduleOptions,
): readonly PeriodicTask[] {
  const clockJumps = new ClockJumpDetector(clock);
  const sharedPollMs = hasBus ? NOTIFIED_POLL_MS : SHARED_POLL_MS;
  const every = (everyMs: number, name: string, work: () => void | Promise<void>) =>
    new PeriodicTask(work, {
      everyMs: everyMs / pace,
      onError: (error) => void faults.record(name, error),
    });
  const sweep = every(SWEEP_MS, "sweep", () => {
    sessions.sweep();
    if (budget.isOver) sessions.cutLargest();
  });
  const poll = every(
    sharesStore ? sharedPollMs : OWN_POLL_MS,
    "poll",
    () => hub.poll(sharesStore ? "all" : "doubtful"),
  );
  const pulses = hasBus ? [every(PULSE_MS, "pulse", () => hub.pulse())] : [];
  const counts = every(COUNTS_MS, "counts", () => hub.memberships.announceCounts());
  const prune = every(PRUNE_MS, "addresses", () => addresses.prune());
  const looksMs = Math.max(LEAST_UNUSED_MS, limits.unused_room_ms / LOOKS_BEFORE_REMOVAL);
  const unused = every(Math.min(UNUSED_MS, looksMs), "unused rooms", () => hub.removeUnused());
  const expire = every(EXPIRE_MS, "expire", async () => {
    if (!clockJumps.isSteady()) return;
    // A connection may be older than a token is valid without a login.
    await repository.tokens.noteUses(sessions.tokensInUse(), { now: clock.now() });
    await repository.users.expire({ now: clock.now() });
    await repository.codes.expire({ now: clock.now() });
    await repository.accounts.expire({ now: clock.now() });
  });
  const index = every(INDEX_MS, "search index", () => indexSome(repository));
  // At once: those of an earlier start are known before anything is asked now.
  const questions = new PeriodicTask(
    async () => {
      await hub.desk.decisions.expireSome({ looksAlways: sharesStore });
      await hub.desk.snoozes.wakeSome({ looksAlways: sharesStore });
    },
    {
      everyMs: QUESTIONS_MS / pace,
      startsAtOnce: true,
      onError: (error) => void faults.record("questions", error),
    },
  );
  const alarms = every(ALARMS_MS, "desk alarms", () => hub.desk.alarms.giveSome());
  return [index, questions, alarms, sweep, poll, ...pulses, counts, prune, unused, expire];
}

/** Some transactions, with turns of the event loop between them: at most 2,000 messages a second. */
async function indexSome({ search }: Repository): Promise<void> {
  for (let time = 0; time < INDEXED_AT_ONCE; time++) {
    if ((await search.index()).isDone) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
