// Upgrades of a small old database that are cut off after each of their statements, or within it. The tests
// try some of the places, the goal G26 all of them.

import { assertEquals, assertRejects } from "@std/assert";
import { type ExecuteResult, OpenError, type SchemaSql, SqlError } from "../../../lib/store/sql.ts";
import { createMysqlDatabase, type MysqlTestDatabase } from "../../support/stores/mysql.ts";
import {
  addMessages,
  addUsers,
  createOldTables,
  definitions,
  onDatabase,
  openUpgraded,
  seenThrough,
} from "../../support/stores/old_tables.ts";

/** A small database with something to do for every step. */
export async function createSmall(database: MysqlTestDatabase): Promise<void> {
  await onDatabase(database, async (sql) => {
    await createOldTables(sql, { users: "latin1", messages: "utf8mb3", engine: "MyISAM" });
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

export function faulty(fault: Fault): (sql: SchemaSql) => SchemaSql {
  let place = 0;
  return (sql) => ({
    query: (text, params) => sql.query(text, params),
    tableNames: () => sql.tableNames(),
    execute: (text, params) => fault({ place: ++place, text }, () => sql.execute(text, params)),
  });
}

export const CUT = new SqlError("lost", "cut off", 0);

/** The result without any cut, and the statements that lead to it. */
async function whole(): Promise<{ outcome: unknown; statements: readonly string[] }> {
  await using database = await createMysqlDatabase();
  await createSmall(database);
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

/**
 * Cuts upgrades off after every `step`th of their statements, and continues them.
 *
 * @returns how many; throws when an outcome differs from that of an upgrade without a cut
 */
export async function cutAfterStatements(step: number): Promise<number> {
  const { outcome: expected, statements } = await whole();
  let cuts = 0;
  for (let cut = 0; cut < statements.length; cut += step, cuts++) {
    await using database = await createMysqlDatabase();
    await createSmall(database);
    const dying = faulty(async ({ place }, run) => {
      if (place > cut) throw CUT;
      return await run();
    });
    await assertRejects(() => openUpgraded(seenThrough(database, dying)), OpenError, "cut off");
    await (await openUpgraded(database))[Symbol.asyncDispose]();
    assertEquals(await outcome(database), expected, `cut after ${cut}`);
  }
  return cuts;
}

/** The same within every `step`th statement that changes the old tables: its connection is killed. */
export async function cutWithinStatements(step: number): Promise<number> {
  const { outcome: expected, statements } = await whole();
  const changes = /^(ALTER TABLE|UPDATE|INSERT INTO) (Users|Messages)/;
  const chosen = [...statements.entries()].filter(([, text]) => changes.test(text))
    .filter((_, at) => at % step === 0);
  for (const [index, text] of chosen) {
    await using database = await createMysqlDatabase();
    await createSmall(database);
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
  return chosen.length;
}

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
