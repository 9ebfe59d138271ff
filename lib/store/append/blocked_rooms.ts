// The rooms whose rows another transaction holds: their drafts wait apart, room by room and in order, while
// those of all other rooms are stored. A room that was held when its drafts gave up is still taken for held:
// only a draft that is stored shows that it is not. Knows no statement and no database.

import type { QueuedDraft } from "./append_queue.ts";
import type { RoomId } from "../repository.ts";

export interface BlockedRoomsOptions {
  /** Stores drafts of one room. @returns those that are open because the room is still held */
  store(places: readonly QueuedDraft[]): Promise<readonly QueuedDraft[]>;
  /** Told when a room begins and ends to be held. */
  onChange(room: RoomId, isHeld: boolean): void;
}

/** Drafts of one batch. */
const BATCH = 256;
/** Rooms tried at once: each takes a connection for as long as the database waits for the lock. */
const TRIED_AT_ONCE = 2;
/** Milliseconds between two tries, where the database does not wait by itself. */
const PAUSE_MS = 20;

interface Lane {
  /** Empty when the room was held and none waits any more. */
  places: QueuedDraft[];
  isTried: boolean;
  /** Whether it has been tried and was still held. */
  isHeld: boolean;
}

export class BlockedRooms {
  readonly #options: BlockedRoomsOptions;
  /** In the order in which they are tried. */
  readonly #lanes = new Map<RoomId, Lane>();
  readonly #workers = new Set<Promise<void>>();

  constructor(options: BlockedRoomsOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /** Whether drafts of this room are to wait here. */
  has(room: RoomId): boolean {
    return this.#lanes.has(room);
  }

  /** Lets them wait behind those of their room. */
  add(places: readonly QueuedDraft[]): void {
    for (const place of places) {
      const { room } = place.draft;
      const lane = this.#lanes.get(room) ?? { places: [], isTried: false, isHeld: false };
      lane.places.push(place);
      this.#lanes.set(room, lane);
    }
    while (this.#workers.size < Math.min(TRIED_AT_ONCE, this.#lanes.size)) {
      const worker = this.#work().finally(() => this.#workers.delete(worker));
      this.#workers.add(worker);
    }
  }

  /** Resolves when all that waits has been decided. */
  async whenDecided(): Promise<void> {
    while (this.#workers.size > 0) await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    for (;;) {
      const [room, lane] = this.#lanes.entries().find(([, { isTried, places }]) =>
        !isTried && places.length > 0
      ) ?? [];
      if (room === undefined || lane === undefined) return;
      lane.isTried = true;
      await this.#try(room, lane);
      lane.isTried = false;
      this.#lanes.delete(room);
      if (lane.places.length > 0 || lane.isHeld) this.#lanes.set(room, lane);
    }
  }

  async #try(room: RoomId, lane: Lane): Promise<void> {
    lane.places = lane.places.filter(({ answer }) => answer === undefined);
    if (lane.places.length === 0) return;
    const left = await this.#options.store(lane.places.splice(0, BATCH));
    lane.places.unshift(...left);
    const isHeld = left.length > 0;
    if (lane.isHeld !== isHeld) this.#options.onChange(room, isHeld);
    lane.isHeld = isHeld;
    if (isHeld) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
