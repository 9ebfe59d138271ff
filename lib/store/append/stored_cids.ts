// Which drafts of a batch have been stored before, by their cids. Knows no rooms and no seq to come.

import type { EventBody } from "../../wire/event.ts";
import { integer, roomIdOf, text, userIdOf } from "../column_readers.ts";
import { CURRENT_BODY_COLUMNS, currentBodyOf } from "../event_columns.ts";
import type { Appended, Draft, RoomId } from "../records.ts";
import { padToPowerOfTwo, type SqlValue, type Transaction } from "../sql.ts";

const BODY = CURRENT_BODY_COLUMNS.join(", ");

/** A message that was stored under a cid. */
export interface StoredDraft {
  readonly room: RoomId;
  readonly body: EventBody;
  readonly seq: number;
  readonly time: number;
}

/**
 * The stored messages that have the cids of these drafts. By a read that takes no locks: a lock on an absent
 * cid would lock the gap in the index, and deadlock.
 */
export async function findStoredCids(
  sql: Transaction,
  drafts: readonly Draft[],
): Promise<Map<string, StoredDraft>> {
  const withCid = padToPowerOfTwo(drafts.filter((draft) => draft.cid !== undefined));
  const known = new Map<string, StoredDraft>();
  if (withCid.length === 0) return known;
  const params: SqlValue[] = [];
  for (const { user, cid } of withCid) params.push(user, cid ?? null);
  const rows = await sql.query(
    `SELECT user_id, cid, room_id, seq, time, ${BODY} FROM Messages WHERE ` +
      "(user_id = ? AND cid = ?) OR ".repeat(withCid.length - 1) + "(user_id = ? AND cid = ?)",
    params,
  );
  for (const row of rows) {
    known.set(cidKey(userIdOf(row), text(row, "cid")), {
      room: roomIdOf(row),
      body: currentBodyOf(row),
      seq: integer(row, "seq"),
      time: integer(row, "time"),
    });
  }
  return known;
}

/** The answer to a draft whose cid was used before. */
export function answerAgain(prior: StoredDraft, draft: Draft): Appended {
  const { room, body, seq, time } = prior;
  if (room !== draft.room || !isSameText(body, draft.body)) return { refused: "cid_conflict" };
  return body.kind === "decision" ? { seq, time, dup: true, body } : { seq, time, dup: true };
}

/**
 * Whether a draft is a resend of a stored event. A resend of a response may name no question, or by now
 * another latest one: `to` may differ. Of a decision the store knows the state, the draft does not. Where a
 * text has been changed, what it was is not known any more.
 */
export function isSameText(stored: EventBody, draft: EventBody): boolean {
  const isSameKind = stored.kind === draft.kind && stored.choice === draft.choice &&
    stored.topic === draft.topic;
  if (!isSameKind) return false;
  if (stored.kind === "message" && stored.to !== draft.to) return false;
  if (stored.kind === "edit" && stored.of !== draft.of) return false;
  // Without a text of its own an answer has that of its draft, which may be deleted by now.
  const isFromDraft = draft.kind === "response" && draft.content === "" &&
    draft.draft !== undefined && stored.draft === draft.draft;
  return isFromDraft || hasOtherText(stored) || stored.content === draft.content;
}

/** Whether the text is not the one that was stored first. */
function hasOtherText({ kind, content, edited, deleted }: EventBody): boolean {
  return edited !== undefined || deleted !== undefined || (kind === "edit" && content === "");
}

/** A user's cid as the key of a map. */
export function cidKey(user: number, cid: string): string {
  return `${user} ${cid}`;
}
