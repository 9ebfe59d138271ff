// What a database must do for the search: keep the tokens of messages in an index, and find the newest
// messages by them. Knows no user and no access rule: both come as a condition.

import type { RoomId } from "../records.ts";
import type { Row, Sql, SqlValue, Transaction } from "../sql.ts";
import type { TermTokens } from "./tokens.ts";

/** A message that is in the table Messages, and the tokens of its text. */
export interface IndexedMessage {
  readonly room: RoomId;
  readonly seq: number;
  /** With a blank between two. */
  readonly tokens: string;
}

/** A message of the index whose text has changed. */
export interface ReplacedMessage {
  readonly messageId: number;
  readonly room: RoomId;
  readonly seq: number;
  /** The tokens, exactly as they were added. */
  readonly before: () => string;
  /** Undefined: the message is no longer found. */
  readonly after: string | undefined;
}

/** A page of hits to look for. Terms of `all` have at least one token each. */
export interface FullTextQuery {
  /** All of these must be in the message; not empty. */
  readonly all: readonly TermTokens[];
  /** None of these may be. */
  readonly none: readonly TermTokens[];
  /** Further tables and a condition, over a table Messages called m; with its parameters. */
  readonly joins: string;
  readonly condition: string;
  readonly params: readonly SqlValue[];
  /** The columns to read. */
  readonly columns: string;
  /** Only messages with a lower id. */
  readonly below: number;
  readonly limit: number;
}

/** Hits, the newest first. */
export interface FullTextPage {
  readonly rows: readonly Row[];
  /** There may be more hits below this id; undefined: there are none. */
  readonly next: number | undefined;
}

/** An index of tokens. */
export interface FullText {
  /** How long after an id was given a message with a lower id may still be committed, in milliseconds. */
  readonly settleMs: number;
  /** Adds messages. */
  insert(sql: Transaction, messages: readonly IndexedMessage[]): Promise<void>;
  /** Puts other tokens in the place of those of messages that are in the index. */
  replace(sql: Transaction, messages: readonly ReplacedMessage[]): Promise<void>;
  /**
   * Resolves within a bounded time. The page may have fewer hits than asked for, and none, and there may
   * be more below it. A phrase whose last token may continue is found approximately: the caller compares.
   * @returns undefined when the terms are too common for this database
   */
  find(sql: Sql, query: FullTextQuery): Promise<FullTextPage | undefined>;
}
