// Adds stored messages to the index of the search: new ones soon after their commit, and those of before
// this index in the background, the newest first. Which are in it stands in the database, so that it
// continues after a restart, and on any server of the store.

import type { EventBody, EventKind } from "../../wire/event.ts";
import { firstInteger, roomIdOf, text } from "../column_readers.ts";
import { EVENT_COLUMNS, eventOf } from "../event_columns.ts";
import type { RoomId } from "../records.ts";
import type { Row, Sql, SqlDriver, Transaction } from "../sql.ts";
import type { FullText, IndexedMessage } from "./full_text.ts";
import type { IndexProgress } from "./search_store.ts";
import { authorToken, textTokens } from "./tokens.ts";

/** Messages of one transaction: it takes a few milliseconds. */
const MESSAGES_AT_ONCE = 100;
/** The kinds of events whose text is searched. */
const SEARCHED: ReadonlySet<string> = new Set<EventKind>(["message", "response", "decision"]);

/**
 * The ids of messages in the index: above `backlog` up to `indexed`. What is above is read itself by a
 * search; what is below is of before this index and not added yet.
 */
interface IndexMarks {
  readonly backlog: number;
  readonly indexed: number;
}

const DONE: IndexProgress = { isDone: true, left: 0 };
const MARKS = "SELECT name, value FROM Meta WHERE name IN ('search_backlog', 'search_indexed')";
const MOVE = "UPDATE Meta SET value = ? WHERE name = ?";

/** Which messages are in the index. */
export async function readMarks(sql: Sql): Promise<IndexMarks> {
  return marksOf(await sql.query(MARKS));
}

/** Whether the text of such an event is searched. */
export function isSearched({ kind }: EventBody): boolean {
  return SEARCHED.has(kind);
}

export class SearchIndexer {
  readonly #driver: SqlDriver;
  readonly #fullText: FullText;
  readonly #monotonic: () => number;
  /** The highest ids at earlier moments, the oldest first. */
  readonly #seen: { readonly at: number; readonly id: number }[] = [];

  constructor(
    options: { driver: SqlDriver; fullText: FullText; monotonic: () => number },
  ) {
    this.#driver = options.driver;
    this.#fullText = options.fullText;
    this.#monotonic = options.monotonic;
  }

  /** Adds the next messages: new ones first. */
  async index(): Promise<IndexProgress> {
    const settled = await this.#settledId();
    const { backlog, indexed } = await readMarks(this.#driver);
    if (indexed >= settled && backlog === 0) return DONE;
    return await this.#driver.transaction(async (sql) => {
      const marks = marksOf(await sql.queryLocking(MARKS));
      if (marks.indexed < settled) {
        const last = Math.min(marks.indexed + MESSAGES_AT_ONCE, settled);
        await this.#add(sql, { first: marks.indexed + 1, last });
        await sql.execute(MOVE, [String(last), "search_indexed"]);
        return { isDone: false, left: marks.backlog };
      }
      if (marks.backlog === 0) return DONE;
      const left = Math.max(marks.backlog - MESSAGES_AT_ONCE, 0);
      await this.#add(sql, { first: left + 1, last: marks.backlog });
      await sql.execute(MOVE, [String(left), "search_backlog"]);
      return { isDone: false, left };
    });
  }

  /**
   * The highest id below which no message can appear any more. Ids are given before a commit, so that of
   * two servers' messages the later id may be committed first; no transaction takes as long as this waits.
   */
  async #settledId(): Promise<number> {
    const id = firstInteger(
      await this.#driver.query("SELECT COALESCE(MAX(message_id), 0) AS id FROM Messages"),
      "id",
    );
    const at = this.#monotonic();
    this.#seen.push({ at, id });
    const settled = this.#seen.findLastIndex((seen) => at - seen.at >= this.#fullText.settleMs);
    if (settled < 0) return 0;
    this.#seen.splice(0, settled);
    return this.#seen[0]?.id ?? 0;
  }

  async #add(sql: Transaction, { first, last }: { first: number; last: number }): Promise<void> {
    const rows = await sql.query(
      `SELECT room_id, ${EVENT_COLUMNS.join(", ")} FROM Messages WHERE message_id BETWEEN ? AND ?`,
      [first, last],
    );
    const messages = rows.map((row) => indexedMessage(roomIdOf(row), row));
    await this.#fullText.insert(sql, messages.filter((message) => message !== undefined));
  }
}

function indexedMessage(room: RoomId, row: Row): IndexedMessage | undefined {
  const { seq, from, body } = eventOf(row);
  if (!isSearched(body)) return undefined;
  return { room, seq, tokens: [authorToken(from), ...textTokens(body.content)] };
}

function marksOf(rows: readonly Row[]): IndexMarks {
  const values = new Map(rows.map((row) => [text(row, "name"), Number(text(row, "value"))]));
  return {
    backlog: values.get("search_backlog") ?? 0,
    indexed: values.get("search_indexed") ?? 0,
  };
}
