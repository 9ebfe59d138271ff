// What was said, room by room, in SQL: the reading; the writing is the group commit's.

import { integer, text } from "./columns.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { Appended, Draft, EventKind, Messages, RoomId, StoredEvent } from "./repository.ts";
import { limitTo, type Row, type SqlDriver } from "./sql.ts";

/** LEFT JOIN, so that every database begins with the messages, by (room_id, seq), and sorts nothing. */
const SELECT_EVENTS = "SELECT m.seq, m.kind, m.user_id, u.username, u.role, m.time, m.content " +
  "FROM Messages m LEFT JOIN Users u ON u.user_id = m.user_id WHERE m.room_id = ? AND ";

const KINDS: ReadonlySet<string> = new Set<EventKind>(["message", "response"]);

export class SqlMessages implements Messages {
  readonly #sql: SqlDriver;
  readonly #commit: GroupCommit;

  constructor(sql: SqlDriver, commit: GroupCommit) {
    this.#sql = sql;
    this.#commit = commit;
  }

  get pending(): number {
    return this.#commit.pending;
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#commit.append(drafts);
  }

  async after(room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]> {
    const rows = await this.#sql.query(
      SELECT_EVENTS + "m.seq > ? ORDER BY m.seq" + limitTo(limit),
      [room, seq],
    );
    return rows.map(eventOf);
  }

  async before(room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]> {
    const rows = await this.#sql.query(
      SELECT_EVENTS + "m.seq < ? ORDER BY m.seq DESC" + limitTo(limit),
      [room, seq],
    );
    return rows.map(eventOf).reverse();
  }

  /** Halves the room's log until it is found: time follows seq, so no index on time is kept. */
  async firstAt(room: RoomId, time: number): Promise<number | undefined> {
    const [ends] = await this.#sql.query(
      "SELECT first_seq, last_seq FROM Rooms WHERE room_id = ?",
      [room],
    );
    if (ends === undefined) return undefined;
    let low = integer(ends, "first_seq");
    let high = integer(ends, "last_seq") + 1;
    const end = high;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [row] = await this.#sql.query(
        "SELECT time FROM Messages WHERE room_id = ? AND seq = ?",
        [room, middle],
      );
      if (row !== undefined && integer(row, "time") >= time) high = middle;
      else low = middle + 1;
    }
    return low === end ? undefined : low;
  }
}

function eventOf(row: Row): StoredEvent {
  return {
    seq: integer(row, "seq"),
    kind: kindOf(row),
    user: integer(row, "user_id"),
    from: text(row, "username"),
    guest: row.role === "guest",
    time: integer(row, "time"),
    content: text(row, "content"),
  };
}

function kindOf(row: Row): EventKind {
  const kind = text(row, "kind");
  if (!KINDS.has(kind)) throw new TypeError("Column kind holds no kind of event");
  return kind as EventKind;
}
