// Mentions: a row for each member that a message names, written with the message. The rows of a member in a
// room are numbered, so that the number above a read position is a subtraction.

import { chunk } from "@std/collections/chunk";
import { integer, text, userIdOf } from "../column_readers.ts";
import { findIgnored } from "../moderation/ignored.ts";
import type { Draft, RoomId, UserId } from "../records.ts";
import {
  limitTo,
  padToPowerOfTwo,
  placeholders,
  type Row,
  type SqlValue,
  type Transaction,
} from "../sql.ts";

/** Names that are looked for in one message, and members that it can name. */
const MOST_NAMED = 50;
/** Names looked for in one statement, and members found by it. */
const ASKED_AT_ONCE = 64;
const FOUND_AT_ONCE = 1_000;
/** Rows of one statement: few sizes, so that few statements are prepared. */
const ROWS_AT_ONCE = [64, 16, 4, 1] as const;

/** `@name` that does not go on with another character of a name. */
const NAMED = /@([A-Za-z0-9_-]{2,32})(?![A-Za-z0-9_-])/g;

/**
 * How many mentions of the member `m` lie above the read position, as an expression over a table
 * Members called m: two look-ups in an index, however many there are.
 */
export const UNREAD_MENTIONS = `(${lastNumber("")}) - (${lastNumber("AND n.seq <= m.read_seq ")})`;

function lastNumber(range: string): string {
  return "COALESCE((SELECT n.number FROM Mentions n WHERE n.user_id = m.user_id " +
    `AND n.room_id = m.room_id ${range}ORDER BY n.seq DESC LIMIT 1), 0)`;
}

/** A message with its seq in its room. */
interface PlacedDraft {
  readonly draft: Draft;
  readonly seq: number;
}

/** A member of a room who is named there, and how often they were named before. */
interface Named {
  readonly user: UserId;
  readonly before: number;
}

/** Writes the mentions in `rows`. The transaction must hold the locks of their rooms. */
export async function noteMentions(
  sql: Transaction,
  rows: readonly PlacedDraft[],
): Promise<void> {
  const naming = rows.filter(({ draft }) => draft.body.content.includes("@"))
    .map((row) => ({ ...row, names: namesIn(row.draft.body.content) }));
  const asked = new Map<RoomId, Set<string>>();
  for (const { draft: { room }, names } of naming) {
    asked.set(room, (asked.get(room) ?? new Set()).union(new Set(names)));
  }
  const named = new Map<string, readonly Named[]>();
  for (const [room, names] of asked) {
    for (const [name, members] of await findNamed(sql, room, [...names])) {
      named.set(memberKey(room, name), members);
    }
  }
  const isIgnored = await findIgnored(sql, {
    users: [...new Set([...named.values()].flat().map(({ user }) => user))],
    others: [...new Set(naming.map(({ draft }) => draft.user))],
  });
  const numbers = new Map<string, number>();
  const values: SqlValue[][] = [];
  for (const { draft: { room, user: author }, seq, names } of naming) {
    const members = names.flatMap((name) => named.get(memberKey(room, name)) ?? [])
      .filter(({ user }) => user !== author && !isIgnored(user, author));
    for (const { user, before } of members.slice(0, MOST_NAMED)) {
      const key = memberKey(room, user);
      const number = (numbers.get(key) ?? before) + 1;
      numbers.set(key, number);
      values.push([user, room, seq, number]);
    }
  }
  await insertMentions(sql, values);
}

/** In lower case, each once. */
function namesIn(content: string): readonly string[] {
  const names = new Set<string>();
  for (const [, name = ""] of content.matchAll(NAMED)) {
    names.add(name.toLowerCase());
    if (names.size === MOST_NAMED) break;
  }
  return [...names];
}

/** The members of a room who have one of these names, by name. */
async function findNamed(
  sql: Transaction,
  room: RoomId,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly Named[]>> {
  const rows: Row[] = [];
  for (const part of chunk(names, ASKED_AT_ONCE)) {
    const some = padToPowerOfTwo(part);
    rows.push(
      ...await sql.query(
        `SELECT m.user_id, m.name_key, ${lastNumber("")} AS number FROM Members m ` +
          `WHERE m.room_id = ? AND m.name_key IN (${placeholders(some.length)})` +
          limitTo(FOUND_AT_ONCE),
        [room, ...some],
      ),
    );
  }
  return Map.groupBy(rows.map(namedOf), ({ name }) => name);
}

function namedOf(row: Row): Named & { readonly name: string } {
  return {
    name: text(row, "name_key"),
    user: userIdOf(row),
    before: integer(row, "number"),
  };
}

function memberKey(room: RoomId, member: string | UserId): string {
  return `${room} ${member}`;
}

async function insertMentions(
  sql: Transaction,
  values: readonly (readonly SqlValue[])[],
): Promise<void> {
  for (let at = 0; at < values.length;) {
    const size = ROWS_AT_ONCE.find((rows) => rows <= values.length - at) ?? 1;
    await sql.execute(
      "INSERT INTO Mentions (user_id, room_id, seq, number) VALUES " +
        "(?, ?, ?, ?), ".repeat(size - 1) + "(?, ?, ?, ?)",
      values.slice(at, at + size).flat(),
    );
    at += size;
  }
}
