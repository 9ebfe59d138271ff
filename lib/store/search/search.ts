// Finds messages by their words. Except for the index itself, the SQL is the same for every database. The
// query leaves out what the reader may not read.

import { integer, roomIdOf } from "../column_readers.ts";
import { EVENT_COLUMNS, eventOf } from "../event_columns.ts";
import type { RoomKind } from "../records.ts";
import type {
  IndexProgress,
  Reader,
  Search,
  SearchHit,
  SearchPage,
  SearchQuery,
} from "./search_store.ts";
import { limitTo, placeholders, type SqlDriver, type SqlValue } from "../sql.ts";
import type { FullText } from "./full_text.ts";
import { isSearched, readMarks, SearchIndexer } from "./indexing.ts";
import { authorToken, containsTerm, type TermTokens, termTokens } from "./tokens.ts";

/** A CROSS JOIN keeps SQLite from beginning with the rooms. */
const JOINS = "CROSS JOIN Rooms r ON r.room_id = m.room_id ";
/** Messages read at once, and the milliseconds after which a page ends, however few hits it has. */
const READ_AT_ONCE = 50;
const READ_MS = 10;
const COLUMNS = ["room_id", ...EVENT_COLUMNS].map((column) => `m.${column}`).join(", ");

const READ = `SELECT m.message_id, ${COLUMNS} FROM Messages m ${JOINS}` +
  "WHERE m.message_id > ? AND m.message_id < ? AND ";
const NEWEST = ` ORDER BY m.message_id DESC${limitTo(READ_AT_ONCE)}`;

/** A condition of a query, and its parameters. */
interface Condition {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** What a search by the index and one by reading have in common. */
interface PreparedQuery {
  readonly query: SearchQuery;
  readonly condition: Condition;
}

export class SqlSearch implements Search {
  readonly #sql: SqlDriver;
  readonly #fullText: FullText;
  readonly #indexer: SearchIndexer;

  constructor(
    sql: SqlDriver,
    { fullText, monotonic }: { fullText: FullText; monotonic: () => number },
  ) {
    this.#sql = sql;
    this.#fullText = fullText;
    this.#indexer = new SearchIndexer({ driver: sql, fullText, monotonic });
  }

  index(): Promise<IndexProgress> {
    return this.#indexer.index();
  }

  async find(query: SearchQuery): Promise<SearchPage | undefined> {
    const terms = wantedTerms(query);
    // A term without a letter or a digit is in no message.
    if (terms.some(({ tokens }) => tokens.length === 0)) return { hits: [], next: undefined };
    const conditions = conditionsOf(query);
    const prepared = {
      query,
      condition: {
        sql: conditions.map(({ sql }) => sql).join(" AND "),
        params: conditions.flatMap(({ params }) => params),
      },
    };
    const { indexed } = await readMarks(this.#sql);
    const newest = await this.#read(prepared, { above: indexed });
    if (newest.next !== undefined) return newest;
    const older = await this.#findIndexed(terms, prepared, {
      below: Math.min(query.below ?? Number.MAX_SAFE_INTEGER, indexed + 1),
      limit: query.limit - newest.hits.length,
    });
    return older && { hits: [...newest.hits, ...older.hits], next: older.next };
  }

  /** Reads the messages that are too new for the index, the newest first. */
  async #read(
    { query, condition }: PreparedQuery,
    { above }: { above: number },
  ): Promise<SearchPage> {
    const hits: SearchHit[] = [];
    let below = query.below ?? Number.MAX_SAFE_INTEGER;
    const begun = performance.now();
    while (below > above + 1) {
      const rows = await this.#sql.query(READ + condition.sql + NEWEST, [
        above,
        below,
        ...condition.params,
      ]);
      for (const [at, row] of rows.entries()) {
        below = integer(row, "message_id");
        const hit = { ...eventOf(row), room: roomIdOf(row) };
        if (isHit(hit, query)) hits.push(hit);
        const isLast = at === rows.length - 1 && rows.length < READ_AT_ONCE;
        const isOver = !isLast && performance.now() - begun > READ_MS;
        if (hits.length === query.limit || isOver) return { hits, next: below };
      }
      if (rows.length < READ_AT_ONCE) return { hits, next: undefined };
    }
    return { hits, next: undefined };
  }

  async #findIndexed(
    terms: readonly TermTokens[],
    { query, condition }: PreparedQuery,
    { below, limit }: { below: number; limit: number },
  ): Promise<SearchPage | undefined> {
    const page = await this.#fullText.find(this.#sql, {
      all: terms,
      none: query.none.map(termTokens).filter(({ tokens }) => tokens.length > 0),
      columns: COLUMNS,
      joins: JOINS,
      condition: condition.sql,
      params: condition.params,
      below,
      limit,
    });
    if (page === undefined) return undefined;
    const hits = page.rows.map((row) => ({ ...eventOf(row), room: roomIdOf(row) }))
      .filter(({ body }) => fits(body.content, query));
    return { hits, next: page.next };
  }
}

/** As an index finds it. */
function isHit({ body, from }: SearchHit, query: SearchQuery): boolean {
  if (!isSearched(body)) return false;
  if (query.from !== undefined && query.from.toLowerCase() !== from.toLowerCase()) return false;
  return query.all.every((term) => containsTerm(body.content, term)) &&
    !query.none.some((term) => containsTerm(body.content, term));
}

/** Whether the text has what an index may find only approximately. */
function fits(content: string, { all, none }: SearchQuery): boolean {
  return all.every((term) => !isApproximate(term) || containsTerm(content, term)) &&
    !none.some((term) => isApproximate(term) && containsTerm(content, term));
}

function isApproximate(term: string): boolean {
  const { tokens, isPrefix } = termTokens(term);
  return isPrefix && tokens.length > 1;
}

/** A message that mentions the reader has the reader's name among its words. */
function wantedTerms({ all, from, mentionsReader, reader }: SearchQuery): readonly TermTokens[] {
  const terms = all.map(termTokens);
  if (mentionsReader) terms.push(termTokens(reader.name));
  if (from !== undefined) terms.push({ tokens: [authorToken(from)], isPrefix: false });
  return terms;
}

function conditionsOf(query: SearchQuery): readonly Condition[] {
  const { reader, room, before, after, mentionsReader } = query;
  const conditions = [readableBy(reader)];
  if (room !== undefined) conditions.push({ sql: "m.room_id = ?", params: [room] });
  if (before !== undefined) conditions.push({ sql: "m.time < ?", params: [before] });
  if (after !== undefined) conditions.push({ sql: "m.time >= ?", params: [after] });
  if (mentionsReader) {
    const sql = "(EXISTS (SELECT 1 FROM Mentions n WHERE n.user_id = ? AND " +
      "n.room_id = m.room_id AND n.seq = m.seq) OR (m.edited_seq IS NOT NULL AND EXISTS " +
      "(SELECT 1 FROM EditMentions n WHERE n.room_id = m.room_id AND n.seq = m.seq AND " +
      "n.user_id = ?)))";
    conditions.push({ sql, params: [reader.user, reader.user] });
  }
  return conditions;
}

function readableBy({ user, all, others, own, joined }: Reader): Condition {
  const joinedOne = "EXISTS (SELECT 1 FROM Members k " +
    "WHERE k.user_id = ? AND k.room_id = r.room_id)";
  const some = [
    ofKind(all),
    ofKind(others, { sql: "r.owner_id <> ?", params: [user] }),
    ofKind(own, { sql: "r.owner_id = ?", params: [user] }),
    ofKind(joined, { sql: joinedOne, params: [user] }),
  ].filter((condition) => condition !== undefined);
  return {
    sql: `(${some.map(({ sql }) => `(${sql})`).join(" OR ")})`,
    params: some.flatMap(({ params }) => params),
  };
}

function ofKind(kinds: readonly RoomKind[], also?: Condition): Condition | undefined {
  if (kinds.length === 0) return undefined;
  const sql = `r.kind IN (${placeholders(kinds.length)})`;
  if (also === undefined) return { sql, params: kinds };
  return { sql: `${sql} AND ${also.sql}`, params: [...kinds, ...also.params] };
}
