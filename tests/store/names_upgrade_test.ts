// A database from before messages kept the name they were said under: each has its author's, a name
// stays with the guest who used it last, and each inquiry knows its latest question, also when the
// upgrade was cut off anywhere.

import { assertEquals } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import { migrate, type Schema, SCHEMAS } from "../../lib/store/schema/migrations.ts";
import { statementsOf } from "../../lib/store/schema/applied_migrations.ts";
import type { ExecuteResult, SchemaSql, SqlDriver } from "../../lib/store/sql.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import { testEachStore } from "../support/stores/databases.ts";
import { roomId } from "../../lib/store/records.ts";

const NAME = "names_and_questions";
const CUT = new Error("cut off");
const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

/** The token of user n. */
const tokenOf = (user: number) => new Uint8Array(32).fill(user);

/** Users, by id, and when their token was used last; without one they cannot come back. */
const USERS: readonly (readonly [name: string, role: string, usedDaysAgo?: number])[] = [
  ["Bob", "member"],
  ["ada", "guest", 5],
  ["Ada", "guest", 1],
  ["eve", "guest"],
  ["b0b", "guest", 1],
  ["Ian", "guest", 2],
  ["lan", "guest", 3],
  ["zoe", "guest", 4],
];

async function createOld(sql: SchemaSql): Promise<void> {
  for (const [index, [name, role, usedDaysAgo]] of USERS.entries()) {
    const id = index + 1;
    const key = role === "guest" ? null : name.toLowerCase();
    await sql.execute(
      "INSERT INTO Users (user_id, username, role, name_key) VALUES (?, ?, ?, ?)",
      [id, name, role, key],
    );
    if (usedDaysAgo === undefined) continue;
    await sql.execute("INSERT INTO Tokens (token_hash, user_id, last_used) VALUES (?, ?, ?)", [
      tokenOf(id),
      id,
      NOW - usedDaysAgo * DAY,
    ]);
  }
  await sql.execute(
    "INSERT INTO Rooms (room_id, name, name_key, kind, created, last_seq) VALUES " +
      "(1, 'lobby', 'lobby', 'public', 0, 2), (2, '?1', '?1', 'inquiry', 0, 3)",
  );
  await sql.execute("INSERT INTO RoomNames (name_key, room_id) VALUES ('lobby', 1), ('?1', 2)");
  await sql.execute(
    "INSERT INTO Inquiries (inquiry_id, room_id, asker_id, opened, waiting_since) VALUES " +
      "(1, 2, 3, 0, 2)",
  );
  await sql.execute(
    "INSERT INTO Messages (user_id, room_id, seq, time, kind, content) VALUES " +
      "(1, 1, 1, 0, 'message', 'a'), (4, 1, 2, 0, 'message', 'b'), " +
      "(3, 2, 1, 0, 'message', 'one?'), (3, 2, 2, 1, 'message', 'two?'), " +
      "(1, 2, 3, 2, 'response', 'yes')",
  );
}

function schemaBefore(driver: SqlDriver): Schema {
  const { migrationsTable: ledger, migrations } = SCHEMAS[driver.dialect];
  return {
    migrationsTable: ledger,
    migrations: migrations.slice(0, migrations.findIndex(isNames)),
  };
}

function isNames({ name }: { readonly name: string }): boolean {
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
  "names: an old database keeps every name it was said under, and one owner each",
  async (database) => {
    const driver = await database.open();
    await driver.withSchemaLock(async (sql) => {
      await migrate(sql, schemaBefore(driver));
      await createOld(sql);
    });
    const schema = SCHEMAS[driver.dialect];
    const { sql: script = "" } = schema.migrations.find(isNames) ?? {};
    for (let cut = 0; cut < statementsOf(script).length; cut++) {
      await driver.withSchemaLock((sql) => migrate(cutOff(sql), schema)).catch((error) => {
        if (error !== CUT) throw error;
      });
    }
    await using repository = await openRepository(driver, { now: () => NOW });
    const { users, messages, inquiries } = repository;
    const posted = async (room: number) =>
      (await messages.after(roomId(room), 0, 10)).map((
        { from, guest, body },
      ) => [from, guest, body.to]);
    assertEquals(await posted(1), [["Bob", false, undefined], ["eve", true, undefined]]);
    assertEquals(await posted(2), [
      ["Ada", true, undefined],
      ["Ada", true, undefined],
      ["Bob", false, undefined],
    ]);
    const inquiry = await inquiries.find(1);
    assertEquals([inquiry?.askedSeq, inquiry?.askedContent], [2, "two?"]);

    // `Ada` was used after `ada`; `b0b` looks like an account; `Ian` was used after `lan`.
    const holds: (readonly [string, boolean | undefined])[] = [];
    for (const [index, [name, , used]] of USERS.entries()) {
      if (used === undefined) continue;
      holds.push([name, (await users.findByToken(tokenOf(index + 1), { now: NOW }))?.holdsName]);
    }
    assertEquals(holds, [
      ["ada", false],
      ["Ada", true],
      ["b0b", false],
      ["Ian", true],
      ["lan", false],
      ["zoe", true],
    ]);
    const asked = ["ADA", "bob", "B0b", "eve", "lan", "zoe", "nobody"].map(userNameOf);
    const held = await users.findHeld(asked);
    assertEquals([...held].map(({ name }) => name), ["ADA", "bob", "B0b", "lan", "zoe"]);
  },
);
