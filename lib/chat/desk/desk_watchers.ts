// The operators who are connected to this server, and the questions that they are notified of: each once, whichever server it
// was asked on. Knows no connection and no SQL.

import type { Inquiries } from "../../store/repository.ts";
import type { RoomEvent } from "../../wire/event.ts";
import { authorOfRecord, toEvent } from "../event_frames.ts";
import { Audience, type Fanout, type Member } from "../fanout.ts";
import type { Principal } from "../people/principal.ts";

/** How many of the latest waiting inquiries a poll looks at for questions asked on other servers. */
const POLLED = 100;

export class DeskWatchers {
  readonly #inquiries: Pick<Inquiries, "waiting">;
  readonly #audience: Audience;
  /** The seq of the latest question that the operators were notified of, by waiting inquiry. */
  readonly #notified = new Map<number, number>();

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

  /** Notifies of a question. To operators it is an `inquiry`: its event, and the inquiry's number. */
  notify(inquiry: number, question: RoomEvent): void {
    this.#notified.set(inquiry, Math.max(question.seq, this.#notified.get(inquiry) ?? 0));
    this.#audience.publish({ ...question, type: "inquiry", inquiry });
  }

  /** The question with this seq has an answer; without a seq, every question of the inquiry has. */
  noteAnswered(inquiry: number, seq: number | undefined): void {
    if (seq === undefined || seq >= (this.#notified.get(inquiry) ?? 0)) {
      this.#notified.delete(inquiry);
    }
  }

  /** Notifies of questions that were asked on other servers. @throws what the store throws */
  async poll(): Promise<void> {
    if (this.#audience.size === 0) return;
    const waiting = await this.#inquiries.waiting({ order: "latest", limit: POLLED });
    for (const inquiry of waiting.toReversed()) {
      const { id, room, asker, waitingSince, askedSeq, askedContent, terms } = inquiry;
      if (waitingSince === undefined || askedSeq === undefined) continue;
      if (askedSeq <= (this.#notified.get(id) ?? 0)) continue;
      const body = { kind: "message", content: askedContent, ...terms } as const;
      const position = { room: room.name, seq: askedSeq, time: waitingSince };
      this.notify(id, toEvent(authorOfRecord(asker), body, position));
    }
    const stillWaiting = new Set(waiting.map(({ id }) => id));
    for (const id of this.#notified.keys()) if (!stillWaiting.has(id)) this.#notified.delete(id);
  }
}

/** Whether the principal may see the queue and every inquiry that is asked. */
export function mayWatchDesk(principal: Principal): boolean {
  return principal.hasRole("operator");
}
