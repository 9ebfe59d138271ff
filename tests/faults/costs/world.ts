// Creates a store of the greatest size: rows inserted directly into the tables of the version
// before the counters, then upgraded. Knows no server.

import { hashToken } from "../../../lib/server/tokens.ts";
import { migrate, SCHEMAS } from "../../../lib/store/schema/migrations.ts";
import type { SqlDriver } from "../../../lib/store/sql.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";

/** The size of the store. */
export interface WorldSize {
  /** All of them belong to one room. */
  readonly users: number;
  readonly rooms: number;
  readonly messagesPerRoom: number;
  /** The newest of the last room, each as long as it may be. */
  readonly longMessages: number;
  readonly inquiries: number;
  /** Rooms that the keeper belongs to, with all that was said in them unread. */
  readonly keptRooms: number;
  /** Users who reconnect at once, and the rooms of each. */
  readonly comers: number;
  readonly roomsPerComer: number;
}

/** A million messages. */
export const LARGE: WorldSize = {
  users: 10_000,
  rooms: 1_000,
  messagesPerRoom: 1_000,
  longMessages: 400,
  inquiries: 100_000,
  keptRooms: 100,
  comers: 500,
  roomsPerComer: 20,
};

/** Ten million. */
export const VAST: WorldSize = { ...LARGE, messagesPerRoom: 10_000 };

/** The smallest store for all requests. */
export const TINY: WorldSize = {
  users: 200,
  rooms: 40,
  messagesPerRoom: 120,
  longMessages: 10,
  inquiries: 200,
  keptRooms: 10,
  comers: 2,
  roomsPerComer: 5,
};

/** The room that all users belong to; nobody is named in it. */
export const CROWDED = "room-1000";
/** The version of the schema that the rows are of. */
const VERSION = 2;
const [FIRST_USER, FIRST_ROOM, FIRST_INQUIRY_ROOM] = [100_000, 1_000, 10_000];
const KEEPER = FIRST_USER - 1;
/** Of an inquiry in so many the keeper is the asker. */
const KEEPER_ASKS = 10;
/** Rows of one statement: as many as a database does in the time that it may take. */
const ROWS_AT_ONCE = 20_000;
const LONGEST_CONTENT = 32_768;
const LONG_AGO = 1_700_000_000_000;

/** By which people come in. */
export interface WorldTokens {
  readonly keeper: string;
  readonly comers: readonly string[];
}

/** Fills an empty database. It is closed at the end. @param tell is told how far it is */
export async function buildWorld(
  driver: SqlDriver,
  { size, now, progress = () => {} }: {
    size: WorldSize;
    now: number;
    progress?: (line: string) => void;
  },
): Promise<WorldTokens> {
  const { migrationsTable, migrations } = SCHEMAS[driver.dialect];
  const old = {
    migrationsTable,
    migrations: migrations.filter(({ version }) => version <= VERSION),
  };
  await driver.withSchemaLock((sql) => migrate(sql, old));
  await run(driver, "CREATE TABLE Thousand (i INT)");
  await run(driver, `INSERT INTO Thousand VALUES ${listOf(1_000)}`);
  for (
    const statement of [
      ...peopleAndRooms(size),
      ...posted(size),
      ...asked(size),
      ...memberships(size),
    ]
  ) {
    await run(driver, statement);
  }
  await driver.execute("UPDATE Messages SET content = ? WHERE room_id = ? AND seq > ?", [
    "ä".repeat(LONGEST_CONTENT / 2),
    FIRST_ROOM + size.rooms - 1,
    size.messagesPerRoom - size.longMessages,
  ]);
  progress("rows are there");
  const tokens = {
    keeper: "keeper",
    comers: Array.from({ length: size.comers }, (_, n) => `comer-${n}`),
  };
  await addToken(driver, { user: KEEPER, token: tokens.keeper, now });
  for (const [n, token] of tokens.comers.entries()) {
    await addToken(driver, { user: FIRST_USER + n, token, now });
  }
  await run(driver, "DROP TABLE Thousand");
  const repository = await openRepository(driver, { now: () => now });
  await repository[Symbol.asyncDispose]();
  progress("the store is upgraded");
  return tokens;
}

async function run(driver: SqlDriver, statement: string): Promise<void> {
  await driver.transaction((sql) => sql.execute(statement));
}

/** Also a table made outside of a transaction is made by this. */
function listOf(count: number): string {
  return Array.from({ length: count }, (_, n) => `(${n})`).join(", ");
}

async function addToken(
  driver: SqlDriver,
  { user, token, now }: { user: number; token: string; now: number },
): Promise<void> {
  await driver.execute("INSERT INTO Tokens (token_hash, user_id, last_used) VALUES (?, ?, ?)", [
    hashToken(token),
    user,
    now,
  ]);
}

/** A statement for each so many of `count`, which runs over `i` from `from` to `to`. */
function* inParts(
  count: number,
  { each, write }: { each: number; write: (from: number, to: number) => string },
): Iterable<string> {
  const step = Math.max(1, Math.floor(ROWS_AT_ONCE / each));
  for (let from = 0; from < count; from += step) {
    yield write(from, Math.min(count, from + step));
  }
}

/** Numbers from `from` on, below `to`, as a table with the column i. */
function numbers(from: number, to: number): string {
  return "(SELECT t.i * 1000 + u.i AS i FROM Thousand t JOIN Thousand u " +
    `WHERE t.i BETWEEN ${Math.floor(from / 1_000)} AND ${Math.floor((to - 1) / 1_000)} ` +
    `AND t.i * 1000 + u.i >= ${from} AND t.i * 1000 + u.i < ${to}) AS n`;
}

function* peopleAndRooms(
  { users, rooms, messagesPerRoom }: WorldSize,
): Iterable<string> {
  yield `INSERT INTO Users (user_id, username, role) VALUES (${KEEPER}, 'keeper', 'guest')`;
  yield "INSERT INTO Users (user_id, username, role) SELECT n.i + " +
    `${FIRST_USER}, CONCAT('guest-', n.i + ${FIRST_USER}), 'guest' FROM ${numbers(0, users)}`;
  yield "INSERT INTO Rooms (room_id, name, name_key, kind, owner_id, created, last_seq, last_time) " +
    `SELECT n.i + ${FIRST_ROOM}, CONCAT('room-', n.i + ${FIRST_ROOM}), ` +
    `CONCAT('room-', n.i + ${FIRST_ROOM}), 'public', ${KEEPER}, 0, ${messagesPerRoom}, ` +
    `${LONG_AGO} + n.i FROM ${numbers(0, rooms)}`;
  yield "INSERT INTO RoomNames (name_key, room_id) SELECT name_key, room_id FROM Rooms";
}

function posted(
  { users, rooms, messagesPerRoom, keptRooms }: WorldSize,
): Iterable<string> {
  return inParts(rooms, {
    each: messagesPerRoom,
    write: (from, to) =>
      "INSERT INTO Messages (user_id, room_id, seq, time, kind, cid, content) " +
      `SELECT ${FIRST_USER} + (r.i * 7 + n.i) % ${users}, r.i + ${FIRST_ROOM}, n.i + 1, ` +
      `${LONG_AGO} + n.i, 'message', CONCAT('c-', r.i * ${messagesPerRoom} + n.i), ` +
      `CONCAT(CASE WHEN r.i BETWEEN 1 AND ${keptRooms - 1} THEN '@keeper: ' ELSE 'hello: ' END, ` +
      "'the disk of db3 is full again, the fourth time this week, number ', n.i) " +
      `FROM Thousand r JOIN ${numbers(0, messagesPerRoom)} ` +
      `WHERE r.i >= ${from} AND r.i < ${to} ORDER BY r.i, n.i`,
  });
}

function* asked(
  { inquiries, users }: WorldSize,
): Iterable<string> {
  const asker = `CASE WHEN n.i % ${KEEPER_ASKS} = 0 THEN ${KEEPER} ` +
    `ELSE ${FIRST_USER} + n.i % ${users} END`;
  const parts = (write: (table: string) => string) =>
    inParts(inquiries, { each: 1, write: (from, to) => write(numbers(from, to)) });
  yield* parts((table) =>
    "INSERT INTO Rooms (room_id, name, name_key, kind, owner_id, created, last_seq, last_time) " +
    `SELECT n.i + ${FIRST_INQUIRY_ROOM}, CONCAT('?', n.i + 1), CONCAT('?', n.i + 1), 'inquiry', ` +
    `${asker}, ${LONG_AGO}, 1, ${LONG_AGO} FROM ${table}`
  );
  yield* parts((table) =>
    "INSERT INTO RoomNames (name_key, room_id) " +
    `SELECT CONCAT('?', n.i + 1), n.i + ${FIRST_INQUIRY_ROOM} FROM ${table}`
  );
  yield* parts((table) =>
    "INSERT INTO Inquiries (inquiry_id, room_id, asker_id, opened, first_answered, waiting_since) " +
    `SELECT n.i + 1, n.i + ${FIRST_INQUIRY_ROOM}, ${asker}, ${LONG_AGO}, ` +
    `CASE WHEN n.i % 2 = 0 THEN ${LONG_AGO} + n.i END, ${LONG_AGO} + n.i FROM ${table}`
  );
  yield* parts((table) =>
    "INSERT INTO Messages (user_id, room_id, seq, time, kind, content) " +
    `SELECT ${asker}, n.i + ${FIRST_INQUIRY_ROOM}, 1, ${LONG_AGO}, 'message', ` +
    `'May I restart the database of the shop tonight?' FROM ${table}`
  );
  yield* parts((table) =>
    "INSERT INTO Members (room_id, user_id, read_seq, joined) " +
    `SELECT n.i + ${FIRST_INQUIRY_ROOM}, ${asker}, 0, ${LONG_AGO} FROM ${table}`
  );
}

function* memberships(
  { users, rooms, keptRooms, comers, roomsPerComer }: WorldSize,
): Iterable<string> {
  yield "INSERT INTO Members (room_id, user_id, read_seq, joined) " +
    `SELECT ${FIRST_ROOM}, n.i + ${FIRST_USER}, 0, ${LONG_AGO} FROM ${numbers(0, users)}`;
  yield "INSERT INTO Members (room_id, user_id, read_seq, joined) " +
    `SELECT n.i + ${FIRST_ROOM}, ${KEEPER}, 0, ${LONG_AGO} FROM ${numbers(0, keptRooms)}`;
  yield "INSERT INTO Members (room_id, user_id, read_seq, joined) " +
    `SELECT ${FIRST_ROOM} + ${keptRooms} + ` +
    `(c.i * ${roomsPerComer} + r.i) % ${rooms - keptRooms}, c.i + ${FIRST_USER}, 0, ${LONG_AGO} ` +
    `FROM Thousand c JOIN Thousand r WHERE c.i < ${comers} AND r.i < ${roomsPerComer}`;
}
