// What is asked at the desk, in SQL. A room for each inquiry; whether one waits for an answer is said
// by the transactions that store messages.

import { integer, optionalInteger, text } from "./columns.ts";
import type { Inquiries, InquiryRecord, UserId, UserRecord } from "./repository.ts";
import { insertMember } from "./members.ts";
import { insertRoom, ROOM_COLUMNS, roomOf } from "./rooms.ts";
import {
  isSqlError,
  limitTo,
  type Row,
  type Sql,
  type SqlDriver,
  type SqlValue,
  type Transaction,
} from "./sql.ts";
import { userOf } from "./users.ts";

/** How many first answers the expected wait is made from. */
const ANSWERS = 20;
/** Places in the queue that are told apart. */
const MOST_POSITION = 1_000;

const SELECT = `SELECT i.inquiry_id, i.waiting_since, ${ROOM_COLUMNS}, ` +
  "u.user_id, u.username, u.role, i.assignee_id, a.username AS assignee_name, " +
  "a.role AS assignee_role, m.content FROM Inquiries i " +
  "JOIN Rooms r ON r.room_id = i.room_id JOIN Users u ON u.user_id = i.asker_id " +
  "LEFT JOIN Users a ON a.user_id = i.assignee_id " +
  "LEFT JOIN Messages m ON m.room_id = r.room_id AND m.seq = r.last_seq ";

export class SqlInquiries implements Inquiries {
  readonly #sql: SqlDriver;

  constructor(sql: SqlDriver) {
    this.#sql = sql;
  }

  async open(
    inquiry: { asker: UserId; cid?: string | undefined; now: number },
  ): Promise<InquiryRecord> {
    const { asker, cid } = inquiry;
    const known = cid === undefined ? undefined : await this.#findByCid(asker, cid);
    if (known !== undefined) return known;
    try {
      const id = await this.#sql.transaction((sql) => insertInquiry(sql, inquiry));
      return await this.#get(id);
    } catch (error) {
      // The same request, sent again on another connection, was quicker.
      const isRepeated = isSqlError(error, "duplicate") && cid !== undefined;
      const other = isRepeated ? await this.#findByCid(asker, cid) : undefined;
      if (other === undefined) throw error;
      return other;
    }
  }

  find(id: number): Promise<InquiryRecord | undefined> {
    return this.#findOne("WHERE i.inquiry_id = ?", [id]);
  }

  findOpenOf(asker: UserId): Promise<InquiryRecord | undefined> {
    const newest = "ORDER BY i.inquiry_id DESC" + limitTo(1);
    return this.#findOne(`WHERE i.asker_id = ? AND i.state <> 'resolved' ${newest}`, [asker]);
  }

  async waiting(
    options: { order: "longest" | "latest"; limit: number },
  ): Promise<readonly InquiryRecord[]> {
    const direction = options.order === "longest" ? "ASC" : "DESC";
    const rows = await this.#sql.query(
      `${SELECT}WHERE i.waiting_since IS NOT NULL ` +
        `ORDER BY i.waiting_since ${direction}, i.inquiry_id ${direction}` + limitTo(options.limit),
    );
    return rows.map(inquiryOf);
  }

  async position(id: number): Promise<number> {
    const [row] = await this.#sql.query(
      "SELECT COUNT(*) AS position FROM (SELECT 1 FROM Inquiries own JOIN Inquiries i " +
        "ON i.waiting_since <= own.waiting_since WHERE own.inquiry_id = ? " +
        "AND (i.waiting_since < own.waiting_since OR i.inquiry_id <= own.inquiry_id)" +
        limitTo(MOST_POSITION) + ") AS ahead",
      [id],
    );
    return row === undefined ? 0 : integer(row, "position");
  }

  async expectedMs(): Promise<number | undefined> {
    const rows = await this.#sql.query(
      "SELECT first_answered - opened AS wait FROM Inquiries WHERE first_answered IS NOT NULL " +
        "ORDER BY first_answered DESC" + limitTo(ANSWERS),
    );
    const waits = rows.map((row) => integer(row, "wait")).sort((a, b) => a - b);
    return waits[Math.floor(waits.length / 2)];
  }

  #findByCid(asker: UserId, cid: string): Promise<InquiryRecord | undefined> {
    return this.#findOne("WHERE i.asker_id = ? AND i.cid = ?", [asker, cid]);
  }

  async #get(id: number): Promise<InquiryRecord> {
    const found = await this.find(id);
    if (found === undefined) throw new Error(`Inquiry ${id} is gone`);
    return found;
  }

  async #findOne(
    where: string,
    params: readonly SqlValue[],
  ): Promise<InquiryRecord | undefined> {
    const [row] = await this.#sql.query(SELECT + where, params);
    return row === undefined ? undefined : inquiryOf(row);
  }
}

/** The number is needed for the room's name, so the room comes second. */
async function insertInquiry(
  sql: Transaction,
  { asker, cid, now }: { asker: UserId; cid?: string | undefined; now: number },
): Promise<number> {
  const { insertId: id } = await sql.execute(
    "INSERT INTO Inquiries (asker_id, cid, opened) VALUES (?, ?, ?)",
    [asker, cid ?? null, now],
  );
  const name = `?${id}`;
  const room = await insertRoom(sql, { name, key: name, kind: "inquiry", owner: asker, now });
  await sql.execute("UPDATE Inquiries SET room_id = ? WHERE inquiry_id = ?", [room.id, id]);
  await insertMember(sql, { room: room.id, user: asker, read: 0, now });
  return id;
}

/** Something new in an inquiry's room: an asker's message makes it wait, a response ends that. */
export async function noteInInquiry(
  sql: Sql,
  { room, kind, user, time }: { room: number; kind: string; user: UserId; time: number },
): Promise<void> {
  if (kind === "response") {
    await sql.execute(
      "UPDATE Inquiries SET waiting_since = NULL, state = 'claimed', " +
        "first_answered = COALESCE(first_answered, ?), assignee_id = COALESCE(assignee_id, ?) " +
        "WHERE room_id = ?",
      [time, user, room],
    );
  } else {
    await sql.execute(
      "UPDATE Inquiries SET waiting_since = COALESCE(waiting_since, ?) WHERE room_id = ?",
      [time, room],
    );
  }
}

function inquiryOf(row: Row): InquiryRecord {
  return {
    id: integer(row, "inquiry_id"),
    room: roomOf(row),
    asker: userOf(row),
    assignee: assigneeOf(row),
    waitingSince: optionalInteger(row, "waiting_since"),
    lastContent: row.content === null ? "" : text(row, "content"),
  };
}

function assigneeOf(row: Row): UserRecord | undefined {
  const {
    assignee_id: user_id = null,
    assignee_name: username = null,
    assignee_role: role = null,
  } = row;
  return user_id === null ? undefined : userOf({ user_id, username, role });
}
