// Alarms: nobody has seen an inquiry, or nobody has answered it, for as long as is configured. Each is one
// event of the room `desk`, on any number of servers; the time is counted by the monotonic clock, as
// questions expire. Knows no SQL.

import type { Repository, WaitingInquiry } from "../../store/repository.ts";
import type { Clock } from "../../time.ts";
import { authorOfRecord } from "../event_frames.ts";
import type { DeskLog } from "./desk_log.ts";
import type { AlarmTimes, DeskSettings } from "./desk_settings.ts";
import { QuestionDeadlines } from "./question_deadlines.ts";

interface AlarmsOptions {
  readonly inquiries: Pick<Repository["inquiries"], "unalarmed">;
  readonly log: DeskLog;
  readonly clock: Clock;
  readonly settings: () => DeskSettings;
}

type AlarmKind = keyof AlarmTimes;

/** Inquiries that one look at the store brings. */
const LOOKED_AT = 1_000;

export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #unseen: AlarmDeadlines;
  readonly #unanswered: AlarmDeadlines;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#unseen = new AlarmDeadlines(options.clock);
    this.#unanswered = new AlarmDeadlines(options.clock);
  }

  /** Gives the alarms that are due; to be called again and again. @throws what the store throws */
  async giveSome(): Promise<void> {
    const settings = this.#options.settings();
    const all = [settings.alarms, ...settings.queueAlarms.values()];
    const isAny = all.some(({ unseen, unanswered }) => (unseen ?? unanswered) !== undefined);
    if (!isAny) return;
    const waiting = await this.#options.inquiries.unalarmed({ limit: LOOKED_AT });
    for (const inquiry of waiting) {
      const { waitingSince, seen, unseenAt, unansweredAt = -1 } = inquiry;
      const times = timesOf(inquiry, settings);
      if (seen === undefined && unseenAt === undefined) {
        await this.#check(inquiry, "unseen", times);
      }
      if (unansweredAt < waitingSince) await this.#check(inquiry, "unanswered", times);
    }
    const numbers = new Set(waiting.map(({ inquiry }) => inquiry));
    this.#unseen.keep(numbers);
    this.#unanswered.keep(numbers);
  }

  async #check(waiting: WaitingInquiry, kind: AlarmKind, times: AlarmTimes): Promise<void> {
    const after = times[kind];
    if (after === undefined) return;
    const { inquiry, waitingSince, asker } = waiting;
    const deadlines = kind === "unseen" ? this.#unseen : this.#unanswered;
    if (!deadlines.isOver(inquiry, waitingSince + after)) return;
    // In its asker's name. Another server may have done so.
    const { user, from } = authorOfRecord(asker);
    const author = { user, name: from, role: asker.role };
    const body = { kind: "desk", content: "", inquiry, change: kind } as const;
    await this.#options.log.change({ author, body });
  }
}

/** A queue that sets one of the two has the other from all queues. */
function timesOf({ queue = "" }: WaitingInquiry, settings: DeskSettings): AlarmTimes {
  return { ...settings.alarms, ...settings.queueAlarms.get(queue) };
}

/** When the alarms of one kind are due, which may change. */
class AlarmDeadlines {
  readonly #deadlines: QuestionDeadlines;
  /** UTC milliseconds, by inquiry. */
  readonly #due = new Map<number, number>();

  constructor(clock: Clock) {
    this.#deadlines = new QuestionDeadlines(clock);
  }

  isOver(inquiry: number, due: number): boolean {
    if (this.#due.get(inquiry) !== due) {
      this.#deadlines.forget(inquiry);
      this.#due.set(inquiry, due);
      this.#deadlines.note(inquiry, due);
    }
    return this.#deadlines.isOver(inquiry);
  }

  /** Forgets all others. */
  keep(inquiries: ReadonlySet<number>): void {
    for (const inquiry of this.#due.keys()) {
      if (inquiries.has(inquiry)) continue;
      this.#deadlines.forget(inquiry);
      this.#due.delete(inquiry);
    }
  }
}
