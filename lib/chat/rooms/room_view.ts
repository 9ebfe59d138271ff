// A room as one user sees it: its name, and its events under this name. Only a direct conversation differs
// between its users.

import type { RoomEvent } from "../../wire/event.ts";

/** What a user may be sent of a room that they may read. */
export interface RoomView {
  /** The name that the user's frames have. */
  readonly name: string;
  /** The lowest seq that is kept. */
  readonly first: number;
  readonly deliveredSeq: number;
  /** Delivered events above `seq`, oldest first. */
  after(seq: number, limit: number): Promise<readonly RoomEvent[]>;
  /** The nearest delivered events below `seq`, oldest first. */
  before(seq: number, limit: number): Promise<readonly RoomEvent[]>;
  /** The seq of the first event at or after this time. */
  firstAt(time: number): Promise<number | undefined>;
}

/** A room under another name. */
export class RenamedView implements RoomView {
  readonly #room: RoomView;
  readonly #nameNow: () => string;

  constructor(room: RoomView, nameNow: () => string) {
    this.#room = room;
    this.#nameNow = nameNow;
  }

  get name(): string {
    return this.#nameNow();
  }

  get first(): number {
    return this.#room.first;
  }

  get deliveredSeq(): number {
    return this.#room.deliveredSeq;
  }

  async after(seq: number, limit: number): Promise<readonly RoomEvent[]> {
    return this.#renamed(await this.#room.after(seq, limit));
  }

  async before(seq: number, limit: number): Promise<readonly RoomEvent[]> {
    return this.#renamed(await this.#room.before(seq, limit));
  }

  firstAt(time: number): Promise<number | undefined> {
    return this.#room.firstAt(time);
  }

  #renamed(events: readonly RoomEvent[]): readonly RoomEvent[] {
    const room = this.name;
    return events.map((event) => ({ ...event, room }));
  }
}
