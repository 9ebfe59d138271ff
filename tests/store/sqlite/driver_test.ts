// What is SQLite's own: its settings, its two connections, and the faults of a file.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { SqlError } from "../../../lib/store/sql.ts";
import { Checkpointer } from "../../../lib/store/sqlite/checkpointer.ts";
import { sqlErrorOfCode } from "../../../lib/store/sqlite/connection.ts";
import { retryWhileLocked } from "../../../lib/store/sqlite/lock_wait.ts";
import { type Asked, overhear } from "../../support/stores/recording_driver.ts";
import { createSqliteDatabase } from "../../support/stores/databases.ts";
import { createGuest, draft, LOBBY, newTokenHash, say } from "../../support/stores/store_facts.ts";
import { roomId } from "../../../lib/store/records.ts";

const HOUR = 3_600_000;
/** What files do instead of reaching the disk, until the end of the block. */
function replaceSync(sync: () => Promise<void>): Disposable & { readonly calls: number } {
  const real = Deno.FsFile.prototype.syncData;
  let calls = 0;
  Deno.FsFile.prototype.syncData = () => {
    calls++;
    return sync();
  };
  return {
    get calls(): number {
      return calls;
    },
    [Symbol.dispose]: () => void (Deno.FsFile.prototype.syncData = real),
  };
}

/** Every copy of the log fails with this code of SQLite's, until the end of the block. */
function failingCopies(errcode: number): Disposable & { readonly calls: number } {
  const real = Checkpointer.prototype.copy;
  let calls = 0;
  Checkpointer.prototype.copy = () => {
    calls++;
    return Promise.reject(sqlErrorOfCode(errcode, "disk I/O error"));
  };
  return {
    get calls(): number {
      return calls;
    },
    [Symbol.dispose]: () => void (Checkpointer.prototype.copy = real),
  };
}

const UNAVAILABLE = { refused: "unavailable" } as const;

Deno.test("sqlite: what is committed goes to a log, and syncing it is left to us", async () => {
  await using database = await createSqliteDatabase();
  await using driver = await database.open();
  const settings = await driver.transaction(async (sql) => {
    const names = ["journal_mode", "synchronous", "foreign_keys", "trusted_schema"];
    const rows = await Promise.all(names.map((name) => sql.query(`PRAGMA ${name}`)));
    return Object.assign({}, ...rows.flat());
  });
  // 1 is NORMAL.
  assertEquals(settings, {
    journal_mode: "wal",
    synchronous: 1,
    foreign_keys: 1,
    trusted_schema: 0,
  });
});

Deno.test("sqlite: no reader sees into an open transaction", async () => {
  await using database = await createSqliteDatabase();
  await using driver = await database.open();
  await driver.execute("CREATE TABLE A (n INTEGER)");
  const seen: unknown[] = [];
  await driver.transaction(async (sql) => {
    await sql.execute("INSERT INTO A (n) VALUES (1)");
    seen.push(await driver.query("SELECT n FROM A"), await sql.query("SELECT n FROM A"));
  });
  seen.push(await driver.query("SELECT n FROM A"));
  assertEquals(seen, [[], [{ n: 1 }], [{ n: 1 }]]);
});

Deno.test("sqlite: transactions and single statements take turns", async () => {
  await using database = await createSqliteDatabase();
  await using driver = await database.open();
  await driver.execute("CREATE TABLE A (n INTEGER)");
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const undone = driver.transaction(async (sql) => {
    await sql.execute("INSERT INTO A (n) VALUES (1)");
    await gate;
    throw new Error("undo");
  });
  const later = driver.execute("INSERT INTO A (n) VALUES (2)");
  open();
  await assertRejects(() => undone, Error, "undo");
  await later;
  assertEquals(await driver.query("SELECT n FROM A"), [{ n: 2 }]);
});

Deno.test("sqlite: the connection that reads cannot write", async () => {
  await using database = await createSqliteDatabase();
  await using driver = await database.open();
  await assertRejects(() => driver.query("CREATE TABLE A (n INTEGER)"), SqlError);
});

Deno.test("sqlite: more statements than are kept prepared work as well", async () => {
  await using database = await createSqliteDatabase();
  await using driver = await database.open();
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 300; n++) {
      assertEquals(await driver.query(`SELECT ${n} AS n, ? AS text`, ["x"]), [{ n, text: "x" }]);
    }
  }
});

Deno.test("sqlite: many statements in a row leave the event loop its turns", async () => {
  await using database = await createSqliteDatabase();
  await using driver = await database.open();
  await driver.execute("CREATE TABLE A (n INTEGER)");
  const busy = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 6000) " +
    "SELECT MAX(n) AS n FROM c";
  for (
    const statement of [
      () => driver.query(busy),
      () => driver.transaction((sql) => sql.query(busy)),
    ]
  ) {
    let turns = 0;
    const counter = setInterval(() => turns++, 0);
    for (let n = 0; n < 40; n++) await statement();
    clearInterval(counter);
    assertEquals(turns > 2, true, `${turns}`);
  }
});

Deno.test("sqlite: an error says what it is, and nothing of the values", async () => {
  await using database = await createSqliteDatabase();
  await using driver = await database.open();
  await driver.execute("CREATE TABLE A (t TEXT UNIQUE, n INTEGER NOT NULL) STRICT");
  await driver.execute("INSERT INTO A (t, n) VALUES ('secret', 1)");
  const faults = [];
  for (
    const [sql, params] of [
      ["INSERT INTO A (t, n) VALUES (?, 1)", ["secret"]],
      ["INSERT INTO A (t, n) VALUES (?, NULL)", ["secret"]],
      ["INSERT INTO A (t, n) VALUES ('x', ?)", ["secret"]],
      ["INSERT INTO secret (t) VALUES (?)", ["secret"]],
    ] as const
  ) {
    const error = await assertRejects(() => driver.execute(sql, params), SqlError);
    assertEquals(error.message.includes("secret"), false, error.message);
    faults.push(error.kind);
  }
  assertEquals(faults, ["duplicate", "refused", "refused", "refused"]);
});

Deno.test("sqlite: a full disk refuses, reads go on, and space ends it", async () => {
  await using database = await createSqliteDatabase();
  const driver = await database.open();
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const { messages, users } = repository;
  const tokenHash = newTokenHash();
  const ada = await users.createGuest({ name: userNameOf("ada"), tokenHash, now: 0 });
  await say(repository, { user: ada.id, texts: ["before"] });
  const limitPages = (pages: number) =>
    driver.transaction((sql) => sql.query(`PRAGMA max_page_count = ${pages}`));
  await limitPages(1);
  const content = "x".repeat(30_000);
  const full = Array.from({ length: 3 }, () => draft(ada.id, { content }));
  assertEquals(
    await messages.append(full),
    full.map(() => ({ refused: "storage_full" } as const)),
  );
  assertEquals((await messages.after(LOBBY, 0, 10)).map((event) => event.body.content), ["before"]);
  // A login holds, although its use may find no space to be noted in.
  assertEquals((await users.findByToken(tokenHash, { now: 2 * HOUR }))?.id, ada.id);
  await limitPages(1_000_000);
  assertEquals((await messages.append(full)).map((answer) => "seq" in answer && answer.seq), [
    2,
    3,
    4,
  ]);
});

Deno.test("sqlite: a commit is answered when the log is on the disk, and others go on meanwhile", async () => {
  await using database = await createSqliteDatabase();
  const driver = await database.open();
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const ada = await createGuest(repository);
  await say(repository, { user: ada.id, texts: ["before"] });
  const disk = Promise.withResolvers<void>();
  using syncing = replaceSync(() => disk.promise);
  let isAnswered = false;
  const answer = repository.messages.append([draft(ada.id)]).finally(() => isAnswered = true);
  while (syncing.calls === 0) await new Promise((resolve) => setImmediate(resolve));
  assertEquals((await repository.messages.after(LOBBY, 0, 1)).length, 1);
  assertEquals(isAnswered, false);
  disk.resolve();
  assertEquals(await answer, [{ seq: 2, time: 1_000, dup: false }]);
});

Deno.test("sqlite: when the log could not be synced, nothing is stored before a new start", async () => {
  await using database = await createSqliteDatabase();
  const message = (user: number, cid: string) => [draft(user, { cid })];
  let user: number;
  {
    const logged: unknown[] = [];
    await using repository = await openRepository(await database.open(), {
      now: () => 1_000,
      waitMs: 50,
      log: (_event, fields) => logged.push(fields.why),
    });
    user = (await createGuest(repository)).id;
    {
      using _syncing = replaceSync(() => Promise.reject(new Error("os error 5")));
      assertEquals(await repository.messages.append(message(user, "a")), [UNAVAILABLE]);
    }
    assertEquals(await repository.messages.append(message(user, "b")), [UNAVAILABLE]);
    assertEquals(await repository.messages.before(LOBBY, 99, 9).then(({ length }) => length), 1);
    assertStringIncludes(`${logged}`, "start the server again");
  }
  await using repository = await openRepository(await database.open(), { now: () => 2_000 });
  const again = await repository.messages.append([
    ...message(user, "a"),
    ...message(user, "b"),
  ]);
  assertEquals(again, [
    { seq: 1, time: 1_000, dup: true },
    { seq: 2, time: 2_000, dup: false },
  ]);
});

Deno.test("sqlite: when the copy of the log could not be synced, nothing is stored before a new start", async () => {
  await using database = await createSqliteDatabase();
  {
    await using driver = await database.open();
    await driver.execute("CREATE TABLE A (t TEXT)");
    using copying = failingCopies(1034);
    await driver.transaction(async (sql) => {
      for (let n = 0; n < 2_100; n++) {
        await sql.execute("INSERT INTO A (t) VALUES (?)", ["x".repeat(3_500)]);
      }
    });
    while (copying.calls < 1) await new Promise((resolve) => setImmediate(resolve));
    const refusal = () => driver.execute("INSERT INTO A (t) VALUES ('late')");
    const error = await assertRejects(refusal, SqlError, "start the server again");
    assertEquals(error.kind, "lost");
    assertEquals(await driver.query("SELECT COUNT(*) AS n FROM A"), [{ n: 2_100 }]);
  }
  await using driver = await database.open();
  await driver.execute("INSERT INTO A (t) VALUES ('again')");
  assertEquals(await driver.query("SELECT COUNT(*) AS n FROM A"), [{ n: 2_101 }]);
});

Deno.test("sqlite: a file that another program holds is unavailable until it lets go", async () => {
  await using database = await createSqliteDatabase();
  const driver = await database.open();
  await using repository = await openRepository(driver, { now: () => 1_000, waitMs: 200 });
  const ada = await createGuest(repository);
  using other = new DatabaseSync(database.url.slice("sqlite:".length));
  other.exec("BEGIN IMMEDIATE");
  const message = [draft(ada.id, { cid: "c" })];
  assertEquals(await repository.messages.append(message), [{ refused: "unavailable" }]);
  assertEquals(await repository.messages.after(LOBBY, 0, 10), []);
  other.exec("ROLLBACK");
  const [answer] = await repository.messages.append(message);
  assertEquals(answer !== undefined && "seq" in answer && answer.seq, 1);
});

Deno.test("sqlite: while another program holds the file the event loop goes on", async () => {
  await using database = await createSqliteDatabase();
  await using driver = await database.open();
  await driver.execute("CREATE TABLE A (n INTEGER)");
  // What SQLite waits for, it waits for on the event loop.
  const timeouts = [
    await driver.query("PRAGMA busy_timeout"),
    await driver.transaction((sql) => sql.query("PRAGMA busy_timeout")),
  ];
  assertEquals(timeouts.flat(), [{ timeout: 0 }, { timeout: 0 }]);
  using other = new DatabaseSync(database.url.slice("sqlite:".length));
  other.exec("BEGIN IMMEDIATE");
  let isDone = false;
  const written = driver.execute("INSERT INTO A (n) VALUES (1)").then(() => isDone = true);
  for (let turn = 0; turn < 100; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    await driver.query("SELECT n FROM A");
  }
  assertEquals(isDone, false);
  other.exec("ROLLBACK");
  await written;
  assertEquals(await driver.query("SELECT n FROM A"), [{ n: 1 }]);
});

Deno.test("sqlite: what another program has locked is tried again, and given up in time", async () => {
  let tries = 0;
  const locked = () => {
    tries++;
    return Promise.reject(new SqlError("conflict", "SQLite: database is locked (5)", 5));
  };
  const late = { until: performance.now() - 1 };
  const error = await assertRejects(
    () => retryWhileLocked(locked, late),
    SqlError,
    "another program",
  );
  assertEquals([error.kind, tries], ["lost", 1]);
  const freed = () => tries++ < 4 ? locked() : Promise.resolve(tries);
  assertEquals(await retryWhileLocked(freed, { until: Infinity }), 6);
  const other = () => Promise.reject(new SqlError("full", "SQLite: full (13)", 13));
  const full = await assertRejects(() => retryWhileLocked(other, { until: Infinity }), SqlError);
  assertEquals(full.kind, "full");
});

Deno.test("sqlite: what is read is found by an index, and messages are never sorted", async () => {
  await using database = await createSqliteDatabase();
  const driver = await database.open();
  const asked: Asked[] = [];
  await using repository = await openRepository(overhear(driver, asked), { now: () => 1_000 });
  const { users, rooms, members, messages } = repository;
  const { id: user } = await users.createGuest({
    name: userNameOf("ada"),
    tokenHash: newTokenHash(),
    now: 0,
  });
  await say(repository, { user, texts: ["x"] });
  await users.findByToken(newTokenHash(), { now: 0 });
  await users.findHeld([userNameOf("ada")]);
  await users.hasToken(user);
  await rooms.findMany([LOBBY]);
  await rooms.list({ limit: 10 });
  await rooms.countOwned(user);
  await rooms.lastSeqs([LOBBY, roomId(2)]);
  await members.add({ room: LOBBY, user, read: 0, now: 0 });
  await members.count(LOBBY);
  await members.list(LOBBY, { limit: 10 });
  await members.ofUser(user, { order: "activity", limit: 10 });
  await members.ofUser(user, { order: "key", limit: 10 });
  await members.among(user, [LOBBY]);
  await members.countOf(user);
  await say(repository, { user, texts: ["@bob @ada"] });
  await messages.after(LOBBY, 0, 10);
  await messages.before(LOBBY, 9, 10);
  await messages.firstAt(LOBBY, 0);
  const selects = [...new Set(asked.map(({ sql }) => sql))];
  assertEquals(selects.length >= 18, true, `${selects.length}`);
  for (const sql of selects) {
    const rows = await driver.query(`EXPLAIN QUERY PLAN ${sql}`);
    const plan = rows.map((row) => String(row.detail));
    // What a query makes itself is no table but some rows of one.
    const created = new Set([...sql.matchAll(/\) AS (\w+)/g)].map(([, name]) => `SCAN ${name}`));
    const scans = plan.filter((step) => step.startsWith("SCAN ") && !created.has(step));
    assertEquals(scans, [], sql);
    // Of memberships, a user has 100: those may be sorted.
    const isSorted = plan.some((step) => step.includes("TEMP B-TREE"));
    assertEquals(isSorted && !sql.includes("AS own"), false, `${sql}: ${plan}`);
  }
});

Deno.test("sqlite: what a person must see to keeps no message waiting", async () => {
  await using database = await createSqliteDatabase();
  const driver = await database.open();
  // So long that the test would never end.
  await using repository = await openRepository(driver, { now: () => 1_000, waitMs: 600_000 });
  const ada = await createGuest(repository);
  const path = database.url.slice("sqlite:".length);
  Deno.renameSync(path, `${path}.away`);
  const answers: unknown[] = [];
  do answers.push(...await repository.messages.append([draft(ada.id)])); while (
    !JSON.stringify(answers.at(-1)).includes("refused")
  );
  assertEquals(answers.at(-1), UNAVAILABLE);
});
