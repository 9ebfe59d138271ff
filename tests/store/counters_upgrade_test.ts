// A database from before there were counters: what is unread, who is named and how many members there
// are is then what the stored rows say, also when the upgrade was cut off anywhere.

import { assertEquals } from "@std/assert";
import { migrate, type Schema, SCHEMAS } from "../../lib/store/schema/migrations.ts";
import { statementsOf } from "../../lib/store/schema/applied_migrations.ts";
import type { ExecuteResult, SchemaSql, SqlDriver } from "../../lib/store/sql.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import { draft } from "../support/stores/store_facts.ts";
import { testEachStore } from "../support/stores/databases.ts";
import { roomId, userId } from "../../lib/store/records.ts";

const NAME = "counters";
const CUT = new Error("cut off");

/** Two users, a room and an inquiry as the versions before have kept them. */
const OLD_ROWS = [
  "INSERT INTO Users (user_id, username, role) VALUES " +
  "(1, 'Ada', 'guest'), (2, 'bob', 'guest'), (3, 'a+(', 'member')",
  "INSERT INTO Rooms (room_id, name, name_key, kind, created, last_seq) VALUES " +
  "(1, 'lobby', 'lobby', 'public', 0, 6), (2, '?1', '?1', 'inquiry', 0, 1)",
  "INSERT INTO RoomNames (name_key, room_id) VALUES ('lobby', 1), ('?1', 2)",
  "INSERT INTO Inquiries (inquiry_id, room_id, asker_id, opened) VALUES (1, 2, 1, 0)",
  "INSERT INTO Members (room_id, user_id, read_seq, joined) VALUES " +
  "(1, 1, 1, 0), (1, 2, 4, 0), (1, 3, 0, 0), (2, 1, 0, 0)",
  "INSERT INTO Messages (user_id, room_id, seq, time, kind, content) VALUES " +
  "(2, 1, 1, 0, 'message', '@ada is read'), (2, 1, 2, 0, 'message', 'hello @adam'), " +
  "(1, 1, 3, 0, 'message', 'mine: @ada @bob'), (2, 1, 4, 0, 'message', 'hi @ADA!'), " +
  "(2, 1, 5, 0, 'message', '@adam, and @ada'), (2, 1, 6, 0, 'message', 'nobody'), " +
  "(1, 2, 1, 0, 'message', 'May I?')",
];

/** The schema as it was before. */
function before(driver: SqlDriver): Schema {
  const { migrationsTable: ledger, migrations } = SCHEMAS[driver.dialect];
  return {
    migrationsTable: ledger,
    migrations: migrations.slice(0, migrations.findIndex(isCounters)),
  };
}

function isCounters({ name }: { readonly name: string }): boolean {
  return name === NAME;
}

function cutOff(sql: SchemaSql, isTime: () => boolean): SchemaSql {
  return {
    query: (text, params) => sql.query(text, params),
    tableNames: () => sql.tableNames(),
    async execute(text, params): Promise<ExecuteResult> {
      const executed = await sql.execute(text, params);
      if (isTime()) throw CUT;
      return executed;
    },
  };
}

testEachStore("counters: an old database has them after its upgrade", async (database) => {
  const driver = await database.open();
  await driver.withSchemaLock(async (sql) => {
    await migrate(sql, before(driver));
    for (const row of OLD_ROWS) await sql.execute(row);
  });
  const schema = SCHEMAS[driver.dialect];
  const { sql: script = "" } = schema.migrations.find(isCounters) ?? {};
  const statements = statementsOf(script).length;
  // Cut off behind each statement in turn, so that its note in the ledger is missing.
  for (let cut = 0; cut < statements; cut++) {
    let left = 2;
    await driver.withSchemaLock((sql) => migrate(cutOff(sql, () => --left <= 0), schema))
      .catch((error) => {
        if (error !== CUT) throw error;
      });
  }
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const { members, rooms, messages } = repository;
  assertEquals((await rooms.find("lobby"))?.members, 3);
  assertEquals((await rooms.find("?1"))?.members, 1);
  const listed = await members.ofUser(userId(1), { order: "key", limit: 10 });
  assertEquals(
    listed.map(({ room, read, unread, mentions }) => [room.name, read, unread, mentions]),
    [
      ["?1", 1, 0, 0],
      ["lobby", 3, 3, 2],
    ],
  );
  const [bobs] = await members.ofUser(userId(2), { order: "activity", limit: 1 });
  assertEquals([bobs?.read, bobs?.unread, bobs?.mentions], [6, 0, 0]);
  const names = (await members.list(roomId(1), { limit: 10 })).map(({ name }) => name);
  assertEquals(names, ["a+(", "Ada", "bob"]);
  // And it goes on from there.
  await messages.append([draft(2, { from: "bob", content: "@ada again" })]);
  await members.markRead({ room: roomId(1), user: userId(1), seq: 5 });
  const lobby = (await members.among(userId(1), [roomId(1)])).get(roomId(1));
  assertEquals([lobby?.unread, lobby?.mentions], [2, 1]);
});
