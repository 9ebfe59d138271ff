// Which time an old message gets, and that many of them are numbered in their order.

import { assertEquals } from "@std/assert";
import type { SchemaSql } from "../../../lib/store/sql.ts";
import { type MysqlTestDatabase, testMysql } from "../../support/stores/mysql.ts";
import {
  addMessages,
  addUsers,
  createOldTables,
  NOW,
  onDatabase,
  openUpgraded,
  seenThrough,
} from "../../support/stores/old_tables.ts";
import { LOBBY } from "../../support/stores/store_facts.ts";
import { upgradeMany } from "./many_rows.ts";

/** A database whose sessions have this zone: that of a whole server is not a test's to change. */
function inZone(zone: string): (sql: SchemaSql) => SchemaSql {
  return (sql) => ({
    execute: (text, params) => sql.execute(text, params),
    tableNames: () => sql.tableNames(),
    query: (text, params) =>
      text.includes("@@global.time_zone") ? Promise.resolve([{ zone }]) : sql.query(text, params),
  });
}

/** The times, as seconds of 2020-01-01 UTC, of messages that had these timestamps. */
async function timesOf(
  database: MysqlTestDatabase,
  { zone = "+00:00", stamps }: { zone?: string; stamps: readonly (string | null)[] },
): Promise<readonly number[]> {
  await onDatabase(database, async (sql) => {
    await createOldTables(sql, { users: "latin1" });
    await addUsers(sql, "ada");
    await addMessages(sql, ...stamps.map((at) => ({ at })));
  });
  await using repository = await openUpgraded(seenThrough(database, inZone(zone)));
  const events = await repository.messages.after(LOBBY, 0, 100);
  return events.map((event) => (event.time - Date.UTC(2020, 0, 1)) / 1_000);
}

testMysql("legacy rows: a timestamp is read in the zone of sessions", async (database) => {
  const stamps = ["2020-01-01 00:00:00", "2020-01-01 05:30:01"];
  assertEquals(await timesOf(database, { zone: "+05:30", stamps }), [-19_800, 1]);
});

testMysql("legacy rows: the server's own zone is one, too", async (database) => {
  const [row] = await database.run("SELECT UNIX_TIMESTAMP('2020-01-01') AS at");
  const [time] = await timesOf(database, { zone: "SYSTEM", stamps: ["2020-01-01 00:00:00"] });
  assertEquals(row?.at, Date.UTC(2020, 0, 1) / 1_000);
  const offset = await database.run(
    "SELECT TIMESTAMPDIFF(SECOND, CONVERT_TZ('2020-01-01', 'SYSTEM', '+00:00'), '2020-01-01') AS s",
  );
  assertEquals(time, -Number(offset[0]?.s));
});

testMysql("legacy rows: times never go back, and what has none has the last", async (database) => {
  const stamps = [
    null,
    "0000-00-00 00:00:00",
    "2020-01-01 00:00:10",
    "2020-01-01 00:00:05",
    null,
    "2020-01-01 00:00:11",
    "2020-00-10 00:00:00",
    "2020-01-01 00:00:11",
    "1000-01-01 00:00:00",
    "2020-01-01 00:00:12",
  ];
  assertEquals(await timesOf(database, { stamps }), [10, 10, 10, 10, 10, 11, 11, 11, 11, 12]);
});

testMysql("legacy rows: without any time, all are from now", async (database) => {
  const now = (NOW - Date.UTC(2020, 0, 1)) / 1_000;
  assertEquals(await timesOf(database, { stamps: [null, null] }), [now, now]);
});

testMysql("legacy rows: no message is from the future, nor from before 1970", async (database) => {
  const times = await timesOf(database, {
    stamps: ["1969-12-31 23:59:59", "2020-01-01 00:00:01", "9999-12-31 23:59:59", "2020-01-02"],
  });
  const now = (NOW - Date.UTC(2020, 0, 1)) / 1_000;
  assertEquals(times, [-Date.UTC(2020, 0, 1) / 1_000, 1, now, now]);
});

testMysql("legacy rows: 20,000 messages keep their rows and their order", async (database) => {
  await upgradeMany(database, 20_000);
});
