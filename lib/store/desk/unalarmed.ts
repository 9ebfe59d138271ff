// Finds the inquiries whose alarms may be due, in SQL.

import { integer, optionalInteger, optionalText } from "../column_readers.ts";
import { limitTo, type Sql } from "../sql.ts";
import { userOf } from "../users.ts";
import type { WaitingInquiry } from "./waiting_inquiry.ts";

const SELECT = "SELECT i.inquiry_id, i.queue, i.waiting_since, i.seen, i.unseen_at, " +
  "i.unanswered_at, u.user_id, u.username, u.role FROM Inquiries i " +
  "JOIN Users u ON u.user_id = i.asker_id " +
  "WHERE i.snoozed_until IS NULL AND i.waiting_since IS NOT NULL AND " +
  "(i.unanswered_at IS NULL OR i.unanswered_at < i.waiting_since OR " +
  "(i.seen IS NULL AND i.unseen_at IS NULL)) ORDER BY i.waiting_since, i.inquiry_id";

/** The inquiries in the queue with alarms to come, the longest waiting first. */
export async function findUnalarmed(
  sql: Sql,
  { limit }: { limit: number },
): Promise<readonly WaitingInquiry[]> {
  const rows = await sql.query(SELECT + limitTo(limit));
  return rows.map((row) => ({
    inquiry: integer(row, "inquiry_id"),
    asker: userOf(row),
    queue: optionalText(row, "queue"),
    waitingSince: integer(row, "waiting_since"),
    seen: optionalInteger(row, "seen"),
    unseenAt: optionalInteger(row, "unseen_at"),
    unansweredAt: optionalInteger(row, "unanswered_at"),
  }));
}
