// Finds the unread events that concern a user, in SQL. Each room is read by an index from the read position
// on, a bounded number of events at a time, so that a page costs little, whatever is unread.

import { integer, optionalInteger, roomIdOf, text, userIdOf } from "../column_readers.ts";
import { EVENT_COLUMNS, eventOf } from "../event_columns.ts";
import type { ReadPositions } from "../append/read_positions.ts";
import { FIRST_DIRECT_KEY } from "../rooms/room_columns.ts";
import type { RoomId, UserId } from "../records.ts";
import { limitTo, padToPowerOfTwo, placeholders, type Row, type SqlDriver } from "../sql.ts";
import type { Inbox, InboxEntry, InboxRoom, InboxStep } from "./inbox_store.ts";

/** Of a user's inquiries, which may be many, the newest ones are looked into. */
const INQUIRIES = 100;

/** All rooms and conversations; a user has few; and the newest inquiries. */
const CANDIDATES = "SELECT room_id FROM Members WHERE user_id = ? AND room_key >= ? UNION ALL " +
  "SELECT room_id FROM (SELECT room_id FROM Inquiries WHERE asker_id = ? " +
  `ORDER BY inquiry_id DESC${limitTo(INQUIRIES)}) AS newest`;

const NAMED = "EXISTS (SELECT 1 FROM Mentions n WHERE n.user_id = k.user_id " +
  "AND n.room_id = k.room_id AND n.seq > k.read_seq)";

const ROOMS = "SELECT k.room_id, k.read_seq, r.kind, r.last_seq FROM (" + CANDIDATES + ") AS own " +
  // In this order: a planner might read all memberships first.
  "CROSS JOIN Members k ON k.room_id = own.room_id AND k.user_id = ? " +
  "CROSS JOIN Rooms r ON r.room_id = k.room_id " +
  "WHERE own.room_id >= ? AND r.last_seq > k.read_seq " +
  `AND (r.kind IN ('direct', 'inquiry') OR ${NAMED}) ORDER BY k.room_id`;

const COLUMNS = EVENT_COLUMNS.map((column) => `m.${column}`).join(", ");

/** What is deleted is nowhere; and messages of ignored users are not shown. */
const SHOWN = "m.deleted_seq IS NULL AND NOT EXISTS " +
  "(SELECT 1 FROM Ignores g WHERE g.user_id = ? AND g.ignored_id = m.user_id) ";

/** Events of others in a conversation, or in the user's own inquiry. */
const OF_OTHERS = `SELECT m.seq AS at, ${COLUMNS} FROM Messages m WHERE m.room_id = ? ` +
  `AND m.seq > ? AND m.seq <= ? AND ${SHOWN}AND `;

/** Where messages name the user or reply to one of theirs. */
const NAMED_AT =
  "SELECT seq FROM Mentions WHERE user_id = ? AND room_id = ? AND seq > ? ORDER BY seq";

/** These messages; what an edit was the first to name is the message as it is now. */
const NAMING = `SELECT e.seq AS at, q.user_id AS answered, ${COLUMNS} FROM Messages e ` +
  "CROSS JOIN Messages m ON m.room_id = e.room_id " +
  "AND m.seq = CASE WHEN e.kind = 'edit' THEN e.target_seq ELSE e.seq END " +
  "LEFT JOIN Messages q ON q.room_id = m.room_id AND q.seq = m.reply_to " +
  `WHERE e.room_id = ? AND ${SHOWN}AND e.seq IN `;

/**
 * The kinds of events that concern the members of a conversation, and the asker of an inquiry. The clock
 * closes a question in its asker's name.
 */
const CONVERSATION = "m.user_id <> ? AND m.kind IN ('message', 'response') ORDER BY m.seq";
const INQUIRY = "(m.user_id <> ? AND m.kind IN ('message', 'response', 'decision', 'closed') " +
  "OR m.kind = 'closed' AND m.details LIKE '%\"expired\"%') ORDER BY m.seq";

/** Events of a room that one statement looks at, and those that it reads. */
const LOOKED_AT = 256;
const READ_AT_ONCE = 32;

export class SqlInbox implements Inbox {
  readonly #sql: SqlDriver;
  readonly #positions: Pick<ReadPositions, "settle">;

  /** @param options.positions read positions that are known and not written yet */
  constructor(sql: SqlDriver, options: { positions: Pick<ReadPositions, "settle"> }) {
    this.#sql = sql;
    this.#positions = options.positions;
  }

  async rooms(
    user: UserId,
    { from, limit }: { from: number; limit: number },
  ): Promise<readonly InboxRoom[]> {
    await this.#positions.settle(user);
    const params = [user, FIRST_DIRECT_KEY, user, user, from];
    const rows = await this.#sql.query(ROOMS + limitTo(limit), params);
    return rows.map((row) => ({
      id: roomIdOf(row),
      concerns: concernsOf(text(row, "kind")),
      read: integer(row, "read_seq"),
      last: integer(row, "last_seq"),
    }));
  }

  async entries(
    user: UserId,
    { room, after, limit }: { room: InboxRoom; after: number; limit: number },
  ): Promise<InboxStep> {
    const most = Math.min(limit, READ_AT_ONCE);
    const { id, concerns, last } = room;
    if (concerns === "mentions") return await this.#naming(user, { id, last, after, most });
    const end = Math.min(after + LOOKED_AT, last);
    const kinds = concerns === "answers" ? INQUIRY : CONVERSATION;
    const rows = await this.#sql.query(OF_OTHERS + kinds + limitTo(most), [
      id,
      after,
      end,
      user,
      user,
    ]);
    const entries = rows.map((row) =>
      entryOf(row, concerns === "answers" ? reasonInInquiry(row) : "direct")
    );
    return { entries, reached: rows.length < most ? end : entries.at(-1)?.at ?? end };
  }

  async #naming(
    user: UserId,
    { id, last, after, most }: { id: RoomId; last: number; after: number; most: number },
  ): Promise<InboxStep> {
    const found = await this.#sql.query(NAMED_AT + limitTo(most), [user, id, after]);
    const seqs = padToPowerOfTwo(found.map((row) => integer(row, "seq")));
    const highest = seqs.at(-1);
    if (highest === undefined) return { entries: [], reached: last };
    const rows = await this.#sql.query(
      `${NAMING}(${placeholders(seqs.length)}) ORDER BY e.seq`,
      [id, user, ...seqs],
    );
    const entries = rows.map((row) => entryOf(row, reasonOfNaming(row, user)));
    return { entries, reached: found.length < most ? last : highest };
  }
}

function concernsOf(kind: string): InboxRoom["concerns"] {
  if (kind === "direct") return "all of a conversation";
  return kind === "inquiry" ? "answers" : "mentions";
}

function reasonOfNaming(row: Row, user: UserId): InboxEntry["reason"] {
  const answered = optionalInteger(row, "answered");
  return answered !== undefined && userIdOf(row, "answered") === user ? "reply" : "mention";
}

function reasonInInquiry(row: Row): InboxEntry["reason"] {
  const kind = text(row, "kind");
  return kind === "decision" || kind === "closed" ? "decision" : "answer";
}

function entryOf(row: Row, reason: InboxEntry["reason"]): InboxEntry {
  return { at: integer(row, "at"), reason, event: eventOf(row) };
}
