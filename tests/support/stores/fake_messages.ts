// A log of messages in memory, whose commits and reads a test lets through one by one.

import type { Messages } from "../../../lib/store/repository.ts";
import {
  type Appended,
  type Draft,
  type RoomId,
  roomId,
  type StoredEvent,
  userId,
} from "../../../lib/store/records.ts";

export class FakeMessages implements Messages {
  readonly log: StoredEvent[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #byCid = new Map<string, StoredEvent>();
  /** While set, an append waits for `commit`. */
  isHeld = false;
  /** While set, an append stores its draft and is answered `unavailable`: its answer was lost. */
  losesAnswers = false;
  /** While set, an append stores nothing and is answered this. */
  refusal: Extract<Appended, { refused: unknown }>["refused"] | undefined;
  /** What the next reads fail with. */
  failure: Error | undefined;
  /** While set, a read has its result and waits for this before it gives it. */
  readGate: Promise<void> | undefined;
  reads = 0;

  get pending(): number {
    return this.#waiting.length;
  }

  /** Another server writes. */
  writeOnOther(content: string): void {
    const author = { user: userId(99), from: "user99", guest: false };
    this.#store({ room: roomId(1), ...author, body: { kind: "message", content } });
  }

  /** Lets the oldest waiting append through. */
  commit(): void {
    this.#waiting.shift()?.();
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return new Promise((resolve) => {
      const store = () => resolve(drafts.map((draft) => this.#answer(draft)));
      if (this.isHeld) this.#waiting.push(store);
      else store();
    });
  }

  async after(_room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]> {
    this.reads++;
    if (this.failure !== undefined) throw this.failure;
    const events = this.log.filter((event) => event.seq > seq).slice(0, limit);
    await this.readGate;
    return events;
  }

  // deno-lint-ignore require-await
  async before(_room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.log.filter((event) => event.seq < seq).slice(-limit);
  }

  // deno-lint-ignore require-await
  async firstAt(_room: RoomId, time: number): Promise<number | undefined> {
    return this.log.find((event) => event.time >= time)?.seq;
  }

  #answer(draft: Draft): Appended {
    if (this.refusal !== undefined) return { refused: this.refusal };
    const appended = this.#store(draft);
    return this.losesAnswers ? { refused: "unavailable" } : appended;
  }

  #store(draft: Draft): Appended {
    const { user, from, guest, body, cid } = draft;
    const prior = cid === undefined ? undefined : this.#byCid.get(cid);
    if (prior !== undefined) return { seq: prior.seq, time: prior.time, dup: true };
    const seq = this.log.length + 1;
    const time = 1_000 + seq;
    const event = { seq, user, from, guest, time, body };
    this.log.push(event);
    if (cid !== undefined) this.#byCid.set(cid, event);
    return { seq, time, dup: false };
  }
}
