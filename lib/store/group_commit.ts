// The only way rows enter a room: what waits while one transaction runs is the next one. Knows what
// to do when a transaction fails; knows no statement and no database.

import {
  type BatchPlan,
  type NewRow,
  StaleHeadsError,
  storeBatch,
  wasStored,
} from "./append_batch.ts";
import { DraftLine, type DraftLineLimits, type Place } from "./draft_line.ts";
import { HeadMemory } from "./head_memory.ts";
import { type ReadMove, ReadPositions } from "./read_positions.ts";
import type { Appended, Draft } from "./repository.ts";
import { SqlError, type SqlFault, type Transactor } from "./sql.ts";

const MIB = 1024 * 1024;

export const APPEND_LIMITS: DraftLineLimits = {
  batch: 256,
  batchBytes: MIB,
  pending: 1_000,
  pendingBytes: 4 * MIB,
  waitMs: 5_000,
};

/** What the store says to the operator: what happened and its particulars, never a user's text. */
export type StoreLog = (event: string, fields: Readonly<Record<string, string | number>>) => void;

export interface GroupCommitOptions {
  /** UTC milliseconds: what a message's time is made from. */
  readonly now: () => number;
  readonly limits: DraftLineLimits;
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

/** A try to store a batch. */
interface Attempt {
  readonly findsKnown: boolean;
  /** Whether what is remembered of the rooms may be relied on. */
  readonly believes: boolean;
  /** What it comes to, if its commit happens. */
  plan?: BatchPlan;
}

export class GroupCommit implements AsyncDisposable {
  readonly #writer: Transactor;
  readonly #options: GroupCommitOptions;
  readonly #nextTurn: () => Promise<void>;
  readonly #line: DraftLine;
  readonly #heads = new HeadMemory();
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
    this.#line = new DraftLine(options.limits);
    this.positions = new ReadPositions(writer);
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
    this.#line[Symbol.dispose]();
    await this.positions[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while (!this.#line.isEmpty) {
      // One turn of the event loop: all that the sockets brought goes into one transaction.
      await this.#nextTurn();
      await this.#store(this.#line.take());
    }
    this.#running = undefined;
  }

  /** Decides each of `places`, unless its time is up before. Never rejects. */
  async #store(places: readonly Place[]): Promise<void> {
    let findsKnown = false;
    let believes = true;
    for (let conflicts = 0;;) {
      const open = places.filter((place) => place.answer === undefined);
      if (open.length === 0) return;
      const attempt: Attempt = { findsKnown, believes };
      const error = await this.#attempt(open, attempt);
      if (error === undefined) return this.#decide(open, attempt.plan);
      if (believes && error instanceof StaleHeadsError) {
        believes = false;
        continue;
      }
      switch (faultOf(error)) {
        case "full":
          return this.#refuse(open, { refused: "storage_full" });
        case "lost":
          await this.#sitOut(error);
          continue;
        case "unknown":
          if (await this.#hasHappened(attempt.plan?.rows ?? [], open)) {
            return this.#decide(open, attempt.plan);
          }
          continue;
        case "conflict":
          if (conflicts++ < RETRIES) await pause(Math.random() * CONFLICT_MS);
          else this.#refuse(open, { refused: "unavailable" });
          continue;
        case "duplicate":
          findsKnown = true;
          if (conflicts++ < RETRIES) continue;
      }
      return await this.#storeEach(open, error);
    }
  }

  /** One transaction. @returns why it failed, or undefined */
  async #attempt(open: readonly Place[], attempt: Attempt): Promise<unknown> {
    const drafts = open.map((place) => place.draft);
    const { findsKnown, believes } = attempt;
    const rooms = new Set(drafts.map(({ room }) => room));
    const believed = believes && !findsKnown ? this.#heads.find(rooms) : undefined;
    try {
      await this.#writer.transaction(async (sql) => {
        const now = this.#options.now();
        const chooseReads = (moves: readonly ReadMove[]) => this.positions.choose(moves);
        attempt.plan = await storeBatch(sql, drafts, { now, findsKnown, believed, chooseReads });
      });
    } catch (error) {
      return error;
    }
    if (this.#failures > 0) this.#options.log("database back", { failures: this.#failures });
    this.#failures = 0;
    return undefined;
  }

  /** One by one, so that the draft at fault is refused alone. */
  async #storeEach(open: readonly Place[], error: unknown): Promise<void> {
    const [first, ...others] = open;
    if (first === undefined) return;
    if (others.length === 0) {
      const { room, user } = first.draft;
      this.#options.log("message refused by the database", { room, user, why: whyOf(error) });
      return this.#refuse(open, { refused: "internal" });
    }
    for (const place of open) await this.#store([place]);
  }

  /**
   * Whether the batch whose commit was not answered is stored. Nothing else is stored before this is
   * known, however long that takes; it is given up only when the server stops and nobody waits.
   */
  async #hasHappened(rows: readonly NewRow[], places: readonly Place[]): Promise<boolean> {
    if (rows.length === 0) return false;
    for (;;) {
      try {
        return await this.#writer.transaction((sql) => wasStored(sql, rows));
      } catch (error) {
        if (this.#isClosed && places.every((place) => place.answer !== undefined)) return false;
        await this.#sitOut(error);
      }
    }
  }

  #decide(places: readonly Place[], plan: BatchPlan | undefined): void {
    if (plan === undefined) return;
    this.#heads.learn(plan.moves);
    this.positions.learn(plan.reads, plan.readsWritten);
    places.forEach((place, index) => {
      const answer = plan.answers[index];
      if (answer !== undefined) this.#line.decide(place, answer);
    });
  }

  #refuse(places: readonly Place[], answer: Appended): void {
    for (const place of places) this.#line.decide(place, answer);
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

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
