// What is remembered of rooms saves a statement a batch, and costs nothing but a second try when another
// server has written to them.

import { assertEquals, assertRejects } from "@std/assert";
import { storeBatch } from "../../../lib/store/append/batch_statements.ts";
import { StaleHeadsError } from "../../../lib/store/append/room_heads.ts";
import { FULL_TEXT } from "../../../lib/store/search/indexes.ts";
import { APPEND_LIMITS, GroupCommit } from "../../../lib/store/append/group_commit.ts";
import { type Head, HeadCache } from "../../../lib/store/append/head_cache.ts";
import type { SqlDriver, Transaction, Transactor } from "../../../lib/store/sql.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { openMigrated, testEachStore } from "../../support/stores/databases.ts";
import {
  createGuest,
  createRoom,
  draft,
  LOBBY,
  NO_DESK,
  say,
} from "../../support/stores/store_facts.ts";
import { roomId } from "../../../lib/store/records.ts";

const NOW = 1_000;

function head(lastSeq: number): Head {
  return { isInquiry: false, lastSeq, lastNumber: lastSeq, lastTime: NOW };
}

function learn(memory: HeadCache, room: number, [before, after]: [number, number]): void {
  memory.update(new Map([[roomId(room), { before: head(before), after: head(after) }]]));
}

Deno.test("head cache: a stored head is cached, and the heads of all of a batch's rooms or none", () => {
  const memory = new HeadCache();
  assertEquals(memory.find([roomId(1)]), undefined);
  learn(memory, 1, [0, 3]);
  learn(memory, 2, [5, 6]);
  assertEquals(memory.find([roomId(1), roomId(2)]), new Map([[1, head(3)], [2, head(6)]]));
  assertEquals(memory.find([roomId(1), roomId(3)]), undefined);
});

Deno.test("head cache: where another server writes too, a head is used again after eight hits", () => {
  const memory = new HeadCache();
  learn(memory, 1, [0, 1]);
  learn(memory, 1, [2, 3]);
  for (let seq = 3; seq < 11; seq++) {
    assertEquals(memory.find([roomId(1)]), undefined, `${seq}`);
    learn(memory, 1, [seq, seq + 1]);
  }
  assertEquals(memory.find([roomId(1)]), new Map([[1, head(11)]]));
});

Deno.test("head cache: the least recently written room is dropped first", () => {
  const memory = new HeadCache();
  for (let room = 1; room <= 10_000; room++) learn(memory, room, [0, 1]);
  learn(memory, 1, [1, 2]);
  learn(memory, 10_001, [0, 1]);
  assertEquals(memory.find([roomId(2)]), undefined);
  assertEquals(memory.find([roomId(1), roomId(3), roomId(10_001)])?.size, 3);
});

/** Counts what a writer is asked. */
class CountingWriter implements Transactor {
  transactions = 0;
  locks = 0;
  readonly #inner: Transactor;

  constructor(inner: Transactor) {
    this.#inner = inner;
  }

  transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    this.transactions++;
    return this.#inner.transaction((sql) =>
      work({
        query: (text, params) => sql.query(text, params),
        execute: (text, params) => sql.execute(text, params),
        updateEach: (update) => sql.updateEach(update),
        queryLocking: (text, params) => {
          this.locks++;
          return sql.queryLocking(text, params);
        },
      })
    );
  }
}

function newCommit(driver: SqlDriver): { commit: GroupCommit; writer: CountingWriter } {
  const writer = new CountingWriter(driver);
  const commit = new GroupCommit(writer, {
    desk: NO_DESK,
    now: () => NOW,
    fullText: FULL_TEXT[driver.dialect],
    limits: APPEND_LIMITS,
    log: () => {},
  });
  return { commit, writer };
}

testEachStore("head cache: a cached head that is out of date stores nothing", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => NOW });
  const { id: user } = await createGuest(repository);
  await say(repository, { user, texts: ["before"] });
  const cachedHeads = new Map([[LOBBY, head(0)]]);
  const store = () =>
    driver.transaction((sql) =>
      storeBatch(sql, [draft(user)], {
        desk: NO_DESK,
        now: NOW,
        looksUpCids: false,
        cachedHeads,
        fullText: FULL_TEXT[driver.dialect],
        chooseReads: () => [],
      })
    );
  await assertRejects(store, StaleHeadsError);
  assertEquals((await repository.messages.after(LOBBY, 0, 10)).length, 1);
  assertEquals(await repository.rooms.lastSeqs([LOBBY]), new Map([[LOBBY, 1]]));
});

testEachStore("head cache: only the first batch of a room reads its head", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => NOW });
  const { id: user } = await createGuest(repository);
  const { id: room } = await createRoom(repository, "other");
  const { commit, writer } = newCommit(driver);
  await using _closed = commit;
  for (let seq = 1; seq <= 5; seq++) {
    assertEquals(await commit.append([draft(user)]), [{ seq, time: NOW, dup: false }]);
  }
  assertEquals([writer.transactions, writer.locks], [5, 1]);
  await commit.append([draft(user), draft(user, { room })]);
  await commit.append([draft(user, { room }), draft(user)]);
  assertEquals([writer.transactions, writer.locks], [7, 2]);
});

testEachStore(
  "head cache: two servers that write to one room leave no gap and share no seq",
  async (database) => {
    const driver = await openMigrated(database);
    await using repository = await openRepository(driver, { now: () => NOW });
    const { id: user } = await createGuest(repository);
    const { id: room } = await createRoom(repository, "ours alone");
    const one = newCommit(driver);
    const two = newCommit(driver);
    await using _one = one.commit;
    await using _two = two.commit;
    const answers: unknown[] = [];
    const speak = async (commit: GroupCommit, content: string, cid?: string) =>
      answers.push(...await commit.append([draft(user, { content, cid })]));
    await speak(one.commit, "1");
    await speak(two.commit, "2");
    // What the first remembers is old now, also of a batch whose other room is as remembered.
    await one.commit.append([draft(user, { room })]);
    answers.push(
      ...(await one.commit.append([draft(user, { content: "3", cid: "c" }), draft(user, { room })]))
        .slice(0, 1),
    );
    // And a resend in such a moment is known.
    await speak(two.commit, "3", "c");
    await speak(two.commit, "4");
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => speak(n % 2 ? one.commit : two.commit, "x")),
    );
    const events = await repository.messages.after(LOBBY, 0, 100);
    assertEquals(events.map(({ seq }) => seq), Array.from({ length: 44 }, (_, n) => n + 1));
    assertEquals(events.slice(0, 4).map(({ body }) => body.content), ["1", "2", "3", "4"]);
    assertEquals(answers.slice(0, 5), [
      { seq: 1, time: NOW, dup: false },
      { seq: 2, time: NOW, dup: false },
      { seq: 3, time: NOW, dup: false },
      { seq: 3, time: NOW, dup: true },
      { seq: 4, time: NOW, dup: false },
    ]);
    const others = await repository.messages.after(room, 0, 100);
    assertEquals(others.map(({ seq }) => seq), [1, 2]);
  },
);

testEachStore(
  "head cache: a room in which another server writes is not tried in vain each time",
  async (database) => {
    const driver = await openMigrated(database);
    await using repository = await openRepository(driver, { now: () => NOW });
    const { id: user } = await createGuest(repository);
    const one = newCommit(driver);
    const two = newCommit(driver);
    await using _one = one.commit;
    await using _two = two.commit;
    const ROUNDS = 12;
    for (let n = 0; n < ROUNDS; n++) {
      await one.commit.append([draft(user)]);
      await two.commit.append([draft(user)]);
    }
    // Each was wrong once.
    assertEquals(one.writer.transactions, ROUNDS + 1);
    assertEquals(two.writer.transactions, ROUNDS + 1);
  },
);
