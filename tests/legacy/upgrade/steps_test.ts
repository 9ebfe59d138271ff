// An upgrade that is cut off goes on: after every one of its statements, and within them.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { LegacyProgress } from "../../../lib/legacy/upgrade/upgrade.ts";
import { type ExecuteResult, OpenError, type SchemaSql, SqlError } from "../../../lib/store/sql.ts";
import { createMysqlDatabase, type MysqlTestDatabase, testMysql } from "../../support/mysql.ts";
import {
  addMessages,
  addUsers,
  definitions,
  legacyUpgrade,
  makeOldTables,
  NOW,
  onDatabase,
  openUpgraded,
  seenThrough,
} from "../../support/old_tables.ts";
import { openTestRepository, type TestDatabase } from "../../support/stores.ts";
import { roomId } from "../../../lib/store/repository.ts";

/** A small database with something to do for every step. */
async function makeSmall(database: MysqlTestDatabase): Promise<void> {
  await onDatabase(database, async (sql) => {
    await makeOldTables(sql, { users: "latin1", messages: "utf8mb3", engine: "MyISAM" });
    await sql.command("ALTER TABLE Users ENGINE=InnoDB");
    await addUsers(sql, "ada", "Ada", "bob", "unknown", "not a name");
    const users = [1, 5, 77, 0, 3, 2_147_483_647, 4, 77];
    await addMessages(sql, ...users.map((user, n) => ({ user, id: 2 * n + 1, content: `Ü ${n}` })));
  });
}

/** All that an upgrade makes, without what no two runs have alike. */
function outcome(database: MysqlTestDatabase): Promise<unknown> {
  return onDatabase(database, async (sql) => [
    await definitions(sql),
    await sql.query("SELECT user_id, username, role, name_key FROM Users ORDER BY user_id"),
    await sql.query("SELECT * FROM Messages ORDER BY seq"),
    await sql.query("SELECT * FROM Rooms"),
    await sql.query("SELECT * FROM RoomNames"),
    await sql.query("SELECT * FROM ParleyMigrations ORDER BY version"),
  ]);
}

/** A statement that changes something, and which one of a run it is, from 1. */
interface Statement {
  readonly place: number;
  readonly text: string;
}

/** Runs a statement, or does not. */
type Fault = (statement: Statement, run: () => Promise<ExecuteResult>) => Promise<ExecuteResult>;

function faulty(fault: Fault): (sql: SchemaSql) => SchemaSql {
  let place = 0;
  return (sql) => ({
    query: (text, params) => sql.query(text, params),
    tableNames: () => sql.tableNames(),
    execute: (text, params) => fault({ place: ++place, text }, () => sql.execute(text, params)),
  });
}

const CUT = new SqlError("lost", "cut off", 0);

/** The result without any cut, and the statements that lead to it. */
async function whole(): Promise<{ outcome: unknown; statements: readonly string[] }> {
  await using database = await createMysqlDatabase();
  await makeSmall(database);
  const statements: string[] = [];
  const counted = seenThrough(
    database,
    faulty(({ text }, run) => {
      statements.push(text);
      return run();
    }),
  );
  await (await openUpgraded(counted))[Symbol.asyncDispose]();
  return { outcome: await outcome(database), statements };
}

testMysql("legacy steps: cut off after any statement, it goes on", async () => {
  const { outcome: expected, statements } = await whole();
  assert(statements.length > 25);
  for (let cut = 0; cut < statements.length; cut++) {
    await using database = await createMysqlDatabase();
    await makeSmall(database);
    const dying = faulty(async ({ place }, run) => {
      if (place > cut) throw CUT;
      return await run();
    });
    await assertRejects(() => openUpgraded(seenThrough(database, dying)), OpenError, "cut off");
    await (await openUpgraded(database))[Symbol.asyncDispose]();
    assertEquals(await outcome(database), expected, `cut after ${cut}`);
  }
});

testMysql("legacy steps: cut off within a change of the old tables, it goes on", async () => {
  const { outcome: expected, statements } = await whole();
  const changes = /^(ALTER TABLE|UPDATE|INSERT INTO) (Users|Messages)/;
  for (const [index, text] of statements.entries()) {
    if (!changes.test(text)) continue;
    await using database = await createMysqlDatabase();
    await makeSmall(database);
    await onDatabase(database, async (killer) => {
      const dying = faulty(async ({ place }, run) => {
        if (place !== index + 1) return await run();
        const running = run();
        running.catch(() => {});
        await killAll(database, killer);
        await running;
        throw CUT;
      });
      await assertRejects(() => openUpgraded(seenThrough(database, dying)), OpenError);
    });
    await (await openUpgraded(database))[Symbol.asyncDispose]();
    assertEquals(await outcome(database), expected, `cut within ${text}`);
  }
});

/** Ends every other connection to the database from the server's side. */
async function killAll(
  { options }: MysqlTestDatabase,
  killer: Pick<SchemaSql, "query"> & { command(sql: string): Promise<void> },
): Promise<void> {
  const rows = await killer.query(
    "SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()",
    [options.database],
  );
  for (const { id } of rows) await killer.command(`KILL CONNECTION ${Number(id)}`).catch(() => {});
}

testMysql("legacy steps: numbering goes on where it was cut off", async (database) => {
  await onDatabase(database, async (sql) => {
    await makeOldTables(sql);
    await addUsers(sql, "ada");
    await addMessages(sql, ...Array.from({ length: 600 }, () => ({})));
  });
  const told: number[] = [];
  const report = {
    onStart: () => {},
    onProgress: ({ messages }: LegacyProgress) => {
      if (messages === undefined) return;
      told.push(messages.done);
      if (told.length === 2) throw CUT;
    },
    onEnd: () => {},
  };
  await assertRejects(() => openUpgraded(database, legacyUpgrade(report)), OpenError);
  await using repository = await openUpgraded(database, legacyUpgrade(report));
  assertEquals(told, [256, 512, 600]);
  assertEquals((await repository.rooms.find("lobby"))?.last, 600);
});

testMysql("legacy steps: one that was begun is not gone on with unasked", async (database) => {
  await makeSmall(database);
  const dying = faulty(({ place }, run) => place > 9 ? Promise.reject(CUT) : run());
  await assertRejects(() => openUpgraded(seenThrough(database, dying)), OpenError);
  const unasked = { ...legacyUpgrade(), isWanted: false };
  for (const open of [openTestRepository, (old: TestDatabase) => openUpgraded(old, unasked)]) {
    const error = await assertRejects(() => open(database), OpenError);
    assertEquals(error.kind, "incompatible");
    assert(error.message.includes("interrupted: continue it with --upgrade-legacy"), error.message);
  }
});

testMysql("legacy steps: who holds the tables is to be stopped", async (database) => {
  await makeSmall(database);
  const busy = new SqlError("conflict", "ER_LOCK_WAIT_TIMEOUT", 1205);
  const dying = faulty(({ place }, run) => place > 4 ? Promise.reject(busy) : run());
  const error = await assertRejects(() => openUpgraded(seenThrough(database, dying)), OpenError);
  assertEquals(error.kind, "in_use");
  await (await openUpgraded(database))[Symbol.asyncDispose]();
});

testMysql(
  "legacy steps: the old program's inserts fail once they would be lost",
  async (database) => {
    await makeSmall(database);
    await (await openUpgraded(database))[Symbol.asyncDispose]();
    await onDatabase(database, async (sql) => {
      for (const mode of ["STRICT_ALL_TABLES", ""]) {
        await sql.command(`SET SESSION sql_mode = '${mode}'`);
        const insert = "INSERT INTO Messages (user_id, content) VALUES (1, 'late')";
        await assertRejects(() => sql.execute(insert), SqlError, undefined, mode);
      }
    });
  },
);

testMysql("legacy steps: what the old program adds meanwhile is numbered", async (database) => {
  await makeSmall(database);
  await onDatabase(database, async (old) => {
    let refused = 0;
    const meanwhile = faulty(async (_statement, run) => {
      const executed = await run();
      await old.execute("INSERT INTO Messages (user_id, content) VALUES (1, 'late')")
        .catch(() => refused++);
      return executed;
    });
    await using repository = await openUpgraded(seenThrough(database, meanwhile));
    const events = await repository.messages.after(roomId(1), 0, 1_000);
    const [row] = await old.query("SELECT COUNT(*) AS many FROM Messages");
    assertEquals(events.length, Number(row?.many));
    assertEquals(events.map((event) => event.seq), events.map((_, index) => index + 1));
    assertEquals([...new Set(events.map((event) => event.time))].at(-1), NOW);
    assert(events.filter((event) => event.body.content === "late").length > 3 && refused > 3);
  });
});
