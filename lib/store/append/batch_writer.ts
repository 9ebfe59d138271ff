// Stores one batch of drafts: tries its transaction again where that may help, and decides what a failure
// means for each draft. Knows no statement and no queue.

import { sleep, type Timers } from "../../time.ts";
import { targetOf } from "../changes/change_rules.ts";
import { changesInquiry, laneOf } from "../desk/batch_inquiries.ts";
import type { Appended, RoomId } from "../records.ts";
import { SqlError, type SqlFault, type Transactor } from "../sql.ts";
import type { FullText } from "../search/full_text.ts";
import type { StoreLog } from "../store_log.ts";
import { type BatchPlan, storeBatch, wasStored } from "./batch_statements.ts";
import type { QueuedDraft } from "./append_queue.ts";
import { HeadCache } from "./head_cache.ts";
import type { ReadMove, ReadPositions } from "./read_positions.ts";
import { StaleHeadsError } from "./room_heads.ts";
import { messageOf } from "../../error_message.ts";

interface BatchWriterOptions {
  /** UTC milliseconds: the time of a message is derived from it. */
  readonly now: () => number;
  readonly log: StoreLog;
  readonly positions: ReadPositions;
  readonly fullText: FullText;
  /** The room that has every change of an inquiry. */
  readonly desk: RoomId;
  /** Sets the outcome of a draft. */
  readonly settle: (queued: QueuedDraft, answer: Appended) => void;
  readonly timers: Timers | undefined;
}

/** Times a batch is tried again after it gave way to another transaction. */
const RETRIES = 3;
/** Milliseconds before a batch is tried again, at random up to this. */
const CONFLICT_MS = 20;
/** Milliseconds before a database out of reach is tried again: doubled each time, up to the last. */
const OUTAGE_MS = { first: 20, last: 500 };

/** One try to store a batch. */
interface CommitAttempt {
  readonly via: Transactor;
  readonly looksUpCids: boolean;
  /** Whether the cached heads of the rooms are used. */
  readonly useCache: boolean;
  /** The outcome, if the commit happens. */
  plan?: BatchPlan;
}

export class BatchWriter {
  readonly #options: BatchWriterOptions;
  readonly #heads = new HeadCache();
  #isClosed = false;
  /** Failures since the database last answered. */
  #failures = 0;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
  }

  /** From now on an unknown commit is given up when no draft of its batch waits any more. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Settles each of `drafts`, unless its time is up before. Never rejects.
   *
   * @returns those that are open because another transaction holds a row that they need
   */
  async write(drafts: readonly QueuedDraft[], via: Transactor): Promise<readonly QueuedDraft[]> {
    let looksUpCids = false;
    let useCache = true;
    for (let conflicts = 0;;) {
      const open = drafts.filter((queued) => queued.answer === undefined);
      if (open.length === 0) return [];
      const attempt: CommitAttempt = { via, looksUpCids, useCache };
      const error = await this.#attempt(open, attempt);
      if (error === undefined) return this.#settle(open, attempt.plan);
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
          await this.#backOff(error);
          // A person must act first: no draft is kept waiting for that.
          if (isPersistent(error)) return this.#refuse(open, { refused: "unavailable" });
          continue;
        case "unknown":
          if (await this.#wasCommitted(attempt, open)) return this.#settle(open, attempt.plan);
          continue;
        case "conflict":
          if (conflicts++ === RETRIES) return this.#refuse(open, { refused: "unavailable" });
          await this.#sleep(Math.random() * CONFLICT_MS);
          continue;
        case "duplicate":
          looksUpCids = true;
          if (conflicts++ < RETRIES) continue;
      }
      return await this.#writeEach(open, { error, via });
    }
  }

  /** One transaction. @returns why it failed, or undefined */
  async #attempt(open: readonly QueuedDraft[], attempt: CommitAttempt): Promise<unknown> {
    const { now: clock, positions, fullText, log } = this.#options;
    const drafts = open.map((queued) => queued.draft);
    const { via } = attempt;
    // What depends on what is stored is judged under the locks of its rooms, and a resend is recognised first.
    const isJudged = drafts.some((draft) =>
      changesInquiry(draft) || targetOf(draft) !== undefined || draft.resendOnly === true
    );
    const looksUpCids = attempt.looksUpCids || isJudged;
    const rooms = new Set(drafts.map(({ room }) => room));
    const cachedHeads = attempt.useCache && !looksUpCids ? this.#heads.find(rooms) : undefined;
    try {
      await via.transaction(async (sql) => {
        const now = clock();
        const chooseReads = (moves: readonly ReadMove[]) => positions.choose(moves);
        const { desk } = this.#options;
        const options = { now, looksUpCids, cachedHeads, fullText, chooseReads, desk };
        attempt.plan = await storeBatch(sql, drafts, options);
      });
    } catch (error) {
      return error;
    }
    if (this.#failures > 0) log("database back", { failures: this.#failures });
    this.#failures = 0;
    return undefined;
  }

  /** One by one, so that the draft at fault is refused alone. */
  async #writeEach(
    open: readonly QueuedDraft[],
    { error, via }: { error: unknown; via: Transactor },
  ): Promise<readonly QueuedDraft[]> {
    const [first, ...others] = open;
    if (first === undefined) return [];
    if (others.length === 0) {
      const { room, user } = first.draft;
      this.#options.log("message refused by the database", { room, user, why: messageOf(error) });
      return this.#refuse(open, { refused: "internal" });
    }
    const left: QueuedDraft[] = [];
    const held = new Set<RoomId>();
    for (const queued of open) {
      const room = laneOf(queued.draft, this.#options.desk);
      // A room keeps its order, even if its lock is released meanwhile.
      const isOpen = held.has(room) || (await this.write([queued], via)).length > 0;
      if (!isOpen) continue;
      held.add(room);
      left.push(queued);
    }
    return left;
  }

  /**
   * Whether the batch whose commit was not answered is stored. Nothing else is stored before this is
   * known, however long that takes; it is given up only when the server stops and no draft waits.
   */
  async #wasCommitted(
    { via, plan }: CommitAttempt,
    drafts: readonly QueuedDraft[],
  ): Promise<boolean> {
    const rows = plan?.rows ?? [];
    if (rows.length === 0) return false;
    for (;;) {
      try {
        return await via.transaction((sql) => wasStored(sql, rows));
      } catch (error) {
        if (this.#isClosed && drafts.every((queued) => queued.answer !== undefined)) return false;
        await this.#backOff(error);
      }
    }
  }

  /** @returns that none is open */
  #settle(drafts: readonly QueuedDraft[], plan: BatchPlan | undefined): readonly QueuedDraft[] {
    if (plan === undefined) return [];
    this.#heads.update(plan.moves);
    this.#options.positions.update(plan.reads, plan.readsWritten);
    drafts.forEach((queued, index) => {
      const answer = plan.answers[index];
      if (answer !== undefined) this.#options.settle(queued, answer);
    });
    return [];
  }

  /** @returns that none is open */
  #refuse(drafts: readonly QueuedDraft[], answer: Appended): readonly QueuedDraft[] {
    for (const queued of drafts) this.#options.settle(queued, answer);
    return [];
  }

  /** Waits before a database that is out of reach is tried again; the first failure is logged. */
  async #backOff(error: unknown): Promise<void> {
    if (this.#failures === 0) this.#options.log("database lost", { why: messageOf(error) });
    await this.#sleep(Math.min(OUTAGE_MS.first * 2 ** this.#failures++, OUTAGE_MS.last));
  }

  #sleep(ms: number): Promise<void> {
    return sleep(ms, undefined, this.#options.timers);
  }
}

function faultOf(error: unknown): SqlFault {
  return error instanceof SqlError ? error.kind : "refused";
}

function isPersistent(error: unknown): boolean {
  return error instanceof SqlError && error.isPersistent;
}
