// What holds when many write at once and when the database fails, with a writer that fails on cue.

import { assert, assertEquals } from "@std/assert";
import type { AppendQueueLimits } from "../../../lib/store/append/append_queue.ts";
import { FULL_TEXT } from "../../../lib/store/search/indexes.ts";
import { APPEND_LIMITS, GroupCommit } from "../../../lib/store/append/group_commit.ts";
import { type Appended, type Draft, roomId } from "../../../lib/store/records.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { FakeTimers } from "../../support/fakes/fake_timers.ts";
import { until } from "../../support/waiting.ts";
import { ScriptedWriter, type Step } from "../../support/stores/scripted_writer.ts";
import {
  openMigrated,
  openTestRepository,
  type TestDatabase,
  testEachStore,
} from "../../support/stores/databases.ts";
import {
  createGuest,
  createRoom,
  draft,
  LOBBY,
  NO_DESK,
} from "../../support/stores/store_facts.ts";

const NOW = 1_000;
const UNAVAILABLE: Appended = { refused: "unavailable" };
const FULL: Appended = { refused: "storage_full" };
const INTERNAL: Appended = { refused: "internal" };

function stored(seq: number): Appended {
  return { seq, time: NOW, dup: false };
}

/** A group commit of its own beside a repository to look into, and a writer that fails on cue. */
interface Bench extends AsyncDisposable {
  readonly writer: ScriptedWriter;
  readonly commit: GroupCommit;
  /** What was logged for the operator. */
  readonly logged: readonly string[];
  /** A draft of the one user there is. */
  draft(content: string, cid?: string): Draft;
  /** All that the lobby holds. */
  contents(): Promise<readonly string[]>;
}

async function openBench(
  database: TestDatabase,
  script: readonly Step[],
  { timers, ...limits }: Partial<AppendQueueLimits> & { readonly timers?: FakeTimers } = {},
): Promise<Bench> {
  const driver = await openMigrated(database);
  const repository = await openRepository(driver, { now: () => NOW });
  const { id: user } = await createGuest(repository);
  const writer = new ScriptedWriter(driver.writer, script);
  const logged: string[] = [];
  const commit = new GroupCommit(writer, {
    desk: NO_DESK,
    now: () => NOW,
    fullText: FULL_TEXT[driver.dialect],
    limits: { ...APPEND_LIMITS, ...limits },
    log: (event) => logged.push(event),
    timers,
  });
  return {
    writer,
    commit,
    logged,
    draft: (content, cid) => draft(user, { content, cid }),
    async contents(): Promise<readonly string[]> {
      const events = await repository.messages.after(LOBBY, 0, 2_000);
      assertEquals(events.map((event) => event.seq), events.map((_, index) => index + 1));
      return events.map((event) => event.body.content);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      writer.release();
      await commit[Symbol.asyncDispose]();
      await repository[Symbol.asyncDispose]();
    },
  };
}

testEachStore("group commit: 1,000 at once get every seq of their room once", async (database) => {
  await using repository = await openTestRepository(database);
  const { messages } = repository;
  const users = await Promise.all(["a", "b", "c"].map((name) => createGuest(repository, name)));
  const rooms = await Promise.all(
    Array.from({ length: 20 }, (_, n) => createRoom(repository, `room${n}`)),
  );
  const drafts = Array.from({ length: 1_000 }, (_, n) =>
    draft(users[n % 3]?.id ?? 0, {
      room: roomId(rooms[(n * 7) % 20]?.id ?? 0),
      content: `${n}`,
      cid: n % 2 === 0 ? `cid-${n}` : undefined,
    }));
  const answers = (await Promise.all(drafts.map((one) => messages.append([one])))).flat();
  for (const room of rooms) {
    const events = await messages.after(room.id, 0, 1_000);
    assertEquals(events.map((event) => event.seq), Array.from({ length: 50 }, (_, n) => n + 1));
    const asked = drafts.flatMap(({ room: id, body }, n) => {
      const answer = answers[n];
      assert(answer !== undefined && "seq" in answer);
      return id === room.id ? [{ seq: answer.seq, body }] : [];
    });
    assertEquals(events.map(({ seq, body }) => ({ seq, body })), asked);
  }
  assertEquals(messages.pending, 0);
});

testEachStore(
  "group commit: drafts that wait while one transaction runs are the next",
  async (database) => {
    await using bench = await openBench(database, ["held"]);
    const first = bench.commit.append([bench.draft("first")]);
    // The first is on its way when the others come.
    while (bench.writer.transactions === 0) await new Promise((resolve) => setImmediate(resolve));
    const others = Array.from(
      { length: 300 },
      (_, n) => bench.commit.append([bench.draft(`${n}`)]),
    );
    assertEquals(bench.commit.pending, 301);
    bench.writer.release();
    assertEquals(await first, [stored(1)]);
    const answers = (await Promise.all(others)).flat();
    assertEquals(
      answers,
      answers.map((_, n) => stored(n + 2)),
    );
    assertEquals(bench.writer.transactions, 3);
  },
);

testEachStore("group commit: callers are answered in the order they asked", async (database) => {
  await using bench = await openBench(database, [], { batch: 4, pending: 9 });
  const order: number[] = [];
  await Promise.all(Array.from({ length: 12 }, (_, n) => {
    const content = n === 2 ? "cannot be \0 stored" : `${n}`;
    return bench.commit.append([bench.draft(content)]).then(() => order.push(n));
  }));
  assertEquals(order, Array.from({ length: 12 }, (_, n) => n));
});

testEachStore(
  "group commit: it continues when the database is back, and logs that",
  async (database) => {
    await using bench = await openBench(database, ["lost", "lost", "lost"]);
    assertEquals(await bench.commit.append([bench.draft("a"), bench.draft("b")]), [
      stored(1),
      stored(2),
    ]);
    assertEquals(await bench.contents(), ["a", "b"]);
    assertEquals(bench.logged, ["database lost", "database back"]);
  },
);

for (const cid of ["c", undefined]) {
  const what = cid === undefined ? "without a cid" : "with a cid";
  testEachStore(
    `group commit: an unanswered commit that has happened is found, ${what}`,
    async (database) => {
      await using bench = await openBench(database, ["unknown, stored", "lost", "conflict"]);
      const drafts = [bench.draft("a"), bench.draft("b", cid)];
      assertEquals(await bench.commit.append(drafts), [stored(1), stored(2)]);
      assertEquals(await bench.contents(), ["a", "b"]);
    },
  );

  testEachStore(
    `group commit: an unanswered commit that was undone is done again, ${what}`,
    async (database) => {
      await using bench = await openBench(database, ["unknown, undone", "lost"]);
      const drafts = [bench.draft("a"), bench.draft("b", cid)];
      assertEquals(await bench.commit.append(drafts), [stored(1), stored(2)]);
      assertEquals(await bench.contents(), ["a", "b"]);
    },
  );
}

testEachStore(
  "group commit: nothing is stored before an unanswered commit is known",
  async (database) => {
    await using bench = await openBench(database, ["unknown, undone", "held"]);
    const answers = ["a", "b"].map((text) => bench.commit.append([bench.draft(text)]));
    while (bench.writer.transactions < 2) await new Promise((resolve) => setImmediate(resolve));
    const late = bench.commit.append([bench.draft("c")]);
    assertEquals(await bench.contents(), []);
    bench.writer.release();
    assertEquals(await Promise.all([...answers, late]), [[stored(1)], [stored(2)], [stored(3)]]);
    assertEquals(await bench.contents(), ["a", "b", "c"]);
  },
);

testEachStore(
  "group commit: a lost answer to a batch without new rows is given again",
  async (database) => {
    await using bench = await openBench(database, ["stored", "unknown, stored"]);
    await bench.commit.append([bench.draft("a", "c")]);
    assertEquals(await bench.commit.append([bench.draft("a", "c")]), [{
      seq: 1,
      time: NOW,
      dup: true,
    }]);
  },
);

testEachStore(
  "group commit: a batch that gives way to another transaction is tried three times more",
  async (database) => {
    await using bench = await openBench(database, ["conflict", "duplicate", "conflict"]);
    assertEquals(await bench.commit.append([bench.draft("a")]), [stored(1)]);
    assertEquals(bench.writer.transactions, 4);
  },
);

testEachStore(
  "group commit: a batch that gives way too often is answered unavailable",
  async (database) => {
    await using bench = await openBench(database, Array.from({ length: 4 }, () => "conflict"));
    assertEquals(await bench.commit.append([bench.draft("a"), bench.draft("b")]), [
      UNAVAILABLE,
      UNAVAILABLE,
    ]);
    assertEquals(await bench.commit.append([bench.draft("c")]), [stored(1)]);
    assertEquals(await bench.contents(), ["c"]);
  },
);

testEachStore("group commit: the draft at fault is refused alone", async (database) => {
  await using bench = await openBench(database, ["refused", "stored", "refused", "stored"]);
  const drafts = ["a", "b", "c"].map((text) => bench.draft(text));
  assertEquals(await bench.commit.append(drafts), [stored(1), INTERNAL, stored(2)]);
  assertEquals(await bench.contents(), ["a", "c"]);
  assertEquals(bench.logged, ["message refused by the database"]);
});

testEachStore(
  "group commit: a full disk refuses the batch, and the next one may fit",
  async (database) => {
    await using bench = await openBench(database, ["full"]);
    assertEquals(await bench.commit.append([bench.draft("a"), bench.draft("b")]), [FULL, FULL]);
    assertEquals(await bench.commit.append([bench.draft("c")]), [stored(1)]);
  },
);

testEachStore(
  "group commit: a draft given up before it was sent is never stored",
  async (database) => {
    const timers = new FakeTimers();
    await using bench = await openBench(database, ["held"], { waitMs: 300, batch: 2, timers });
    const answers = ["a", "b", "c"].map((text) => bench.commit.append([bench.draft(text)]));
    await until(() => bench.writer.transactions === 1);
    timers.jump(300);
    assertEquals(await Promise.all(answers), [[UNAVAILABLE], [UNAVAILABLE], [UNAVAILABLE]]);
    assertEquals(bench.commit.pending, 0);
    bench.writer.release();
    // The first two were sent; the third never reached the database.
    assertEquals(await bench.commit.append([bench.draft("d")]), [stored(3)]);
    assertEquals(await bench.contents(), ["a", "b", "d"]);
  },
);

testEachStore("group commit: a draft that was given up is not tried again", async (database) => {
  const outage = Array.from({ length: 3 }, (): Step => "lost");
  await using bench = await openBench(database, outage, { waitMs: 30 });
  assertEquals(await bench.commit.append([bench.draft("a")]), [UNAVAILABLE]);
  // How many are given up until the database is back is a matter of timing; of those, one may be on
  // its way by then, and be stored all the same.
  let last = "";
  let answer: Appended | undefined = UNAVAILABLE;
  for (let n = 1; answer !== undefined && "refused" in answer; n++) {
    last = `b${n}`;
    [answer] = await bench.commit.append([bench.draft(last)]);
  }
  const contents = await bench.contents();
  assertEquals([contents.includes("a"), contents.at(-1)], [false, last]);
});

testEachStore(
  "group commit: when it ends it stores the drafts that wait and refuses later ones",
  async (database) => {
    const bench = await openBench(database, [], { batch: 2 });
    const waiting = ["a", "b", "c"].map((text) => bench.commit.append([bench.draft(text)]));
    const ended = bench.commit[Symbol.asyncDispose]();
    const late = bench.commit.append([bench.draft("d")]);
    assertEquals(await Promise.all([...waiting, late]), [
      [stored(1)],
      [stored(2)],
      [stored(3)],
      [UNAVAILABLE],
    ]);
    await ended;
    assertEquals(await bench.contents(), ["a", "b", "c"]);
    await bench[Symbol.asyncDispose]();
  },
);
