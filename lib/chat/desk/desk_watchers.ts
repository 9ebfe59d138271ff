// The operators who are connected to this server, and the questions that they are notified of: each once, whichever server it
// was asked on. Knows no connection and no SQL.

import type { Inquiries } from "../../store/repository.ts";
import type { InquiryRecord } from "../../store/records.ts";
import type { RoomEvent } from "../../wire/event.ts";
import { authorOfRecord, toEvent } from "../event_frames.ts";
import { Audience, type Fanout, type Member } from "../fanout.ts";
import type { Principal } from "../people/principal.ts";

/** How many of the latest waiting inquiries a poll looks at for questions asked on other servers. */
const POLLED = 100;

/** A question: its seq, and that of the latest event that has changed it. */
interface Notified {
  readonly seq: number;
  readonly changed: number;
}

export class DeskWatchers {
  readonly #inquiries: Pick<Inquiries, "waiting">;
  readonly #audience: Audience;
  /** The latest question that the operators were notified of, by waiting inquiry. */
  readonly #notified = new Map<number, Notified>();

  constructor(inquiries: Pick<Inquiries, "waiting">, fanout: Fanout) {
    this.#inquiries = inquiries;
    this.#audience = new Audience(fanout);
  }

  /** How many operators are notified of questions. */
  get size(): number {
    return this.#audience.size;
  }

  /**
   * From now on the operator's connection is notified of questions. Each delivery asks whether its user may
   * see them now: a user who is no operator any more gets nothing more.
   * @returns what ends it
   */
  add(operator: Principal, connection: Member): () => void {
    const member: Member = {
      deliver: (batch) => mayWatchDesk(operator) && connection.deliver(batch),
    };
    this.#audience.add(member);
    return () => this.#audience.delete(member);
  }

  /** Notifies of the latest question of an inquiry, as it is now. */
  notifyOf({ id, room, asker, waitingSince = 0, ...asked }: InquiryRecord): void {
    const { askedSeq = 0, askedContent, askedEdited, askedDeleted, terms } = asked;
    const changes = { edited: askedEdited, deleted: askedDeleted };
    const body = { kind: "message", content: askedContent, ...changes, ...terms } as const;
    const position = { room: room.name, seq: askedSeq, time: waitingSince };
    this.notify(id, toEvent(authorOfRecord(asker), body, position));
  }

  /** Notifies of a question. To operators it is an `inquiry`: its event, and the inquiry's number. */
  notify(inquiry: number, question: RoomEvent): void {
    const { seq, edited = 0, deleted = 0 } = question;
    const before = this.#notified.get(inquiry);
    if (before === undefined || seq >= before.seq) {
      this.#notified.set(inquiry, { seq, changed: Math.max(edited, deleted) });
    }
    this.#audience.publish({ ...question, type: "inquiry", inquiry });
  }

  /** The question with this seq has an answer; without a seq, every question of the inquiry has. */
  noteAnswered(inquiry: number, seq: number | undefined): void {
    if (seq === undefined || seq >= (this.#notified.get(inquiry)?.seq ?? 0)) {
      this.#notified.delete(inquiry);
    }
  }

  /** Notifies of questions that were asked or changed on other servers. @throws what the store throws */
  async poll(): Promise<void> {
    if (this.#audience.size === 0) return;
    const waiting = await this.#inquiries.waiting({ order: "latest", limit: POLLED });
    for (const inquiry of waiting.toReversed()) {
      if (inquiry.waitingSince === undefined || inquiry.askedSeq === undefined) continue;
      if (isNewer(inquiry, this.#notified.get(inquiry.id))) this.notifyOf(inquiry);
    }
    const stillWaiting = new Set(waiting.map(({ id }) => id));
    for (const id of this.#notified.keys()) if (!stillWaiting.has(id)) this.#notified.delete(id);
  }
}

function isNewer(
  { askedSeq = 0, askedEdited = 0, askedDeleted = 0 }: InquiryRecord,
  { seq, changed }: Notified = { seq: 0, changed: 0 },
): boolean {
  return askedSeq > seq || (askedSeq === seq && Math.max(askedEdited, askedDeleted) > changed);
}

/** Whether the principal may see the queue and every inquiry that is asked. */
export function mayWatchDesk(principal: Principal): boolean {
  return principal.hasRole("operator");
}
