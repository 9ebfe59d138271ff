// The inquiries of the desk, in SQL. Each has a room; the transactions that store messages record whether an
// inquiry waits for an answer.

import type { DecisionTerms } from "../../wire/event.ts";
import { inquiryRoom } from "../../wire/room_ref.ts";
import {
  firstInteger,
  integer,
  optionalInteger,
  optionalText,
  roomIdOf,
  text,
} from "../column_readers.ts";
import type { Inquiries } from "../repository.ts";
import type {
  ExpiringQuestion,
  InquiryRecord,
  NotesRecord,
  Opening,
  RoomRecord,
  UserId,
  UserRecord,
} from "../records.ts";
import type { AskedInquiries } from "./records.ts";
import { insertMember } from "../members.ts";
import { insertRoom, ROOM_COLUMNS, roomOf } from "../rooms/room_columns.ts";
import {
  isSqlError,
  limitTo,
  type Row,
  type Sql,
  type SqlDriver,
  type SqlValue,
  type Transaction,
} from "../sql.ts";
import { userOf } from "../users.ts";
import { openNotes } from "./notes_room.ts";
import { findAskedSince } from "./asked_inquiries.ts";
import { choicesOf, stateOf } from "./inquiry_rows.ts";

/** How many first answers the expected wait is the median of. */
const ANSWERS = 20;
/** The highest position that is counted. */
const MOST_POSITION = 1_000;
/** An inquiry without a question so long after it was opened no longer counts as being asked. */
const ASKING_MS = 60_000;

const SELECT = `SELECT i.inquiry_id, i.waiting_since, i.asked_seq, ${ROOM_COLUMNS}, ` +
  "i.state, i.choices, i.needs, i.expires, i.outcome_seq, i.seen, i.snoozed_until, i.queue, i.notes_id, n.last_seq AS notes_last, u.user_id, u.username, u.role, i.assignee_id, a.username AS assignee_name, " +
  "a.role AS assignee_role, m.content, m.edited_seq, m.deleted_seq FROM Inquiries i " +
  "JOIN Rooms r ON r.room_id = i.room_id JOIN Users u ON u.user_id = i.asker_id " +
  "LEFT JOIN Users a ON a.user_id = i.assignee_id " +
  "LEFT JOIN Rooms n ON n.room_id = i.notes_id " +
  "LEFT JOIN Messages m ON m.room_id = r.room_id AND m.seq = i.asked_seq ";

export class SqlInquiries implements Inquiries {
  readonly #sql: SqlDriver;

  constructor(sql: SqlDriver) {
    this.#sql = sql;
  }

  async open(inquiry: NewInquiry): Promise<Opening> {
    const { asker, cid } = inquiry;
    // The same request on another connection may have opened it first.
    const findOpened = async () => cid === undefined ? undefined : await this.findByCid(asker, cid);
    try {
      const opened = await this.#sql.transaction((sql) => insertInquiry(sql, inquiry)) ??
        await findOpened();
      return opened === undefined ? { refused: "too_many" } : { inquiry: opened };
    } catch (error) {
      const opened = isSqlError(error, "duplicate") ? await findOpened() : undefined;
      if (opened === undefined) throw error;
      return { inquiry: opened };
    }
  }

  find(id: number): Promise<InquiryRecord | undefined> {
    return this.#findOne("WHERE i.inquiry_id = ?", [id]);
  }

  openNotes(
    inquiry: Pick<InquiryRecord, "id" | "asker">,
    options: { now: number },
  ): Promise<RoomRecord> {
    return openNotes(this.#sql, inquiry, options);
  }

  async findByCid(asker: UserId, cid: string): Promise<InquiryRecord | undefined> {
    return await this.#findOne("WHERE i.asker_id = ? AND i.cid = ?", [asker, cid]) ??
      // An older server stored a guest's further questions in the inquiry that was open.
      await this.#findOne(
        "WHERE i.room_id = (SELECT room_id FROM Messages WHERE user_id = ? AND cid = ?)",
        [asker, cid],
      );
  }

  countOpen(asker: UserId, options: { now: number }): Promise<number> {
    return countOpen(this.#sql, { asker, now: options.now });
  }

  async waiting(
    { limit, queue }: { limit: number; queue?: string | undefined },
  ): Promise<readonly InquiryRecord[]> {
    const rows = await this.#sql.query(
      `${SELECT}WHERE ${queue === undefined ? "" : "i.queue = ? AND "}` +
        "i.snoozed_until IS NULL AND i.waiting_since IS NOT NULL " +
        "ORDER BY i.waiting_since, i.inquiry_id" + limitTo(limit),
      queue === undefined ? [] : [queue],
    );
    return rows.map(inquiryOf);
  }

  async snoozed(
    { limit }: { limit: number },
  ): Promise<readonly { readonly inquiry: number; readonly until: number }[]> {
    const rows = await this.#sql.query(
      "SELECT inquiry_id, snoozed_until FROM Inquiries WHERE snoozed_until > 0 " +
        "ORDER BY snoozed_until" + limitTo(limit),
    );
    return rows.map((row) => ({
      inquiry: integer(row, "inquiry_id"),
      until: integer(row, "snoozed_until"),
    }));
  }

  async position(id: number): Promise<number> {
    const rows = await this.#sql.query(
      "SELECT COUNT(*) AS position FROM (SELECT 1 FROM Inquiries own JOIN Inquiries i " +
        "ON i.waiting_since <= own.waiting_since WHERE own.inquiry_id = ? " +
        "AND (i.waiting_since < own.waiting_since OR i.inquiry_id <= own.inquiry_id) " +
        "AND (i.snoozed_until IS NULL OR i.inquiry_id = own.inquiry_id)" +
        limitTo(MOST_POSITION) + ") AS ahead",
      [id],
    );
    return firstInteger(rows, "position");
  }

  async nextPosition(): Promise<number> {
    const rows = await this.#sql.query(
      "SELECT COUNT(*) AS waiting FROM (SELECT 1 FROM Inquiries " +
        "WHERE snoozed_until IS NULL AND waiting_since IS NOT NULL" + limitTo(MOST_POSITION - 1) +
        ") AS some",
    );
    return 1 + firstInteger(rows, "waiting");
  }

  async expectedMs(): Promise<number | undefined> {
    const rows = await this.#sql.query(
      "SELECT first_answered - opened AS wait FROM Inquiries WHERE first_answered IS NOT NULL " +
        "ORDER BY first_answered DESC" + limitTo(ANSWERS),
    );
    // The clock may have been set back between a question and its answer.
    const waits = rows.map((row) => Math.max(0, integer(row, "wait"))).sort((a, b) => a - b);
    return waits[Math.floor(waits.length / 2)];
  }

  async expiring({ limit }: { limit: number }): Promise<readonly ExpiringQuestion[]> {
    const rows = await this.#sql.query(
      "SELECT inquiry_id, expires FROM Inquiries WHERE closed IS NULL AND expires > 0 " +
        "AND asked_seq IS NOT NULL ORDER BY expires" + limitTo(limit),
    );
    return rows.map((row) => ({
      inquiry: integer(row, "inquiry_id"),
      expires: integer(row, "expires"),
    }));
  }

  askedSince(since: number): Promise<AskedInquiries> {
    return findAskedSince(this.#sql, since);
  }

  async #findOne(
    where: string,
    params: readonly SqlValue[],
  ): Promise<InquiryRecord | undefined> {
    const [row] = await this.#sql.query(SELECT + where, params);
    return row === undefined ? undefined : inquiryOf(row);
  }
}

/** An inquiry to be opened. */
interface NewInquiry {
  readonly asker: UserId;
  readonly cid?: string | undefined;
  readonly terms?: DecisionTerms | undefined;
  readonly queue?: string | undefined;
  readonly mostOpen: number;
  readonly now: number;
}

/** @returns undefined when too many are open. @throws {SqlError} of kind `duplicate` for a cid used before */
async function insertInquiry(
  sql: Transaction,
  { asker, cid, terms, queue, mostOpen, now }: NewInquiry,
): Promise<InquiryRecord | undefined> {
  // Locks the asker: one inquiry at a time is opened for a user, on all servers. Nothing is read before.
  const [user] = await sql.queryLocking(
    "SELECT user_id, username, role FROM Users WHERE user_id = ?",
    [asker],
  );
  if (user === undefined) throw new Error(`There is no user ${asker}`);
  if (await countOpen(sql, { asker, now }) >= mostOpen) return undefined;
  // The number is needed for the room's name, so the room comes second.
  const { insertId: id } = await sql.execute(
    "INSERT INTO Inquiries (asker_id, cid, opened, queue, choices, needs, expires) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
    [asker, cid ?? null, now, queue ?? null, ...termValues(terms)],
  );
  const name = inquiryRoom(id);
  const room = await insertRoom(sql, { name, key: name, kind: "inquiry", owner: asker, now });
  await sql.execute("UPDATE Inquiries SET room_id = ? WHERE inquiry_id = ?", [room.id, id]);
  await insertMember(sql, { room: room.id, user: asker, read: 0, now });
  return {
    id,
    room: { ...room, members: 1 },
    asker: userOf(user),
    assignee: undefined,
    waitingSince: undefined,
    askedSeq: undefined,
    askedContent: "",
    askedEdited: undefined,
    askedDeleted: undefined,
    terms,
    queue,
    state: "open",
    outcomeSeq: undefined,
    notes: undefined,
    seen: undefined,
    snoozedUntil: undefined,
  };
}

/** Counts the inquiries that wait, and those just opened, whose question is being stored. */
async function countOpen(
  sql: Sql,
  { asker, now }: { asker: UserId; now: number },
): Promise<number> {
  const rows = await sql.query(
    "SELECT (SELECT COUNT(*) FROM Inquiries WHERE asker_id = ? AND waiting_since IS NOT NULL) + " +
      "(SELECT COUNT(*) FROM Inquiries WHERE asker_id = ? AND waiting_since IS NULL " +
      "AND opened > ? AND asked_seq IS NULL) AS many",
    [asker, asker, now - ASKING_MS],
  );
  return firstInteger(rows, "many");
}

function inquiryOf(row: Row): InquiryRecord {
  return {
    id: integer(row, "inquiry_id"),
    room: roomOf(row),
    asker: userOf(row),
    assignee: assigneeOf(row),
    waitingSince: optionalInteger(row, "waiting_since"),
    askedSeq: optionalInteger(row, "asked_seq"),
    askedContent: row.content === null ? "" : text(row, "content"),
    askedEdited: optionalInteger(row, "edited_seq"),
    askedDeleted: optionalInteger(row, "deleted_seq"),
    terms: termsOf(row),
    queue: optionalText(row, "queue"),
    state: stateOf(row),
    outcomeSeq: optionalInteger(row, "outcome_seq"),
    notes: notesOf(row),
    seen: optionalInteger(row, "seen"),
    snoozedUntil: optionalInteger(row, "snoozed_until"),
  };
}

function notesOf(row: Row): NotesRecord | undefined {
  if (row.notes_id === null) return undefined;
  return { room: roomIdOf(row, "notes_id"), last: integer(row, "notes_last") };
}

/** NULL where an inquiry asks for a text. */
function termValues(terms: DecisionTerms | undefined): readonly SqlValue[] {
  if (terms === undefined) return [null, null, null];
  const { choices, needs = 1, expires } = terms;
  return [JSON.stringify(choices), needs, expires ?? null];
}

function termsOf(row: Row): DecisionTerms | undefined {
  const choices = choicesOf(row);
  if (choices === undefined) return undefined;
  const needs = integer(row, "needs");
  return {
    choices,
    expires: optionalInteger(row, "expires"),
    needs: needs === 1 ? undefined : needs,
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
