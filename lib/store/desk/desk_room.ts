// The room `desk` in the store, and the room of the signals between servers: creates them, and reads the
// texts of the questions and answers that the desk's events name. A text is stored once, in its inquiry's
// room, so the desk shows its current state.

import { DESK } from "../../wire/room_ref.ts";
import { integer, roomIdOf } from "../column_readers.ts";
import { CURRENT_BODY_COLUMNS, currentBodyOf } from "../event_columns.ts";
import type { RoomId, RoomRecord, StoredEvent } from "../records.ts";
import type { StoreLog } from "../store_log.ts";
import { insertRoom, ROOM_COLUMNS, roomOf } from "../rooms/room_columns.ts";
import {
  findOrInsert,
  padToPowerOfTwo,
  queryAmong,
  type Sql,
  type SqlDriver,
  type SqlValue,
} from "../sql.ts";

/**
 * The room `desk`, created when it is missing: two servers may do this at once. A room that had its name
 * before there was a desk gets another one.
 */
export function ensureDesk(
  driver: SqlDriver,
  { now, log }: { now: number; log: StoreLog },
): Promise<RoomRecord> {
  return findOrInsert(
    () => findDesk(driver),
    () =>
      driver.transaction(async (sql) => {
        const [other] = await sql.query("SELECT room_id FROM RoomNames WHERE name_key = ?", [DESK]);
        if (other !== undefined) log("room renamed", await renameRoom(sql, roomIdOf(other)));
        return await insertRoom(sql, { name: DESK, key: DESK, kind: "desk", now });
      }),
  );
}

async function findDesk(sql: Sql): Promise<RoomRecord | undefined> {
  const [row] = await sql.query(
    `SELECT ${ROOM_COLUMNS} FROM RoomNames n JOIN Rooms r ON r.room_id = n.room_id ` +
      "WHERE n.name_key = ? AND r.kind = 'desk'",
    [DESK],
  );
  return row && roomOf(row);
}

/** No frame can refer to a room by this name. */
const SIGNALS = "desk!";

/** The room of the signals between servers, created when it is missing: two servers may do this at once. */
export function ensureSignals(
  driver: SqlDriver,
  { now }: { now: number },
): Promise<RoomRecord> {
  return findOrInsert(
    async () => {
      const [row] = await driver.query(
        `SELECT ${ROOM_COLUMNS} FROM RoomNames n JOIN Rooms r ON r.room_id = n.room_id ` +
          "WHERE n.name_key = ? AND r.kind = 'signals'",
        [SIGNALS],
      );
      return row && roomOf(row);
    },
    () =>
      driver.transaction((sql) =>
        insertRoom(sql, { name: SIGNALS, key: SIGNALS, kind: "signals", now })
      ),
  );
}

async function renameRoom(sql: Sql, room: RoomId): Promise<{ from: string; to: string }> {
  const to = `${DESK}-${room}`;
  await sql.execute("UPDATE RoomNames SET name_key = ? WHERE name_key = ? AND room_id = ?", [
    to,
    DESK,
    room,
  ]);
  await sql.execute("UPDATE Rooms SET name = ?, name_key = ? WHERE room_id = ?", [to, to, room]);
  await sql.execute("UPDATE Members SET room_key = ? WHERE room_id = ?", [to, room]);
  return { from: DESK, to };
}

const SELECT_TEXTS = `SELECT room_id, seq, ${CURRENT_BODY_COLUMNS.join(", ")} FROM Messages WHERE `;
const ONE = "(room_id = ? AND seq = ?)";

/** Events of the room `desk` with the texts and terms of the questions, and with the texts of the answers. */
export async function withTexts(
  sql: Sql,
  events: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> {
  const withText = events.filter((event) => textSeqOf(event) !== undefined);
  if (withText.length === 0) return events;
  const rooms = await roomsOf(sql, withText);
  const params: SqlValue[] = [];
  const places = padToPowerOfTwo(withText);
  for (const event of places) {
    params.push(rooms.get(event.body.inquiry ?? 0) ?? null, textSeqOf(event) ?? null);
  }
  const where = `${ONE} OR `.repeat(places.length - 1) + ONE;
  const texts = new Map<string, StoredEvent["body"]>();
  for (const row of await sql.query(SELECT_TEXTS + where, params)) {
    texts.set(`${roomIdOf(row)} ${integer(row, "seq")}`, currentBodyOf(row));
  }
  return events.map((event) => {
    const { body } = event;
    const text = texts.get(`${rooms.get(body.inquiry ?? 0)} ${textSeqOf(event)}`);
    if (text === undefined) return event;
    const { content, choices, expires, needs, edited, deleted } = text;
    return { ...event, body: { ...body, content, choices, expires, needs, edited, deleted } };
  });
}

/** The seq, in the inquiry's room, of the question that was asked or of the answer; else undefined. */
function textSeqOf({ body: { change, of, to } }: StoredEvent): number | undefined {
  if (change === "answered") return to;
  return change === "opened" || change === "asked" || change === "reopened" ? of : undefined;
}

async function roomsOf(
  sql: Sql,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<number, RoomId>> {
  const numbers = new Set(events.map(({ body: { inquiry = 0 } }) => inquiry));
  const rows = await queryAmong([...numbers], (places, some) =>
    sql.query(
      `SELECT inquiry_id, room_id FROM Inquiries WHERE inquiry_id IN (${places})`,
      some,
    ));
  return new Map(rows.map((row) => [integer(row, "inquiry_id"), roomIdOf(row)]));
}
