// The index of the search in SQLite: a table of FTS5 without content, by message id.

import { integer } from "../column_readers.ts";
import type {
  FullText,
  FullTextPage,
  FullTextQuery,
  IndexedMessage,
  ReplacedMessage,
} from "../search/full_text.ts";
import type { TermTokens } from "../search/tokens.ts";
import { limitTo, type Row, type Sql, type Transaction } from "../sql.ts";

/** Ids that one statement looks at: with the most common words it takes a few milliseconds. */
const IDS_AT_ONCE = 20_000;
/** Milliseconds after which a page ends, however few hits it has. */
const PAGE_MS = 10;

export const SQLITE_FULL_TEXT: FullText = { settleMs: 0, insert, replace, find };

async function insert(sql: Transaction, messages: readonly IndexedMessage[]): Promise<void> {
  for (const { room, seq, tokens } of messages) {
    await sql.execute(
      "INSERT INTO MessageWords (rowid, words) " +
        "SELECT message_id, ? FROM Messages WHERE room_id = ? AND seq = ?",
      [tokens, room, seq],
    );
  }
}

/** A table without content must be told what to give up: by exactly the tokens that it was given. */
async function replace(sql: Transaction, messages: readonly ReplacedMessage[]): Promise<void> {
  for (const { messageId, before, after } of messages) {
    await sql.execute(
      "INSERT INTO MessageWords (MessageWords, rowid, words) VALUES ('delete', ?, ?)",
      [messageId, before],
    );
    if (after === undefined) continue;
    await sql.execute("INSERT INTO MessageWords (rowid, words) VALUES (?, ?)", [messageId, after]);
  }
}

/** From the newest id down, some ids at a time. */
async function find(sql: Sql, query: FullTextQuery): Promise<FullTextPage> {
  const { columns, joins, condition, params, limit } = query;
  const [ends] = await sql.query("SELECT COALESCE(MAX(message_id), 0) AS last FROM Messages");
  const statement = `SELECT m.message_id, ${columns} FROM MessageWords w ` +
    `CROSS JOIN Messages m ON m.message_id = w.rowid ${joins} ` +
    `WHERE w.MessageWords MATCH ? AND w.rowid BETWEEN ? AND ? AND ${condition} ` +
    `ORDER BY w.rowid DESC${limitTo(limit)}`;
  const match = matchOf(query);
  const rows: Row[] = [];
  const begun = performance.now();
  let high = Math.min(query.below - 1, integer(ends ?? {}, "last"));
  while (high > 0) {
    const low = Math.max(high - IDS_AT_ONCE + 1, 1);
    const found = await sql.query(statement, [match, low, high, ...params]);
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

/** An expression of FTS5 out of tokens, which are letters and digits. */
function matchOf({ all, none }: FullTextQuery): string {
  const wanted = all.map(phraseOf).join(" AND ");
  return none.length === 0 ? wanted : `(${wanted}) NOT (${none.map(phraseOf).join(" OR ")})`;
}

function phraseOf({ tokens, isPrefix }: TermTokens): string {
  return `"${tokens.join(" ")}"${isPrefix ? " *" : ""}`;
}
