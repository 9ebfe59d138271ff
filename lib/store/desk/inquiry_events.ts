// What a new event of an inquiry's room does to the row of the inquiry, in the transaction that stores
// the event: the row follows from the log at every moment.

import type { EventBody } from "../../wire/event.ts";
import type { RoomId, UserId } from "../records.ts";
import type { Sql } from "../sql.ts";

/** A new event of an inquiry's room. */
interface InquiryEvent {
  readonly room: RoomId;
  readonly user: UserId;
  readonly body: EventBody;
  readonly seq: number;
  readonly time: number;
}

/**
 * Notes an event. An inquiry waits from its question to the answer to its latest one; a question with
 * choices waits until it is decided or closed, and no text changes that.
 */
export async function noteInInquiry(sql: Sql, event: InquiryEvent): Promise<void> {
  switch (event.body.kind) {
    case "message":
      return await noteQuestion(sql, event);
    case "response":
      return await noteResponse(sql, event);
    case "decision":
      return await noteDecision(sql, event);
    case "closed":
      return await close(sql, event);
  }
}

async function noteQuestion(sql: Sql, { room, seq, time }: InquiryEvent): Promise<void> {
  await sql.execute(
    "UPDATE Inquiries SET " +
      "waiting_since = CASE WHEN choices IS NULL OR asked_seq IS NULL " +
      "THEN COALESCE(waiting_since, ?) ELSE waiting_since END, " +
      "asked_seq = CASE WHEN choices IS NULL THEN ? ELSE COALESCE(asked_seq, ?) END " +
      "WHERE room_id = ?",
    [time, seq, seq, room],
  );
}

async function noteResponse(
  sql: Sql,
  { room, user, body: { to }, seq, time }: InquiryEvent,
): Promise<void> {
  await sql.execute(
    "UPDATE Inquiries SET waiting_since = " +
      "CASE WHEN choices IS NULL AND asked_seq <= ? THEN NULL ELSE waiting_since END, " +
      "state = CASE WHEN choices IS NULL THEN 'claimed' ELSE state END, " +
      "first_answered = COALESCE(first_answered, ?), " +
      "assignee_id = COALESCE(assignee_id, ?) WHERE room_id = ?",
    [to ?? seq, time, user, room],
  );
}

async function noteDecision(sql: Sql, event: InquiryEvent): Promise<void> {
  const { room, user, body: { choice = "", state }, seq, time } = event;
  const { changes } = await sql.execute(
    "UPDATE Decisions SET seq = ?, choice = ? WHERE room_id = ? AND user_id = ?",
    [seq, choice, room, user],
  );
  if (changes === 0) {
    await sql.execute(
      "INSERT INTO Decisions (room_id, user_id, seq, choice) VALUES (?, ?, ?, ?)",
      [room, user, seq, choice],
    );
  }
  if (state !== "decided") {
    await sql.execute("UPDATE Inquiries SET state = 'pending' WHERE room_id = ?", [room]);
    return;
  }
  await sql.execute(
    "UPDATE Inquiries SET first_answered = COALESCE(first_answered, ?), " +
      "assignee_id = COALESCE(assignee_id, ?) WHERE room_id = ?",
    [time, user, room],
  );
  await close(sql, event);
}

async function close(
  sql: Sql,
  { room, body: { state = "decided" }, seq, time }: InquiryEvent,
): Promise<void> {
  await sql.execute(
    "UPDATE Inquiries SET waiting_since = NULL, state = ?, closed = ?, outcome_seq = ? " +
      "WHERE room_id = ?",
    [state, time, seq, room],
  );
}
