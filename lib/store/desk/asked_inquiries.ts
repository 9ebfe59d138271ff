// The inquiries that were asked last, with the times that a report of the desk counts.

import { integer, optionalInteger, optionalText, text } from "../column_readers.ts";
import type { AskedInquiries, AskedInquiry } from "./records.ts";
import type { Row, Sql } from "../sql.ts";

/** The newest numbers: only these are looked at, so that the cost is bounded. There is no index of times. */
const NEWEST = 2_000;
const LAST_BEFORE = `(SELECT MAX(inquiry_id) FROM Inquiries) - ${NEWEST}`;

/** The inquiries opened at `since` or later, the newest first, as far as they are among the newest. */
export async function findAskedSince(sql: Sql, since: number): Promise<AskedInquiries> {
  const rows = await sql.query(
    "SELECT opened, queue, state, waiting_since, first_answered, closed FROM Inquiries " +
      `WHERE inquiry_id > ${LAST_BEFORE} AND opened >= ? AND asked_seq IS NOT NULL ` +
      "ORDER BY inquiry_id DESC",
    [since],
  );
  const [before] = await sql.query(
    `SELECT opened FROM Inquiries WHERE inquiry_id <= ${LAST_BEFORE} ` +
      "ORDER BY inquiry_id DESC LIMIT 1",
  );
  const more = before !== undefined && integer(before, "opened") >= since;
  return { inquiries: rows.map(askedOf), more };
}

function askedOf(row: Row): AskedInquiry {
  return {
    opened: integer(row, "opened"),
    queue: optionalText(row, "queue"),
    outcome: outcomeOf(row),
    firstAnswered: optionalInteger(row, "first_answered"),
    closed: optionalInteger(row, "closed"),
  };
}

function outcomeOf(row: Row): AskedInquiry["outcome"] {
  const state = text(row, "state");
  if (state === "decided" || state === "withdrawn" || state === "expired") return state;
  if (row.waiting_since !== null) return "waiting";
  return row.first_answered === null ? "resolved" : "answered";
}
