// The index of the search in SQLite: a table of FTS5 without content, by message id. The words of long
// messages are in another table as text, because FTS5 removes a message token by token.

import { firstInteger, integer } from "../column_readers.ts";
import type {
  FullText,
  FullTextPage,
  FullTextQuery,
  IndexedMessage,
  ReplacedMessage,
} from "../search/full_text.ts";
import type { TermTokens } from "../search/tokens.ts";
import { limitTo, type Row, type Sql, type SqlValue, type Transaction } from "../sql.ts";

/** Ids that one statement looks at: with the most common words it takes a few milliseconds. */
const IDS_AT_ONCE = 20_000;
/** Long messages that one statement looks at. */
const LONG_AT_ONCE = 100;
/** Milliseconds after which a page ends, however few hits it has. */
const PAGE_MS = 10;
/** To take a message out of the index costs about 20 us for each different token. */
const MOST_TOKENS = 150;

export const SQLITE_FULL_TEXT: FullText = { settleMs: 0, insert, replace, find };

async function insert(sql: Transaction, messages: readonly IndexedMessage[]): Promise<void> {
  for (const { room, seq, tokens } of messages) {
    const { into, words } = placeOf(tokens);
    const select = "SELECT message_id, ? FROM Messages WHERE room_id = ? AND seq = ?";
    await sql.execute(into + select, [words, room, seq]);
  }
}

/** A table without content must be told what to give up: by exactly the tokens that it was given. */
async function replace(sql: Transaction, messages: readonly ReplacedMessage[]): Promise<void> {
  for (const { messageId, before, after } of messages) {
    const { changes } = await sql.execute(
      "DELETE FROM LongMessageWords WHERE message_id = ?",
      [messageId],
    );
    if (changes === 0) {
      await sql.execute(
        "INSERT INTO MessageWords (MessageWords, rowid, words) VALUES ('delete', ?, ?)",
        [messageId, before()],
      );
    }
    if (after === undefined) continue;
    const { into, words } = placeOf(after);
    await sql.execute(`${into}VALUES (?, ?)`, [messageId, words]);
  }
}

/** Where the tokens of a message are kept, and how: in a text each stands between blanks. */
function placeOf(tokens: string): { readonly into: string; readonly words: string } {
  return isLong(tokens)
    ? { into: "INSERT INTO LongMessageWords (message_id, words) ", words: ` ${tokens} ` }
    : { into: "INSERT INTO MessageWords (rowid, words) ", words: tokens };
}

/** Whether a message has so many different tokens that its words are kept as a text. */
function isLong(tokens: string): boolean {
  // No token has fewer than two characters.
  return tokens.length > MOST_TOKENS * 3 && new Set(tokens.split(" ")).size > MOST_TOKENS;
}

/** A statement that finds hits between two ids, and its parameters but for the ids. */
interface Finder {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** From the newest id down, some ids at a time. */
async function find(sql: Sql, query: FullTextQuery): Promise<FullTextPage> {
  const { params, limit } = query;
  const [ends] = await sql.query("SELECT COALESCE(MAX(message_id), 0) AS last FROM Messages");
  const finders = [indexFinder(query), longFinder(query)];
  const rows: Row[] = [];
  const begun = performance.now();
  let high = Math.min(query.below - 1, integer(ends ?? {}, "last"));
  while (high > 0) {
    const low = Math.max(high - IDS_AT_ONCE + 1, await lowestLong(sql, high), 1);
    const found: Row[] = [];
    for (const finder of finders) {
      found.push(...await sql.query(finder.sql, [low, high, ...finder.params, ...params]));
    }
    found.sort((one, other) => integer(other, "message_id") - integer(one, "message_id"));
    rows.push(...found.slice(0, limit - rows.length));
    const last = rows.at(-1);
    if (rows.length === limit && last !== undefined) {
      return { rows, next: integer(last, "message_id") };
    }
    high = low - 1;
    if (performance.now() - begun > PAGE_MS) break;
  }
  return { rows, next: high > 0 ? high + 1 : undefined };
}

/** The id from which on there are no more long messages up to `high` than one statement looks at. */
async function lowestLong(sql: Sql, high: number): Promise<number> {
  const rows = await sql.query(
    "SELECT message_id FROM LongMessageWords WHERE message_id <= ? " +
      `ORDER BY message_id DESC${limitTo(1)} OFFSET ${LONG_AT_ONCE - 1}`,
    [high],
  );
  return firstInteger(rows, "message_id");
}

function indexFinder(query: FullTextQuery): Finder {
  const sql = `${selectFrom("MessageWords", "rowid", query)} AND w.MessageWords MATCH ?`;
  return { sql: sql + endOf("rowid", query), params: [matchOf(query)] };
}

function longFinder(query: FullTextQuery): Finder {
  const wanted = " AND INSTR(w.words, ?) > 0".repeat(query.all.length);
  const excluded = " AND INSTR(w.words, ?) = 0".repeat(query.none.length);
  const sql = selectFrom("LongMessageWords", "message_id", query) + wanted + excluded;
  return {
    sql: sql + endOf("message_id", query),
    params: [...query.all, ...query.none].map(textOf),
  };
}

function selectFrom(table: string, id: string, { columns, joins }: FullTextQuery): string {
  return `SELECT m.message_id, ${columns} FROM ${table} w ` +
    `CROSS JOIN Messages m ON m.message_id = w.${id} ${joins} WHERE w.${id} BETWEEN ? AND ?`;
}

function endOf(id: string, { condition, limit }: FullTextQuery): string {
  return ` AND ${condition} ORDER BY w.${id} DESC${limitTo(limit)}`;
}

/** A term as it stands in a text. */
function textOf({ tokens, isPrefix }: TermTokens): string {
  return ` ${tokens.join(" ")}${isPrefix ? "" : " "}`;
}

/** An expression of FTS5 out of tokens, which are letters and digits. */
function matchOf({ all, none }: FullTextQuery): string {
  const wanted = all.map(phraseOf).join(" AND ");
  return none.length === 0 ? wanted : `(${wanted}) NOT (${none.map(phraseOf).join(" OR ")})`;
}

function phraseOf({ tokens, isPrefix }: TermTokens): string {
  return `"${tokens.join(" ")}"${isPrefix ? " *" : ""}`;
}
