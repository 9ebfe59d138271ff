// Databases of each earlier version of the schema: this program upgrades each, keeps every row, and
// continues wherever it was cut off. A new migration is tested here without a change of this file.

import { assert, assertEquals } from "@std/assert";
import { roomId, userId } from "../../../lib/store/records.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import type { Row } from "../../../lib/store/sql.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { testDatabases, testEachStore } from "../../support/stores/databases.ts";
import {
  FIXTURE_VERSIONS,
  openFixture,
  readDefinitions,
  readTables,
  type Tables,
  upgrade,
  upgradeInPieces,
  WRITTEN,
} from "../../support/stores/schema_fixtures.ts";

const DAY = 86_400_000;
/** A column that may get a value where it had none: guests hold their names since version 4. */
const FILLED = { table: "Users", column: "name_key" };

const DESK: readonly unknown[] = ["desk", "desk!"];

/** Whether a row is the room `desk`, that of its signals, or their names: they are created where missing. */
function isDesk({ kind, name_key: key = null }: Row): boolean {
  const name = key instanceof Uint8Array ? new TextDecoder().decode(key) : key;
  return kind === "desk" || kind === "signals" || DESK.includes(name);
}

/** Rows as texts, in an order that does not depend on the store. */
function inColumns(rows: readonly Row[], columns: readonly string[]): readonly string[] {
  const written = (value: unknown) => value instanceof Uint8Array ? value.toHex() : value;
  return rows.map((row) => JSON.stringify(columns.map((column) => [column, written(row[column])])))
    .toSorted();
}

function assertKept(before: Tables, after: Tables): void {
  for (const [table, rows] of before) {
    // A migration may note something there, by a name of its own.
    const isNoted = ({ name }: Row) => table === "Meta" && rows.every((row) => row.name !== name);
    const now = (after.get(table) ?? []).filter((row) => !isNoted(row) && !isDesk(row));
    const columns = Object.keys(rows[0] ?? {});
    const isFilled = (column: string) => table === FILLED.table && column === FILLED.column;
    const kept = columns.filter((column) => !isFilled(column));
    assertEquals(inColumns(now, kept), inColumns(rows, kept), table);
    for (const column of columns.filter(isFilled)) {
      const had = rows.filter((row) => row[column] !== null);
      const has = new Set(inColumns(now, [column]));
      for (const value of inColumns(had, [column])) assert(has.has(value), value);
    }
  }
}

const definitions = new Map<string, ReturnType<typeof readDefinitions>>();

/** The definitions in a new database of this kind. */
function newDefinitions(dialect: string): ReturnType<typeof readDefinitions> {
  const found = definitions.get(dialect) ?? readNewDefinitions(dialect);
  definitions.set(dialect, found);
  return found;
}

async function readNewDefinitions(dialect: string): ReturnType<typeof readDefinitions> {
  const store = testDatabases().find(({ name }) => name === dialect);
  assert(store !== undefined);
  await using empty = await store.create();
  await using created = await empty.open();
  await upgrade(created);
  return await readDefinitions(created);
}

for (const version of FIXTURE_VERSIONS) {
  testEachStore(
    `upgrade: version ${version} that is cut off after each statement is continued`,
    async (database) => {
      await using driver = await openFixture(database, version);
      const before = await readTables(driver);
      const cuts = await upgradeInPieces(driver);
      assert(cuts >= 5, `It was cut off ${cuts} times`);
      assertKept(before, await readTables(driver, before));
      assertEquals(await readDefinitions(driver), await newDefinitions(driver.dialect));
    },
  );

  testEachStore(
    `upgrade: version ${version} keeps every row, and all is found`,
    async (database) => {
      const driver = await openFixture(database, version);
      const before = await readTables(driver);
      await using repository = await openRepository(driver, { now: () => WRITTEN + DAY });
      assertKept(before, await readTables(driver, before));
      assertEquals(repository.epoch, "fixture-epoch");
      assertEquals(await people(repository), PEOPLE);
      assertEquals(await eventsOf(repository, 1), lobbyEvents(version));
      assertEquals(await eventsOf(repository, 2), [
        "2 Bob first one kept",
        "3 Olga @Bob db3 is back",
      ]);
      assertEquals(await memberships(repository), MEMBERSHIPS);
      assertEquals(await inquiries(repository), version < 2 ? [] : INQUIRIES);
    },
  );
}

/** Who comes back by their tokens, and as what. */
async function people({ users }: Repository): Promise<readonly string[]> {
  const found: string[] = [];
  for (const user of [1, 2, 3, 4, 5]) {
    const tokenHash = new Uint8Array(32).fill(user);
    const owner = await users.findByToken(tokenHash, { now: WRITTEN + DAY });
    found.push(owner === undefined ? "unknown" : `${owner.id} ${owner.name} ${owner.role}`);
  }
  return found;
}

const PEOPLE = ["1 Bob member", "2 ada guest", "unknown", "4 Olga operator", "5 root admin"];

async function eventsOf({ messages }: Repository, room: number): Promise<readonly string[]> {
  const events = await messages.after(roomId(room), 0, 100);
  return events.map(({ seq, from, body }) => `${seq} ${from} ${body.content}`);
}

function lobbyEvents(version: number): readonly string[] {
  return [
    "1 Bob Guten Morgen, it's Bob",
    "2 ada two\nlines, and 🦜 👨‍👩",
    // The name under which it was said, since version 4.
    `3 ${version < 4 ? "ada" : "ada_before"} no cid`,
    "4 Bob @ada look; now",
    '5 Bob %_"quoted" ж',
  ];
}

async function memberships({ members }: Repository): Promise<readonly string[]> {
  const found: string[] = [];
  for (const user of [1, 2, 3, 4, 5]) {
    for (const one of await members.ofUser(userId(user), { order: "key", limit: 10 })) {
      const { room, read, unread, mentions } = one;
      found.push(`${user} ${room.name}: ${read} read, ${unread} unread, ${mentions} mentions`);
    }
  }
  return found;
}

const MEMBERSHIPS = [
  "1 lobby: 5 read, 0 unread, 0 mentions",
  "1 Ops: 2 read, 1 unread, 1 mentions",
  "2 lobby: 3 read, 2 unread, 1 mentions",
  "4 Ops: 3 read, 0 unread, 0 mentions",
];

async function inquiries({ inquiries }: Repository): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of [1, 2]) {
    const inquiry = await inquiries.find(id);
    if (inquiry === undefined) continue;
    const { asker, assignee, waitingSince, askedContent, state } = inquiry;
    found.push(`${asker.name} ${assignee?.name} ${waitingSince} ${askedContent} ${state}`);
  }
  return found;
}

const INQUIRIES = [
  "ada Olga undefined Is it safe? claimed",
  `eve undefined ${WRITTEN + 22} Anyone? open`,
];
