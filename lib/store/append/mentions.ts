// Mentions: a row for each member that a message names, written with the message. A member that only an
// edit names gets a row for the edit. The rows of a member in a room are numbered, so that the number above
// a read position is a subtraction.

import { chunk } from "@std/collections/chunk";
import { integer, text, userIdOf } from "../column_readers.ts";
import { findIgnored } from "../moderation/ignored.ts";
import type { Targets } from "../changes/targets.ts";
import type { Draft, RoomId, UserId } from "../records.ts";
import {
  limitTo,
  padToPowerOfTwo,
  placeholders,
  queryAmong,
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

const MENTIONS = { into: "Mentions (user_id, room_id, seq, number)", row: "(?, ?, ?, ?)" };
const EDIT_MENTIONS = { into: "EditMentions (room_id, seq, user_id)", row: "(?, ?, ?)" };

/** `@name` that does not go on with another character of a name. */
const NAMED = /@([A-Za-z0-9_-]{2,32})(?![A-Za-z0-9_-])/g;

/**
 * How many mentions of the member `m` lie above the read position: an expression over the table Members
 * (m). It takes two index look-ups, however many mentions there are.
 */
export const UNREAD_MENTIONS = `(${lastNumber("")}) - (${lastNumber("AND n.seq <= m.read_seq ")})`;

function lastNumber(range: string): string {
  return "COALESCE((SELECT n.number FROM Mentions n WHERE n.user_id = m.user_id " +
    `AND n.room_id = m.room_id ${range}ORDER BY n.seq DESC LIMIT 1), 0)`;
}

/** A message or an edit with its seq in its room. */
interface PlacedDraft {
  readonly draft: Draft;
  readonly seq: number;
}

/** A member of a room who is named there, and how often they were named before. */
interface Named {
  readonly user: UserId;
  readonly before: number;
}

/** An event that names members. */
interface Naming extends PlacedDraft {
  /** In lower case. */
  readonly names: readonly string[];
  /** Whom it replies to. */
  readonly answered: UserId | undefined;
}

/**
 * Writes the mentions in `rows`: of a message also the author of what it replies to, of an edit the members
 * alone whom the message has not named before. The transaction must hold the locks of their rooms.
 */
export async function noteMentions(
  sql: Transaction,
  rows: readonly PlacedDraft[],
  targets: Targets,
): Promise<void> {
  const naming: readonly Naming[] = rows.map((row) => ({ ...row, ...namedBy(row, targets) }))
    .filter(({ names, answered }) => names.length > 0 || answered !== undefined);
  if (naming.length === 0) return;
  const members = await findMembers(sql, naming);
  const membersOf = ({ draft: { room }, names, answered }: Naming) =>
    [answered, ...names].flatMap((one) => members.get(memberKey(room, one ?? "")) ?? []);
  const isIgnored = await findIgnored(sql, {
    users: [...new Set([...members.values()].flat().map(({ user }) => user))],
    others: [...new Set(naming.map(({ draft }) => draft.user))],
  });
  const numbers = new Map<string, number>();
  const values: SqlValue[][] = [];
  const added = new Map<string, SqlValue[]>();
  for (const row of naming) {
    const { draft: { room, user: author, body }, seq } = row;
    const named = new Map(membersOf(row).map((member) => [member.user, member]));
    const past = await findNamedBefore(sql, row.draft, [...named.keys()]);
    const called = [...named.values()]
      .filter(({ user }) => user !== author && !isIgnored(user, author) && !past.has(user));
    for (const { user, before } of called.slice(0, MOST_NAMED)) {
      const edited = [room, body.of ?? 0, user];
      if (body.kind === "edit" && added.has(edited.join(" "))) continue;
      if (body.kind === "edit") added.set(edited.join(" "), edited);
      const key = memberKey(room, user);
      const number = (numbers.get(key) ?? before) + 1;
      numbers.set(key, number);
      values.push([user, room, seq, number]);
    }
  }
  await insertRows(sql, MENTIONS, values);
  await insertRows(sql, EDIT_MENTIONS, [...added.values()]);
}

/** The names in an event that were not there before, and whom it replies to. */
function namedBy(
  { draft: { room, body }, seq }: PlacedDraft,
  targets: Targets,
): Pick<Naming, "names" | "answered"> {
  const { kind, content, to } = body;
  const names = content.includes("@") ? namesIn(content) : [];
  if (kind === "edit") {
    const before = new Set(namesIn(targets.textBefore(room, seq)));
    return { names: names.filter((name) => !before.has(name)), answered: undefined };
  }
  const isReply = kind === "message" && to !== undefined;
  return { names, answered: isReply ? targets.authorOf(room, to) : undefined };
}

/** Those of these users whom the message of an edit has named so far, by itself or by an edit. */
async function findNamedBefore(
  sql: Transaction,
  { room, body: { kind, of = 0 } }: Draft,
  users: readonly UserId[],
): Promise<ReadonlySet<UserId>> {
  if (kind !== "edit") return new Set();
  const rows = await queryAmong(users, (places, some) =>
    sql.query(
      `SELECT user_id FROM Mentions WHERE user_id IN (${places}) AND room_id = ? AND seq = ? ` +
        `UNION SELECT user_id FROM EditMentions WHERE room_id = ? AND seq = ? ` +
        `AND user_id IN (${places})`,
      [...some, room, of, room, of, ...some],
    ));
  return new Set(rows.map((row) => userIdOf(row)));
}

/** The members of the rooms who are named there, by name or by number. */
async function findMembers(
  sql: Transaction,
  naming: readonly Naming[],
): Promise<ReadonlyMap<string, readonly Named[]>> {
  const members = new Map<string, readonly Named[]>();
  for (const [room, some] of Map.groupBy(naming, ({ draft }) => draft.room)) {
    const names = new Set(some.flatMap(({ names }) => names));
    for (const [name, found] of await findNamed(sql, room, [...names])) {
      members.set(memberKey(room, name), found);
    }
    const answered = new Set(some.flatMap(({ answered }) => answered ?? []));
    for (const found of await findUsers(sql, room, [...answered])) {
      members.set(memberKey(room, found.user), [found]);
    }
  }
  return members;
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

/** Those of these users who are members of a room. */
async function findUsers(
  sql: Transaction,
  room: RoomId,
  users: readonly UserId[],
): Promise<readonly Named[]> {
  const rows = await queryAmong(users, (places, some) =>
    sql.query(
      `SELECT m.user_id, m.name_key, ${lastNumber("")} AS number FROM Members m ` +
        `WHERE m.room_id = ? AND m.user_id IN (${places})`,
      [room, ...some],
    ));
  return rows.map(namedOf);
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

/** Rows of a table, a few at a time. Its name and columns are constant, and the last of the text. */
async function insertRows(
  sql: Transaction,
  { into, row }: { readonly into: string; readonly row: string },
  values: readonly (readonly SqlValue[])[],
): Promise<void> {
  for (let at = 0; at < values.length;) {
    const size = ROWS_AT_ONCE.find((rows) => rows <= values.length - at) ?? 1;
    await sql.execute(
      `INSERT INTO ${into} VALUES ${`${row}, `.repeat(size - 1)}${row}`,
      values.slice(at, at + size).flat(),
    );
    at += size;
  }
}
