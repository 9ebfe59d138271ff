// A database from before tokens had numbers: every token is valid as before, and messages stay those of
// people, also when the upgrade was cut off anywhere.

import { assertEquals } from "@std/assert";
import { statementsOf } from "../../../lib/store/schema/applied_migrations.ts";
import { migrate, type Schema, SCHEMAS } from "../../../lib/store/schema/migrations.ts";
import { roomId, userId } from "../../../lib/store/records.ts";
import type { ExecuteResult, SchemaSql, SqlDriver } from "../../../lib/store/sql.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { testEachStore } from "../../support/stores/databases.ts";

const NAME = "tokens";
const CUT = new Error("cut off");
const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

/** The n-th token of all. */
const hashOf = (n: number) => new Uint8Array(32).fill(n);

/** Whose each token is, and when it was used last. */
const TOKENS: readonly (readonly [user: number, usedDaysAgo: number])[] = [
  [1, 100],
  [2, 29],
  [2, 1],
  [3, 31],
];

async function createOld(sql: SchemaSql): Promise<void> {
  await sql.execute(
    "INSERT INTO Users (user_id, username, role) VALUES " +
      "(1, 'admin', 'admin'), (2, 'ada', 'guest'), (3, 'eve', 'guest')",
  );
  for (const [n, [user, days]] of TOKENS.entries()) {
    const values = [hashOf(n), user, NOW - days * DAY];
    await sql.execute(
      "INSERT INTO Tokens (token_hash, user_id, last_used) VALUES (?, ?, ?)",
      values,
    );
  }
  await sql.execute(
    "INSERT INTO Rooms (room_id, name, name_key, kind, created, last_seq) VALUES " +
      "(1, 'lobby', 'lobby', 'public', 0, 1)",
  );
  await sql.execute("INSERT INTO RoomNames (name_key, room_id) VALUES ('lobby', 1)");
  await sql.execute(
    "INSERT INTO Messages (user_id, room_id, seq, time, kind, content, author, is_guest) VALUES " +
      "(2, 1, 1, 0, 'message', 'hi', 'ada', 1)",
  );
}

function schemaBefore(driver: SqlDriver): Schema {
  const { migrationsTable, migrations } = SCHEMAS[driver.dialect];
  return { migrationsTable, migrations: migrations.slice(0, migrations.findIndex(isTokens)) };
}

function isTokens({ name }: { readonly name: string }): boolean {
  return name === NAME;
}

/** Runs two statements, of which the first is the note of the step before, and then fails. */
function cutOff(sql: SchemaSql): SchemaSql {
  let left = 2;
  return {
    query: (text, params) => sql.query(text, params),
    tableNames: () => sql.tableNames(),
    async execute(text, params): Promise<ExecuteResult> {
      const executed = await sql.execute(text, params);
      if (--left <= 0) throw CUT;
      return executed;
    },
  };
}

testEachStore(
  "tokens: those of an old database are valid, each with a number",
  async (database) => {
    const driver = await database.open();
    await driver.withSchemaLock(async (sql) => {
      await migrate(sql, schemaBefore(driver));
      await createOld(sql);
    });
    const schema = SCHEMAS[driver.dialect];
    const { sql: script = "" } = schema.migrations.find(isTokens) ?? {};
    for (let cut = 0; cut < statementsOf(script).length; cut++) {
      await driver.withSchemaLock((sql) => migrate(cutOff(sql), schema)).catch((error) => {
        if (error !== CUT) throw error;
      });
    }
    await using repository = await openRepository(driver, { now: () => NOW });
    const { users, tokens, messages } = repository;
    const owners = await Promise.all(
      TOKENS.map((_, n) => users.findByToken(hashOf(n), { now: NOW })),
    );
    assertEquals(
      owners.map((owner) => owner?.id),
      [1, 2, 2, undefined].map((id) => id && userId(id)),
    );
    assertEquals(new Set(owners.map((owner) => owner?.token)).size, 4);
    const listed = await tokens.list(userId(2), { after: 0, limit: 10, now: NOW });
    assertEquals(
      listed.map(({ id, label, scopes }) => [id, label, scopes]).toSorted(),
      [
        [owners[1]?.token, "", undefined],
        [owners[2]?.token, "", undefined],
      ].toSorted(),
    );
    assertEquals(listed.every(({ created }) => created < NOW && created > 0), true);
    const [event] = await messages.after(roomId(1), 0, 1);
    assertEquals([event?.guest, event?.bot], [true, false]);
  },
);
