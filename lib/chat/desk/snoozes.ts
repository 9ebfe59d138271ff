// Inquiries that are out of the queue for a while, and how they come back when their time is over: by the
// monotonic clock, as questions expire. Knows no SQL.

import type { Repository } from "../../store/repository.ts";
import type { InquiryRecord } from "../../store/records.ts";
import type { Clock } from "../../time.ts";
import { authorOfRecord } from "../event_frames.ts";
import type { DeskLog } from "./desk_log.ts";
import { QuestionDeadlines } from "./question_deadlines.ts";

interface SnoozesOptions {
  readonly inquiries: Pick<Repository["inquiries"], "find" | "snoozed">;
  readonly log: DeskLog;
  readonly clock: Clock;
}

/** Inquiries that one look at the store brings. */
const LOOKED_AT = 1_000;

export class Snoozes {
  readonly #options: SnoozesOptions;
  readonly #deadlines: QuestionDeadlines;
  /** The end of each snooze whose deadline is noted, UTC milliseconds. */
  readonly #ends = new Map<number, number>();
  /** Whether every snooze of the store was noticed. */
  #knowsAll = false;

  constructor(options: SnoozesOptions) {
    this.#options = options;
    this.#deadlines = new QuestionDeadlines(options.clock);
  }

  /** An inquiry is out of the queue until then, UTC milliseconds. */
  note(inquiry: number, until: number): void {
    if (this.#ends.get(inquiry) === until) return;
    this.#deadlines.forget(inquiry);
    this.#ends.set(inquiry, until);
    this.#deadlines.note(inquiry, until);
  }

  /**
   * Brings back those whose time is over; to be called again and again.
   * @param options.looksAlways as of `Decisions.expireSome`
   * @throws what the store throws
   */
  async wakeSome({ looksAlways = true }: { looksAlways?: boolean } = {}): Promise<void> {
    if (!looksAlways && this.#knowsAll && !this.#deadlines.hasOver) return;
    const { inquiries } = this.#options;
    const snoozed = await inquiries.snoozed({ limit: LOOKED_AT });
    for (const { inquiry, until } of snoozed) {
      this.note(inquiry, until);
      if (!this.#deadlines.isOver(inquiry)) continue;
      const record = await inquiries.find(inquiry);
      if (record !== undefined) await this.#wake(record, until);
    }
    this.#knowsAll = snoozed.length < LOOKED_AT;
    const still = new Set(snoozed.map(({ inquiry }) => inquiry));
    // Brought back in another way.
    for (const inquiry of this.#deadlines.over()) if (!still.has(inquiry)) this.#forget(inquiry);
  }

  /** In its asker's name. Another server may have done so, or an operator have put it off again. */
  async #wake({ id, asker }: InquiryRecord, until: number): Promise<void> {
    const { user, from } = authorOfRecord(asker);
    const author = { user, name: from, role: asker.role };
    const body = { kind: "desk", content: "", inquiry: id, change: "reopened", until } as const;
    const appended = await this.#options.log.change({ author, body });
    if (!("refused" in appended)) this.#forget(id);
  }

  #forget(inquiry: number): void {
    this.#deadlines.forget(inquiry);
    this.#ends.delete(inquiry);
  }
}
