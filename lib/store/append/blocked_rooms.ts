// Rooms whose rows another transaction holds: their drafts wait apart, room by room and in order, while those
// of all other rooms are stored. A room stays blocked after its drafts have given up: only a draft that is
// stored shows that it is free. Knows no statement and no database.

import { sleep, type Timers } from "../../time.ts";
import type { QueuedDraft } from "./append_queue.ts";
import type { Draft, RoomId } from "../records.ts";

interface BlockedRoomsOptions {
  /** Stores drafts of one room. @returns those that are open because the room is still held */
  store(drafts: readonly QueuedDraft[]): Promise<readonly QueuedDraft[]>;
  /** The room whose lock a draft waits for; its own when missing. */
  readonly laneOf?: ((draft: Draft) => RoomId) | undefined;
  /** Called when a room becomes held and when it becomes free. */
  onChange(room: RoomId, isHeld: boolean): void;
  /** The runtime's timers when missing. */
  readonly timers?: Timers | undefined;
}

/** Drafts of one batch. */
const BATCH = 256;
/** Rooms tried at once: each takes a connection for as long as the database waits for the lock. */
const TRIED_AT_ONCE = 2;
/** Milliseconds between two tries, where the database does not wait by itself. */
const PAUSE_MS = 20;

interface Lane {
  /** Empty when the room was held and no draft waits any more. */
  drafts: QueuedDraft[];
  isTried: boolean;
  /** Whether it has been tried and was still held. */
  isHeld: boolean;
}

export class BlockedRooms {
  readonly #options: BlockedRoomsOptions;
  readonly #laneOf: (draft: Draft) => RoomId;
  /** In the order in which they are tried. */
  readonly #lanes = new Map<RoomId, Lane>();
  readonly #workers = new Set<Promise<void>>();
  /** How many workers are still running. */
  #busy = 0;

  constructor(options: BlockedRoomsOptions) {
    this.#options = options;
    this.#laneOf = options.laneOf ?? (({ room }) => room);
  }

  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /** Whether this draft is to wait here. */
  has(draft: Draft): boolean {
    return this.#lanes.has(this.#laneOf(draft));
  }

  /** Lets drafts wait, behind those of their room. */
  add(drafts: readonly QueuedDraft[]): void {
    for (const queued of drafts) {
      const room = this.#laneOf(queued.draft);
      const lane = this.#lanes.get(room) ?? { drafts: [], isTried: false, isHeld: false };
      lane.drafts.push(queued);
      this.#lanes.set(room, lane);
    }
    for (let free = Math.min(TRIED_AT_ONCE, this.#lanes.size) - this.#busy; free > 0; free--) {
      const worker = this.#work().finally(() => this.#workers.delete(worker));
      this.#workers.add(worker);
    }
  }

  /** Resolves when every draft that waits has its outcome. */
  async whenSettled(): Promise<void> {
    while (this.#workers.size > 0) await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    this.#busy++;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const [room, lane] = next;
      lane.isTried = true;
      await this.#try(room, lane);
      lane.isTried = false;
      this.#lanes.delete(room);
      if (lane.drafts.length > 0 || lane.isHeld) this.#lanes.set(room, lane);
    }
    this.#busy--;
  }

  #next(): readonly [RoomId, Lane] | undefined {
    return this.#lanes.entries().find(([, { isTried, drafts }]) => !isTried && drafts.length > 0);
  }

  async #try(room: RoomId, lane: Lane): Promise<void> {
    lane.drafts = lane.drafts.filter(({ answer }) => answer === undefined);
    if (lane.drafts.length === 0) return;
    const left = await this.#options.store(lane.drafts.splice(0, BATCH));
    lane.drafts.unshift(...left);
    const isHeld = left.length > 0;
    if (lane.isHeld !== isHeld) this.#options.onChange(room, isHeld);
    lane.isHeld = isHeld;
    if (isHeld) await sleep(PAUSE_MS, undefined, this.#options.timers);
  }
}
