// Stores an inquiry with its room, in SQL, and counts the open inquiries of a user.

import type { DecisionTerms } from "../../wire/event.ts";
import { inquiryRoom } from "../../wire/room_ref.ts";
import { firstInteger } from "../column_readers.ts";
import { insertMember } from "../new_members.ts";
import type { InquiryRecord, UserId } from "../records.ts";
import { insertRoom } from "../rooms/room_columns.ts";
import type { Sql, SqlValue, Transaction } from "../sql.ts";
import { userOf } from "../users.ts";

/** An inquiry without a question so long after it was opened no longer counts as being asked. */
const ASKING_MS = 60_000;

/** An inquiry to be opened. */
export interface NewInquiry {
  readonly asker: UserId;
  readonly cid?: string | undefined;
  readonly terms?: DecisionTerms | undefined;
  readonly queue?: string | undefined;
  readonly mostOpen: number;
  readonly now: number;
}

/** @returns undefined when too many are open. @throws {SqlError} of kind `duplicate` for a cid used before */
export async function insertInquiry(
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
export async function countOpen(
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

/** NULL where an inquiry asks for a text. */
function termValues(terms: DecisionTerms | undefined): readonly SqlValue[] {
  if (terms === undefined) return [null, null, null];
  const { choices, needs = 1, expires } = terms;
  return [JSON.stringify(choices), needs, expires ?? null];
}
