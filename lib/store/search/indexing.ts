// Adds stored messages to the index of the search: new ones soon after their commit, and older ones in the
// background, the newest first. The database records which messages are in the index, so that the work
// continues after a restart, on any server of the store.

import type { EventBody, EventKind } from "../../wire/event.ts";
import { firstInteger, integer, roomIdOf, text } from "../column_readers.ts";
import { EVENT_COLUMNS, eventOf } from "../event_columns.ts";
import type { RoomId } from "../records.ts";
import type { Row, Sql, SqlDriver, Transaction } from "../sql.ts";
import type { FullText, IndexedMessage, ReplacedMessage } from "./full_text.ts";
import type { IndexProgress } from "./search_store.ts";
import { authorToken, textWords } from "./tokens.ts";

/** Ids and UTF-16 units of one transaction, which takes a few milliseconds; one message may have more. */
const IDS_AT_ONCE = 100;
const UNITS_AT_ONCE = 32_768;
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
export function isSearched({ kind, deleted }: EventBody): boolean {
  return SEARCHED.has(kind) && deleted === undefined;
}

/** A message whose text has changed. */
export interface ChangedText {
  readonly messageId: number;
  readonly room: RoomId;
  readonly seq: number;
  readonly from: string;
  readonly before: EventBody;
  readonly after: EventBody;
}

/**
 * Changes in the index what it has of these messages. Which it has is read under a lock: it is not filled
 * meanwhile, so that it never gets a text that was changed before.
 */
export async function reindex(
  sql: Transaction,
  { fullText, changes }: { fullText: FullText; changes: readonly ChangedText[] },
): Promise<void> {
  const { backlog, indexed } = marksOf(await sql.queryLocking(MARKS));
  const replaced = changes
    .filter(({ messageId, before }) =>
      messageId > backlog && messageId <= indexed && isSearched(before)
    )
    .map(({ messageId, room, seq, from, before, after }): ReplacedMessage => ({
      messageId,
      room,
      seq,
      before: () => tokensOf(from, before),
      after: isSearched(after) ? tokensOf(from, after) : undefined,
    }));
  await fullText.replace(sql, replaced);
}

export class SearchIndexer {
  readonly #driver: SqlDriver;
  readonly #fullText: FullText;
  readonly #monotonic: () => number;
  /** How many ids the next transaction looks at. */
  #ids = IDS_AT_ONCE;
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
        const first = marks.indexed + 1;
        const last = Math.min(marks.indexed + this.#ids, settled);
        const reached = await this.#add(sql, { first, last, order: "ASC" });
        await sql.execute(MOVE, [String(reached ?? last), "search_indexed"]);
        return { isDone: false, left: marks.backlog };
      }
      if (marks.backlog === 0) return DONE;
      const first = Math.max(marks.backlog - this.#ids, 0) + 1;
      const reached = await this.#add(sql, { first, last: marks.backlog, order: "DESC" });
      const left = (reached ?? first) - 1;
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

  /**
   * Adds the messages of a range of ids, as many as one transaction should.
   * @returns the id up to which they were added; undefined: all of the range
   */
  async #add(
    sql: Transaction,
    { first, last, order }: { first: number; last: number; order: "ASC" | "DESC" },
  ): Promise<number | undefined> {
    const rows = await sql.query(
      `SELECT message_id, room_id, ${EVENT_COLUMNS.join(", ")} FROM Messages ` +
        `WHERE message_id BETWEEN ? AND ? ORDER BY message_id ${order}`,
      [first, last],
    );
    const messages: IndexedMessage[] = [];
    let units = 0;
    let reached: number | undefined;
    let handled = 0;
    for (const row of rows) {
      const message = indexedMessage(roomIdOf(row), row);
      if (message !== undefined) messages.push(message);
      handled++;
      units += text(row, "content").length;
      if (units < UNITS_AT_ONCE || handled === rows.length) continue;
      reached = integer(row, "message_id");
      break;
    }
    // Long messages are followed by long ones: the next time only as many are read as are added.
    const fitting = Math.floor(handled * UNITS_AT_ONCE / Math.max(units, 1));
    this.#ids = Math.min(Math.max(fitting, 1), IDS_AT_ONCE);
    await this.#fullText.insert(sql, messages);
    return reached;
  }
}

function indexedMessage(room: RoomId, row: Row): IndexedMessage | undefined {
  const { seq, from, body } = eventOf(row);
  if (!isSearched(body)) return undefined;
  return { room, seq, tokens: tokensOf(from, body) };
}

function tokensOf(from: string, { content }: EventBody): string {
  return `${authorToken(from)} ${textWords(content)}`;
}

function marksOf(rows: readonly Row[]): IndexMarks {
  const values = new Map(rows.map((row) => [text(row, "name"), Number(text(row, "value"))]));
  return {
    backlog: values.get("search_backlog") ?? 0,
    indexed: values.get("search_indexed") ?? 0,
  };
}
