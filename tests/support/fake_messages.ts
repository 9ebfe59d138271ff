// A log of messages in memory, whose commits a test lets through one by one.

import type { Appended, Draft, Messages, RoomId, StoredEvent } from "../../lib/store/repository.ts";

export class FakeMessages implements Messages {
  readonly log: StoredEvent[] = [];
  readonly #waiting: (() => void)[] = [];
  /** While set, an append waits for `commit`. */
  isHeld = false;
  /** What the next reads fail with. */
  failure: Error | undefined;
  reads = 0;

  get pending(): number {
    return this.#waiting.length;
  }

  /** Another server writes. */
  writeElsewhere(content: string): void {
    this.#store({
      room: 1,
      user: 99,
      from: "user99",
      guest: false,
      body: { kind: "message", content },
    });
  }

  /** Lets the oldest waiting append through. */
  commit(): void {
    this.#waiting.shift()?.();
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return new Promise((resolve) => {
      const store = () => resolve(drafts.map((draft) => this.#store(draft)));
      if (this.isHeld) this.#waiting.push(store);
      else store();
    });
  }

  // deno-lint-ignore require-await
  async after(_room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]> {
    this.reads++;
    if (this.failure !== undefined) throw this.failure;
    return this.log.filter((event) => event.seq > seq).slice(0, limit);
  }

  // deno-lint-ignore require-await
  async before(_room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.log.filter((event) => event.seq < seq).slice(-limit);
  }

  // deno-lint-ignore require-await
  async firstAt(_room: RoomId, time: number): Promise<number | undefined> {
    return this.log.find((event) => event.time >= time)?.seq;
  }

  #store(draft: Draft): Appended {
    const seq = this.log.length + 1;
    const time = 1_000 + seq;
    const { user, from, guest, body } = draft;
    this.log.push({ seq, user, from, guest, time, body });
    return { seq, time, dup: false };
  }
}
