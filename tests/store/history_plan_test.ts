// How a database answers what the history asks: by an index, whatever else is stored. The statements
// are those that were asked, with their values, not copies of them.

import { assert, assertEquals } from "@std/assert";
import { LongRoom } from "../../bench/parts/long_room.ts";
import type { Row, SqlDriver } from "../../lib/store/sql.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import { type Asked, overhear } from "../support/stores/recording_driver.ts";
import { createGuest, createRoom, say } from "../support/stores/store_facts.ts";
import { openMigrated, testEachStore } from "../support/stores/databases.ts";
import { roomId } from "../../lib/store/records.ts";

/** So many that no database takes reading them all for the cheaper way. */
const STORED = 20_000;
const PAGE = 50;

/** The ways of MySQL and MariaDB that follow an index to where it leads. */
const BY_INDEX: readonly unknown[] = ["const", "eq_ref", "ref", "range"];

/** How the database would answer, a line for each table; each says what is wrong with it. */
interface Plan {
  readonly steps: readonly string[];
  readonly faults: readonly string[];
}

async function explain(driver: SqlDriver, { sql, params }: Asked): Promise<Plan> {
  if (driver.dialect === "sqlite") {
    return judgeSqlite(await driver.query(`EXPLAIN QUERY PLAN ${sql}`, params));
  }
  return judgeMysql(await driver.query(`EXPLAIN ${sql}`, params));
}

function judgeSqlite(rows: readonly Row[]): Plan {
  const steps = rows.map((row) => String(row.detail));
  const faults = steps.filter((step) => !/^SEARCH \w+ USING /.test(step));
  return { steps, faults };
}

function judgeMysql(rows: readonly Row[]): Plan {
  const steps = rows.map(({ table, type, key, Extra }) => `${table} ${type} ${key} ${Extra}`);
  const faults = rows.flatMap(({ type, key, Extra }, index) => {
    const isSorted = /filesort|temporary/i.test(String(Extra));
    return BY_INDEX.includes(type) && key !== null && !isSorted ? [] : [steps[index] ?? ""];
  });
  return { steps, faults };
}

testEachStore("history: every page comes by an index, unsorted", async (database) => {
  const driver = await openMigrated(database);
  const asked: Asked[] = [];
  await using repository = await openRepository(overhear(driver, asked), { now: () => 1_000 });
  const long = await LongRoom.create(repository, driver);
  await long.growTo(STORED);
  const other = await createRoom(repository, "other");
  const { id: user } = await createGuest(repository, "bob");
  await say(repository, { user, room: other.id, texts: ["elsewhere"] });
  asked.length = 0;
  const { messages } = repository;
  for (const room of [long.room, other.id]) {
    await messages.after(roomId(room), 0, PAGE);
    await messages.after(roomId(room), STORED / 2, PAGE);
    await messages.before(roomId(room), STORED / 2, PAGE);
    await messages.before(roomId(room), Number.MAX_SAFE_INTEGER, PAGE);
    await messages.firstAt(roomId(room), 1_000);
  }
  const aboutMessages = asked.filter(({ sql }) => sql.includes("FROM Messages"));
  assert(aboutMessages.length > 10, `${aboutMessages.length}`);
  for (const question of asked) {
    const { steps, faults } = await explain(driver, question);
    assert(steps.length > 0, question.sql);
    assertEquals(faults, [], `${question.sql}: ${question.params}`);
    if (question.sql.includes("FROM Messages")) assertNamesIndex(steps, driver);
  }
});

/** By (room, seq), which SQLite calls after the table: the first unique index of it. */
function assertNamesIndex(steps: readonly string[], { dialect }: SqlDriver): void {
  const name = dialect === "sqlite"
    ? "sqlite_autoindex_Messages_1 (room_id=? AND seq"
    : "Messages_in_room";
  assert(steps[0]?.includes(name), `${steps}`);
}

testEachStore("history: a statement that no index answers is noticed", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const long = await LongRoom.create(repository, driver);
  await long.growTo(2_000);
  const scan = "SELECT seq FROM Messages WHERE content = ?";
  assertEquals((await explain(driver, { sql: scan, params: ["x"] })).faults.length, 1);
  const sorted = "SELECT seq FROM Messages WHERE room_id = ? AND seq > ? ORDER BY content";
  const { faults } = await explain(driver, { sql: sorted, params: [long.room, 1_990] });
  assertEquals(faults.length, 1, `${faults}`);
});
