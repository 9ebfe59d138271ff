// The index of the search in MySQL and MariaDB: a FULLTEXT index of InnoDB.

import { integer } from "../column_readers.ts";
import type {
  FullText,
  FullTextPage,
  FullTextQuery,
  IndexedMessage,
  ReplacedMessage,
} from "../search/full_text.ts";
import type { TermTokens } from "../search/tokens.ts";
import { limitTo, type Sql, SqlError, type SqlValue, type Transaction } from "../sql.ts";

/** Messages added by one statement: few sizes, so that few statements are prepared. */
const ROWS_AT_ONCE = [64, 16, 4, 1] as const;
/** What a statement of a search may take, in milliseconds. */
const MOST_MS = 50;
/** More than the deadline of a batch's transaction. */
const SETTLE_MS = 30_000;
/** ER_STATEMENT_TIMEOUT of MariaDB, ER_QUERY_TIMEOUT of MySQL, and more hits than InnoDB gathers. */
const TOO_COMMON: readonly number[] = [1969, 3024, 188];

export const MYSQL_FULL_TEXT: FullText = { settleMs: SETTLE_MS, insert, replace, find };

async function insert(sql: Transaction, messages: readonly IndexedMessage[]): Promise<void> {
  for (let at = 0; at < messages.length;) {
    const size = ROWS_AT_ONCE.find((rows) => rows <= messages.length - at) ?? 1;
    const some = messages.slice(at, at + size);
    await sql.execute(
      "INSERT INTO MessageWords (room_id, seq, words) VALUES " +
        "(?, ?, ?), ".repeat(size - 1) + "(?, ?, ?)",
      some.flatMap(({ room, seq, tokens }): SqlValue[] => [room, seq, tokens]),
    );
    at += size;
  }
}

async function replace(sql: Transaction, messages: readonly ReplacedMessage[]): Promise<void> {
  for (const { room, seq, after } of messages) {
    const key = "WHERE room_id = ? AND seq = ?";
    if (after === undefined) await sql.execute(`DELETE FROM MessageWords ${key}`, [room, seq]);
    else await sql.execute(`UPDATE MessageWords SET words = ? ${key}`, [after, room, seq]);
  }
}

/** InnoDB gathers all hits before it sorts them: words that too many messages have are given up. */
async function find(sql: Sql, query: FullTextQuery): Promise<FullTextPage | undefined> {
  const { columns, joins, condition, params, limit, below } = query;
  // MariaDB reads the first comment, MySQL the second one.
  const statement = `/*M! SET STATEMENT max_statement_time = ${MOST_MS / 1_000} FOR */ ` +
    `SELECT /*+ MAX_EXECUTION_TIME(${MOST_MS}) */ m.message_id, ${columns} FROM MessageWords w ` +
    `CROSS JOIN Messages m ON m.room_id = w.room_id AND m.seq = w.seq ${joins} ` +
    `WHERE MATCH (w.words) AGAINST (? IN BOOLEAN MODE) AND m.message_id < ? AND ${condition} ` +
    `ORDER BY m.message_id DESC${limitTo(limit)}`;
  try {
    const rows = await sql.query(statement, [matchOf(query), below, ...params]);
    const last = rows.at(-1);
    const isFull = rows.length === limit && last !== undefined;
    return { rows, next: isFull ? integer(last, "message_id") : undefined };
  } catch (error) {
    if (error instanceof SqlError && TOO_COMMON.includes(error.errno)) return undefined;
    throw error;
  }
}

/**
 * An expression of the boolean mode out of tokens, which are letters and digits. A phrase whose last token
 * may continue has no expression: what is found here is compared with the text afterwards.
 */
function matchOf({ all, none }: FullTextQuery): string {
  const excluded = none.filter(({ tokens, isPrefix }) => !isPrefix || tokens.length === 1);
  return [
    ...all.flatMap(phrasesOf).map((phrase) => `+${phrase}`),
    ...excluded.flatMap(phrasesOf).map((phrase) => `-${phrase}`),
  ].join(" ");
}

function phrasesOf({ tokens, isPrefix }: TermTokens): readonly string[] {
  const last = tokens.at(-1) ?? "";
  if (!isPrefix) return [tokens.length === 1 ? last : `"${tokens.join(" ")}"`];
  const before = tokens.slice(0, -1);
  return [...(before.length === 0 ? [] : [`"${before.join(" ")}"`]), `${last}*`];
}
