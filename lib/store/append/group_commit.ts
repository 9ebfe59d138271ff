// The only way rows enter a room: the drafts that wait while one transaction runs are the next one. Knows
// no statement and no database.

import type { Timers } from "../../time.ts";
import type { Appended, Draft, RoomId } from "../records.ts";
import type { Transactor } from "../sql.ts";
import type { FullText } from "../search/full_text.ts";
import type { StoreLog } from "../store_log.ts";
import { AppendQueue, type AppendQueueLimits, type QueuedDraft } from "./append_queue.ts";
import { BatchWriter } from "./batch_writer.ts";
import { laneOf } from "../desk/batch_inquiries.ts";
import { BlockedRooms } from "./blocked_rooms.ts";
import { ReadPositions } from "./read_positions.ts";

const MIB = 1024 * 1024;

export const APPEND_LIMITS: AppendQueueLimits = {
  batch: 256,
  batchBytes: MIB,
  pending: 1_000,
  pendingBytes: 4 * MIB,
  waitMs: 5_000,
};

interface GroupCommitOptions {
  /** For work that must not keep the writer waiting; the writer itself when missing. */
  readonly apart?: Transactor | undefined;
  /** UTC milliseconds: the time of a message is derived from it. */
  readonly now: () => number;
  readonly limits: AppendQueueLimits;
  /** The index of the search, which must not keep a text that is changed. */
  readonly fullText: FullText;
  /** The room that has every change of an inquiry. */
  readonly desk: RoomId;
  readonly log: StoreLog;
  /** Resolves in the next turn of the event loop: drafts added before go into one transaction. */
  readonly nextTurn?: (() => Promise<void>) | undefined;
  /** The runtime's timers when missing. */
  readonly timers?: Timers | undefined;
}

/** Which part of the drafts that may wait, and of their bytes, is left to rooms that are blocked. */
const BLOCKED_SHARE = 1 / 4;

export class GroupCommit implements AsyncDisposable {
  readonly #sql: Transactor;
  readonly #nextTurn: () => Promise<void>;
  readonly #queue: AppendQueue;
  readonly #writer: BatchWriter;
  readonly #blocked: BlockedRooms;
  /** How far authors have read by having written. */
  readonly positions: ReadPositions;
  #running: Promise<void> | undefined;

  constructor(sql: Transactor, options: GroupCommitOptions) {
    const { apart = sql, now, fullText, log, timers, desk } = options;
    this.#sql = sql;
    this.#nextTurn = options.nextTurn ?? immediately;
    this.#queue = new AppendQueue(options.limits, timers);
    this.positions = new ReadPositions(apart, timers);
    this.#writer = new BatchWriter({
      now,
      log,
      desk,
      positions: this.positions,
      fullText,
      settle: (queued, answer) => this.#queue.settle(queued, answer),
      timers,
    });
    this.#blocked = new BlockedRooms({
      store: (drafts) => this.#writer.write(drafts, apart),
      laneOf: (draft) => laneOf(draft, desk),
      onChange: (room, isHeld) =>
        log(isHeld ? "room locked by another transaction" : "room unlocked", { room }),
      timers,
    });
  }

  /** How many drafts wait for their commit. */
  get pending(): number {
    return this.#queue.pending;
  }

  /** See `Messages.append`. */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    const answers = this.#queue.add(drafts);
    if (!this.#queue.isEmpty) this.#running ??= this.#run();
    return answers;
  }

  /** Stores or refuses the drafts that wait, and refuses later ones. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#writer.close();
    this.#queue.close();
    await this.#running;
    await this.#blocked.whenSettled();
    this.#queue[Symbol.dispose]();
    await this.positions[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while (!this.#queue.isEmpty) {
      // One turn of the event loop: all that the sockets brought goes into one transaction.
      await this.#nextTurn();
      // All drafts of a batch that met a lock wait apart; those of rooms that are free are stored next.
      this.#setApart(await this.#writer.write(this.#takeFree(), this.#sql));
    }
    this.#running = undefined;
  }

  /** The next batch, without the drafts of blocked rooms. */
  #takeFree(): readonly QueuedDraft[] {
    const drafts = this.#queue.take();
    if (this.#blocked.isEmpty) return drafts;
    const blocked = drafts.filter(({ draft }) => this.#blocked.has(draft));
    this.#setApart(blocked, { share: BLOCKED_SHARE });
    return drafts.filter(({ isApart }) => !isApart);
  }

  #setApart(drafts: readonly QueuedDraft[], limits: { share?: number } = {}): void {
    if (drafts.length > 0) this.#blocked.add(this.#queue.setApart(drafts, limits));
  }
}

function immediately(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
