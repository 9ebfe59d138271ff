// The only way rows enter a room: what waits while one transaction runs is the next one. Knows what
// to do when a transaction fails; knows no statement and no database.

import { type BatchPlan, StaleHeadsError, storeBatch, wasStored } from "./append_batch.ts";
import { BlockedRooms } from "./blocked_rooms.ts";
import { AppendQueue, type AppendQueueLimits, type QueuedDraft } from "./append_queue.ts";
import { HeadCache } from "./head_cache.ts";
import { type ReadMove, ReadPositions } from "./read_positions.ts";
import type { Appended, Draft, RoomId } from "../repository.ts";
import { SqlError, type SqlFault, type Transactor } from "../sql.ts";

const MIB = 1024 * 1024;

export const APPEND_LIMITS: AppendQueueLimits = {
  batch: 256,
  batchBytes: MIB,
  pending: 1_000,
  pendingBytes: 4 * MIB,
  waitMs: 5_000,
};

/** What the store says to the operator: what happened and its particulars, never a user's text. */
export type StoreLog = (event: string, fields: Readonly<Record<string, string | number>>) => void;

export interface GroupCommitOptions {
  /** For what must not keep the writer waiting; the writer itself when missing. */
  readonly apart?: Transactor | undefined;
  /** UTC milliseconds: what a message's time is made from. */
  readonly now: () => number;
  readonly limits: AppendQueueLimits;
  readonly log: StoreLog;
  /** Resolves in the next turn of the event loop: what came before goes into one transaction. */
  readonly nextTurn?: (() => Promise<void>) | undefined;
}

/** Times a batch is tried again when it gave way to another transaction. */
const RETRIES = 3;
/** Milliseconds before a batch is tried again, at random up to this. */
const CONFLICT_MS = 20;
/** Milliseconds before a database out of reach is tried again: doubled each time, up to the last. */
const OUTAGE_MS = { first: 20, last: 500 };
/** What part of the drafts that may wait, and of their bytes, is left to rooms that are blocked. */
const BLOCKED_SHARE = 1 / 4;

/** A try to store a batch. */
interface CommitAttempt {
  readonly via: Transactor;
  readonly looksUpCids: boolean;
  /** Whether what is remembered of the rooms may be relied on. */
  readonly useCache: boolean;
  /** What it comes to, if its commit happens. */
  plan?: BatchPlan;
}

export class GroupCommit implements AsyncDisposable {
  readonly #writer: Transactor;
  readonly #options: GroupCommitOptions;
  readonly #nextTurn: () => Promise<void>;
  readonly #line: AppendQueue;
  readonly #blocked: BlockedRooms;
  readonly #heads = new HeadCache();
  /** How far those have read who write here. */
  readonly positions: ReadPositions;
  #running: Promise<void> | undefined;
  #isClosed = false;
  /** Failures since the database last answered. */
  #failures = 0;

  constructor(writer: Transactor, options: GroupCommitOptions) {
    this.#writer = writer;
    this.#options = options;
    this.#nextTurn = options.nextTurn ?? immediately;
    this.#line = new AppendQueue(options.limits);
    const { apart = writer, log } = options;
    this.#blocked = new BlockedRooms({
      store: (places) => this.#store(places, apart),
      onChange: (room, isHeld) =>
        log(isHeld ? "room locked by another transaction" : "room unlocked", { room }),
    });
    this.positions = new ReadPositions(apart);
  }

  /** How many drafts wait for their commit. */
  get pending(): number {
    return this.#line.pending;
  }

  /** See `Messages.append`. */
  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    const answers = this.#line.add(drafts);
    if (!this.#line.isEmpty) this.#running ??= this.#run();
    return answers;
  }

  /** Stores or refuses what waits, and refuses what comes later. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#line.close();
    await this.#running;
    await this.#blocked.whenDecided();
    this.#line[Symbol.dispose]();
    await this.positions[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while (!this.#line.isEmpty) {
      // One turn of the event loop: all that the sockets brought goes into one transaction.
      await this.#nextTurn();
      // Most of them are of rooms that are free: they are stored soon.
      this.#setApart(await this.#store(this.#takeFree(), this.#writer));
    }
    this.#running = undefined;
  }

  /** The next batch, without those whose room is blocked. */
  #takeFree(): readonly QueuedDraft[] {
    const places = this.#line.take();
    if (this.#blocked.isEmpty) return places;
    const blocked = places.filter(({ draft }) => this.#blocked.has(draft.room));
    this.#setApart(blocked, { share: BLOCKED_SHARE });
    return places.filter(({ isApart }) => !isApart);
  }

  #setApart(places: readonly QueuedDraft[], limits: { share?: number } = {}): void {
    if (places.length > 0) this.#blocked.add(this.#line.setApart(places, limits));
  }

  /**
   * Decides each of `places`, unless its time is up before. Never rejects.
   *
   * @returns those that are open because another transaction holds a row that they need
   */
  async #store(places: readonly QueuedDraft[], via: Transactor): Promise<readonly QueuedDraft[]> {
    let looksUpCids = false;
    let useCache = true;
    for (let conflicts = 0;;) {
      const open = places.filter((place) => place.answer === undefined);
      if (open.length === 0) return [];
      const attempt: CommitAttempt = { via, looksUpCids, useCache };
      const error = await this.#attempt(open, attempt);
      if (error === undefined) return this.#decide(open, attempt.plan);
      if (useCache && error instanceof StaleHeadsError) {
        useCache = false;
        continue;
      }
      switch (faultOf(error)) {
        case "locked":
          return open;
        case "full":
          return this.#refuse(open, { refused: "storage_full" });
        case "lost":
          await this.#sitOut(error);
          // Nobody is kept waiting for what a person must do first.
          if (isPersistent(error)) return this.#refuse(open, { refused: "unavailable" });
          continue;
        case "unknown":
          if (await this.#hasHappened(attempt, open)) {
            return this.#decide(open, attempt.plan);
          }
          continue;
        case "conflict":
          if (conflicts++ === RETRIES) return this.#refuse(open, { refused: "unavailable" });
          await pause(Math.random() * CONFLICT_MS);
          continue;
        case "duplicate":
          looksUpCids = true;
          if (conflicts++ < RETRIES) continue;
      }
      return await this.#storeEach(open, { error, via });
    }
  }

  /** One transaction. @returns why it failed, or undefined */
  async #attempt(open: readonly QueuedDraft[], attempt: CommitAttempt): Promise<unknown> {
    const drafts = open.map((place) => place.draft);
    const { via, looksUpCids, useCache } = attempt;
    const rooms = new Set(drafts.map(({ room }) => room));
    const cachedHeads = useCache && !looksUpCids ? this.#heads.find(rooms) : undefined;
    try {
      await via.transaction(async (sql) => {
        const now = this.#options.now();
        const chooseReads = (moves: readonly ReadMove[]) => this.positions.choose(moves);
        const options = { now, looksUpCids, cachedHeads, chooseReads };
        attempt.plan = await storeBatch(sql, drafts, options);
      });
    } catch (error) {
      return error;
    }
    if (this.#failures > 0) this.#options.log("database back", { failures: this.#failures });
    this.#failures = 0;
    return undefined;
  }

  /** One by one, so that the draft at fault is refused alone. */
  async #storeEach(
    open: readonly QueuedDraft[],
    { error, via }: { error: unknown; via: Transactor },
  ): Promise<readonly QueuedDraft[]> {
    const [first, ...others] = open;
    if (first === undefined) return [];
    if (others.length === 0) {
      const { room, user } = first.draft;
      this.#options.log("message refused by the database", { room, user, why: whyOf(error) });
      return this.#refuse(open, { refused: "internal" });
    }
    const left: QueuedDraft[] = [];
    const held = new Set<RoomId>();
    for (const place of open) {
      const { room } = place.draft;
      // A room keeps its order, also when its lock goes meanwhile.
      const isOpen = held.has(room) || (await this.#store([place], via)).length > 0;
      if (!isOpen) continue;
      held.add(room);
      left.push(place);
    }
    return left;
  }

  /**
   * Whether the batch whose commit was not answered is stored. Nothing else is stored before this is
   * known, however long that takes; it is given up only when the server stops and nobody waits.
   */
  async #hasHappened(
    { via, plan }: CommitAttempt,
    places: readonly QueuedDraft[],
  ): Promise<boolean> {
    const rows = plan?.rows ?? [];
    if (rows.length === 0) return false;
    for (;;) {
      try {
        return await via.transaction((sql) => wasStored(sql, rows));
      } catch (error) {
        if (this.#isClosed && places.every((place) => place.answer !== undefined)) return false;
        await this.#sitOut(error);
      }
    }
  }

  /** @returns that none is open */
  #decide(places: readonly QueuedDraft[], plan: BatchPlan | undefined): readonly QueuedDraft[] {
    if (plan === undefined) return [];
    this.#heads.update(plan.moves);
    this.positions.update(plan.reads, plan.readsWritten);
    places.forEach((place, index) => {
      const answer = plan.answers[index];
      if (answer !== undefined) this.#line.settle(place, answer);
    });
    return [];
  }

  /** @returns that none is open */
  #refuse(places: readonly QueuedDraft[], answer: Appended): readonly QueuedDraft[] {
    for (const place of places) this.#line.settle(place, answer);
    return [];
  }

  /** Waits before a database that is out of reach is tried again; the first failure is logged. */
  async #sitOut(error: unknown): Promise<void> {
    if (this.#failures === 0) this.#options.log("database lost", { why: whyOf(error) });
    await pause(Math.min(OUTAGE_MS.first * 2 ** this.#failures++, OUTAGE_MS.last));
  }
}

function immediately(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function faultOf(error: unknown): SqlFault {
  return error instanceof SqlError ? error.kind : "refused";
}

function isPersistent(error: unknown): boolean {
  return error instanceof SqlError && error.isPersistent;
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
