// The inquiries of the desk, in SQL. Each has a room; the transactions that store messages record whether an
// inquiry waits for an answer.

import type { DecisionTerms } from "../../wire/event.ts";
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
import { ROOM_COLUMNS, roomOf } from "../rooms/room_columns.ts";
import { isSqlError, limitTo, type Row, type SqlDriver, type SqlValue } from "../sql.ts";
import { userOf } from "../users.ts";
import { countOpen, insertInquiry, type NewInquiry } from "./new_inquiry.ts";
import { openNotes } from "./notes_room.ts";
import { findAskedSince } from "./asked_inquiries.ts";
import { findUnalarmed } from "./unalarmed.ts";
import type { WaitingInquiry } from "./waiting_inquiry.ts";
import { choicesOf, stateOf } from "./inquiry_rows.ts";

/** How many first answers the expected wait is the median of. */
const ANSWERS = 20;
/** The highest position that is counted. */
const MOST_POSITION = 1_000;

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

  unalarmed(options: { limit: number }): Promise<readonly WaitingInquiry[]> {
    return findUnalarmed(this.#sql, options);
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
