// The columns of Messages that hold an event's body: one list to write, one to read. A further field
// of a body is a column here and a migration.

import type { EventBody, EventKind } from "../wire/event.ts";
import { optionalInteger, text } from "./column_readers.ts";
import type { Row, SqlValue } from "./sql.ts";

/** The names of the columns, in the order of `bodyValues`. */
export const BODY_COLUMNS = ["kind", "reply_to", "content"] as const;

const KINDS: ReadonlySet<string> = new Set<EventKind>(["message", "response"]);

/** The values to write, in the order of `BODY_COLUMNS`. */
export function bodyValues({ kind, to, content }: EventBody): readonly SqlValue[] {
  return [kind, to ?? null, content];
}

/** The body in a row. @throws {TypeError} when a column holds something else */
export function bodyOf(row: Row): EventBody {
  return { kind: kindOf(row), to: optionalInteger(row, "reply_to"), content: text(row, "content") };
}

function kindOf(row: Row): EventKind {
  const kind = text(row, "kind");
  if (!KINDS.has(kind)) throw new TypeError("Column kind holds no kind of event");
  return kind as EventKind;
}
