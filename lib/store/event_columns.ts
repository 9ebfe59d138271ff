// The columns of Messages that hold an event's body: one list to write, one to read. A field that every
// kind of event may have is a column here and a migration; those of decisions and of the desk are one column of JSON.

import type { DeskFields, EventBody, EventKind, InquiryState } from "../wire/event.ts";
import { integer, optionalInteger, optionalText, text, userIdOf } from "./column_readers.ts";
import type { StoredEvent } from "./records.ts";
import type { Row, SqlValue } from "./sql.ts";

/** The names of the columns, in the order of `bodyValues`. */
export const BODY_COLUMNS = ["kind", "reply_to", "content", "target_seq", "details"] as const;

/** All that `currentBodyOf` reads: what a row was stored with, and what has changed it since. */
export const CURRENT_BODY_COLUMNS = [...BODY_COLUMNS, "edited_seq", "deleted_seq"] as const;

/** All that `eventOf` reads. */
export const EVENT_COLUMNS = [
  "seq",
  "user_id",
  "author",
  "is_guest",
  "is_bot",
  "time",
  ...CURRENT_BODY_COLUMNS,
] as const;

const KINDS: ReadonlySet<string> = new Set<EventKind>([
  "message",
  "response",
  "decision",
  "closed",
  "topic",
  "edit",
  "delete",
  "desk",
  "draft",
]);

/** The values to write, in the order of `BODY_COLUMNS`. */
export function bodyValues(body: EventBody): readonly SqlValue[] {
  const { kind, to, content, of, topic } = body;
  return [kind, to ?? null, topic ?? content, of ?? null, detailsOf(body)];
}

/** The body in a row, without what has changed it. @throws {TypeError} when a column holds something else */
function bodyOf(row: Row): EventBody {
  const kind = kindOf(row);
  if (kind === "topic") return { kind, content: "", topic: text(row, "content") };
  const body = {
    kind,
    to: optionalInteger(row, "reply_to"),
    content: text(row, "content"),
  };
  if (row.details === null && row.target_seq === null) return body;
  return { ...body, of: optionalInteger(row, "target_seq"), ...parseDetails(row) };
}

/** The event in a row. @throws {TypeError} when a column holds something else */
export function eventOf(row: Row): StoredEvent {
  return {
    seq: integer(row, "seq"),
    user: userIdOf(row),
    from: text(row, "author"),
    guest: integer(row, "is_guest") === 1,
    bot: integer(row, "is_bot") === 1,
    time: integer(row, "time"),
    body: currentBodyOf(row),
  };
}

/** The body in a row as it is now. */
export function currentBodyOf(row: Row): EventBody {
  const body = bodyOf(row);
  if (row.edited_seq === null && row.deleted_seq === null) return body;
  return {
    ...body,
    edited: optionalInteger(row, "edited_seq"),
    deleted: optionalInteger(row, "deleted_seq"),
  };
}

/** What only decisions, changes of inquiries and answers from drafts have. */
interface Details extends DeskFields {
  readonly draft?: number;
  readonly choices?: readonly string[];
  readonly expires?: number;
  readonly needs?: number;
  readonly choice?: string;
  readonly state?: InquiryState;
}

/** NULL for all other events. */
function detailsOf(body: EventBody): string | null {
  const { choices, expires, needs, choice, state, inquiry, change, assignee, until, draft } = body;
  if (choices === undefined && state === undefined && draft === undefined) return null;
  const details: Details = {
    draft,
    choices,
    expires,
    needs,
    choice,
    state,
    inquiry,
    change,
    assignee,
    until,
  };
  return JSON.stringify(details);
}

function parseDetails(row: Row): Details {
  const details = optionalText(row, "details");
  return details === undefined ? {} : JSON.parse(details) as Details;
}

function kindOf(row: Row): EventKind {
  const kind = text(row, "kind");
  if (!KINDS.has(kind)) throw new TypeError("Column kind holds no kind of event");
  return kind as EventKind;
}
