// The events of rooms, in SQL: how they are read. Writing them is the group commit's.

import { integer } from "./column_readers.ts";
import { EVENT_COLUMNS, eventOf } from "./event_columns.ts";
import type { GroupCommit } from "./append/group_commit.ts";
import type { Messages } from "./repository.ts";
import type { Appended, Draft, RoomId, StoredEvent } from "./records.ts";
import { withTexts } from "./desk/desk_room.ts";
import type { SqlDriver } from "./sql.ts";
import { MAX_PAGE_UNITS, PageRowEstimate } from "./page_row_estimate.ts";

/**
 * Bounded at both ends, so that no database reads more than the range: with one bound and a LIMIT, MariaDB
 * scans a long room from its beginning.
 */
const SELECT_RANGE = `SELECT ${EVENT_COLUMNS.join(", ")} ` +
  "FROM Messages WHERE room_id = ? AND seq BETWEEN ? AND ? ORDER BY seq";

/** How many events on either side of one are compared to judge its time. */
const TIMES_AROUND = 2;

export class SqlMessages implements Messages {
  readonly #sql: SqlDriver;
  readonly #commit: GroupCommit;
  readonly #desk: RoomId;
  readonly #sizes = new PageRowEstimate();

  constructor(sql: SqlDriver, { commit, desk }: { commit: GroupCommit; desk: RoomId }) {
    this.#sql = sql;
    this.#commit = commit;
    this.#desk = desk;
  }

  get pending(): number {
    return this.#commit.pending;
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#commit.append(drafts);
  }

  async after(room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]> {
    const events = await this.#upwards(room, { first: seq + 1, limit });
    // No seq is missing between the first and the last of a room.
    if (events[0]?.seq === seq + 1) return events;
    const { first } = await this.#ends(room);
    return seq + 1 < first ? await this.#upwards(room, { first, limit }) : events;
  }

  async before(room: RoomId, seq: number, limit: number): Promise<readonly StoredEvent[]> {
    const events = await this.#downwards(room, { last: seq - 1, limit });
    if (events.at(-1)?.seq === seq - 1) return events;
    const { last } = await this.#ends(room);
    return seq - 1 > last ? await this.#downwards(room, { last, limit }) : events;
  }

  /**
   * A binary search: time follows seq, so no index on time is kept. Each event is judged by the median of
   * the times around it, so that a clock that was wrong for one or two messages does not mislead; in a log
   * in order that is the event's own time.
   */
  async firstAt(room: RoomId, time: number): Promise<number | undefined> {
    const { first, last } = await this.#ends(room);
    let low = first;
    let high = last + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const around = Math.min(TIMES_AROUND, middle - first, last - middle);
      const rows = await this.#sql.query(
        "SELECT time FROM Messages WHERE room_id = ? AND seq BETWEEN ? AND ?",
        [room, middle - around, middle + around],
      );
      const times = rows.map((row) => integer(row, "time")).sort((a, b) => a - b);
      const median = times[Math.floor(times.length / 2)];
      if (median !== undefined && median >= time) high = middle;
      else low = middle + 1;
    }
    return low > last ? undefined : low;
  }

  /** From `first` on, oldest first. */
  async #upwards(
    room: RoomId,
    { first, limit }: { first: number; limit: number },
  ): Promise<readonly StoredEvent[]> {
    const portions = this.#portions(room, {
      limit,
      read: (done, rows) => this.#range(room, first + done, first + done + rows - 1),
    });
    return (await Array.fromAsync(portions)).flat();
  }

  /** From `last` down, oldest first. */
  async #downwards(
    room: RoomId,
    { last, limit }: { last: number; limit: number },
  ): Promise<readonly StoredEvent[]> {
    const portions = this.#portions(room, {
      limit,
      read: (done, rows) => this.#range(room, last - done - rows + 1, last - done),
    });
    return (await Array.fromAsync(portions)).reverse().flat();
  }

  /** Reads until there are `limit` events, or enough text for a frame; usually in one portion. */
  async *#portions(
    room: RoomId,
    { limit, read }: {
      limit: number;
      read: (done: number, rows: number) => Promise<readonly StoredEvent[]>;
    },
  ): AsyncGenerator<readonly StoredEvent[]> {
    let done = 0;
    let units = 0;
    while (done < limit && units < MAX_PAGE_UNITS) {
      const rows = Math.min(limit - done, this.#sizes.rowsFor(room, MAX_PAGE_UNITS - units));
      const events = await read(done, rows);
      const portion = events.reduce((sum, { body }) => sum + body.content.length, 0);
      this.#sizes.record(room, { rows: events.length, units: portion });
      yield events;
      if (events.length < rows) return;
      done += rows;
      units += portion;
    }
  }

  async #range(room: RoomId, from: number, to: number): Promise<readonly StoredEvent[]> {
    const rows = await this.#sql.query(SELECT_RANGE, [room, from, to]);
    const events = rows.map(eventOf);
    return room === this.#desk ? await withTexts(this.#sql, events) : events;
  }

  /** The first and last seq of a room; of one that does not exist, those of an empty room. */
  async #ends(room: RoomId): Promise<{ first: number; last: number }> {
    const [row] = await this.#sql.query(
      "SELECT first_seq, last_seq FROM Rooms WHERE room_id = ?",
      [room],
    );
    if (row === undefined) return { first: 1, last: 0 };
    return { first: integer(row, "first_seq"), last: integer(row, "last_seq") };
  }
}
