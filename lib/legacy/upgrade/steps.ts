// The steps by which the old program's tables become ours. Each finds out what an earlier run has done of
// it, as MySQL commits every change of a schema by itself. MySQL 5.7 is the floor.

import close from "../../../sql/mysql/legacy_close.sql" with { type: "text" };
import messages from "../../../sql/mysql/legacy_messages.sql" with { type: "text" };
import unknown from "../../../sql/mysql/legacy_unknown.sql" with { type: "text" };
import users from "../../../sql/mysql/legacy_users.sql" with { type: "text" };
import { integer, optionalInteger, text } from "../../store/columns.ts";
import { statementsOf, tablesMadeBy } from "../../store/schema/ledger.ts";
import { SCHEMAS } from "../../store/schema/migrations.ts";
import { keyNames, makeLobby, moveStrayAuthors, numberMessages } from "./rows.ts";
import type { SchemaSql } from "../../store/sql.ts";

/** What a step works with. */
export interface LegacyWork {
  readonly sql: SchemaSql;
  /** UTC milliseconds. */
  readonly now: number;
  /** See `LegacyUpgrade`. */
  readonly keyOf: (name: string) => string | undefined;
  /** Told of messages that are numbered, and of how many. */
  readonly onMessages: (done: number, of: number) => void;
}

export interface LegacyStep {
  /** What it does: `numbering messages`. */
  readonly doing: string;
  run(work: LegacyWork): Promise<void>;
}

/** In this order; each may be run again when it was cut off. */
export const LEGACY_STEPS: readonly LegacyStep[] = [
  { doing: "taking the old foreign key off", run: dropForeignKeys },
  { doing: "converting Users", run: convertUsers },
  { doing: "giving names their keys", run: ({ sql, keyOf }) => keyNames(sql, keyOf) },
  { doing: "adding tables", run: addTables },
  { doing: "converting Messages", run: convertMessages },
  { doing: "adding users that are missing", run: addAuthors },
  { doing: "numbering messages", run: number },
  { doing: "fixing the rules of Messages", run: fixRules },
  { doing: "removing the old index", run: dropOldIndex },
];

/** All that an upgrade is made of, as text: one that was begun with another text cannot go on. */
export const LEGACY_TEXT = [
  ...[users, messages, unknown, close, SCHEMAS.mysql.migrations[0]?.sql],
  ...LEGACY_STEPS.map((step) => step.doing),
].join("\n");

/**
 * Runs a script whose first statement can be made only once, and the others again and again. Each is
 * made whole or not at all, so what is seen of it tells.
 */
async function runScript(
  sql: SchemaSql,
  script: string,
  { isBegun }: { isBegun: boolean },
): Promise<void> {
  for (const statement of statementsOf(script).slice(isBegun ? 1 : 0)) await sql.execute(statement);
}

async function hasColumn(sql: SchemaSql, table: string, column: string): Promise<boolean> {
  const rows = await sql.query(
    "SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() " +
      "AND LOWER(table_name) = LOWER(?) AND column_name = ?",
    [table, column],
  );
  return rows.length > 0;
}

async function hasIndex(sql: SchemaSql, table: string, index: string): Promise<boolean> {
  const rows = await sql.query(
    "SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() " +
      "AND LOWER(table_name) = LOWER(?) AND index_name = ?",
    [table, index],
  );
  return rows.length > 0;
}

/** So that messages of missing users can be moved, and the key can come back under our name. */
async function dropForeignKeys({ sql }: LegacyWork): Promise<void> {
  const rows = await sql.query(
    "SELECT constraint_name AS name FROM information_schema.key_column_usage " +
      "WHERE table_schema = DATABASE() AND LOWER(table_name) = 'messages' " +
      "AND LOWER(column_name) = 'user_id' AND referenced_table_name IS NOT NULL",
  );
  for (const row of rows) {
    await sql.execute(`ALTER TABLE Messages DROP FOREIGN KEY ${quoted(text(row, "name"))}`);
  }
}

async function convertUsers({ sql }: LegacyWork): Promise<void> {
  const isBegun = await hasColumn(sql, "Users", "name_key");
  if (!isBegun) {
    await sql.execute(
      "UPDATE Users SET username = ?, created_at = created_at WHERE username IS NULL",
      [NAMELESS],
    );
  }
  await convertTable(sql, { table: "Users", time: "created_at", script: users, isBegun });
}
/** Nobody can be called so. */
const NAMELESS = "(unknown)";

interface Conversion {
  readonly table: string;
  /** Its column that holds a time. */
  readonly time: string;
  /** See `runScript`. */
  readonly script: string;
  readonly isBegun: boolean;
}

/**
 * A TIMESTAMP becomes the DATETIME that it showed in the zone of the database's sessions, as the times
 * of the old program are; a time keeps its fractions of seconds.
 */
async function convertTable(sql: SchemaSql, conversion: Conversion): Promise<void> {
  const { table, time, script, isBegun } = conversion;
  const [row = {}] = await sql.query(
    "SELECT LOWER(column_type) AS type FROM information_schema.columns " +
      "WHERE table_schema = DATABASE() AND LOWER(table_name) = LOWER(?) AND column_name = ?",
    [table, time],
  );
  const [, type, precision = ""] = /^(datetime|timestamp)(\(\d\))?$/.exec(text(row, "type")) ?? [];
  const precise = script.replace(
    `${time} DATETIME DEFAULT CURRENT_TIMESTAMP,`,
    `${time} DATETIME${precision} DEFAULT CURRENT_TIMESTAMP${precision},`,
  );
  const hasZone = type === "timestamp";
  if (hasZone) await sql.execute("SET SESSION time_zone = @@global.time_zone");
  try {
    await runScript(sql, precise, { isBegun });
  } finally {
    if (hasZone) await sql.execute("SET SESSION time_zone = '+00:00'");
  }
}

/** The tables of version 1 that the old program did not have, and the lobby. */
async function addTables({ sql, now }: LegacyWork): Promise<void> {
  const present = new Set((await sql.tableNames()).map((name) => name.toLowerCase()));
  for (const statement of statementsOf(SCHEMAS.mysql.migrations[0]?.sql ?? "")) {
    const isMade = tablesMadeBy(statement).some((table) => present.has(table.toLowerCase()));
    if (!isMade) await sql.execute(statement);
  }
  await makeLobby(sql, now);
}

/** Texts grow as they become UTF-8, and not one may be cut; a message without one keeps its place. */
async function convertMessages({ sql }: LegacyWork): Promise<void> {
  const isBegun = await hasColumn(sql, "Messages", "seq");
  if (!isBegun) {
    await sql.execute(
      "UPDATE Messages SET content = '', timestamp = timestamp WHERE content IS NULL",
    );
  }
  const [row = {}] = await sql.query(
    "SELECT MAX(LENGTH(CONVERT(content USING utf8mb4))) AS longest FROM Messages",
  );
  const fits = (optionalInteger(row, "longest") ?? 0) <= MOST_TEXT_BYTES;
  const script = fits ? messages.replace("content MEDIUMTEXT", "content TEXT") : messages;
  await convertTable(sql, { table: "Messages", time: "timestamp", script, isBegun });
}
const MOST_TEXT_BYTES = 65_535;

async function addAuthors({ sql }: LegacyWork): Promise<void> {
  await moveStrayAuthors(sql);
  await runScript(sql, unknown, { isBegun: false });
}

async function number({ sql, now, onMessages }: LegacyWork): Promise<void> {
  const [row = {}] = await sql.query("SELECT COUNT(*) AS many FROM Messages");
  const of = integer(row, "many");
  await numberMessages(sql, { now, onProgress: (done) => onMessages(done, of) });
}

async function fixRules({ sql }: LegacyWork): Promise<void> {
  await runScript(sql, close, { isBegun: await hasIndex(sql, "Messages", "Messages_by_cid") });
}

/** The one that came with the old foreign key; Messages_by_cid begins with the same column. */
async function dropOldIndex({ sql }: LegacyWork): Promise<void> {
  const rows = await sql.query(
    "SELECT column_name AS part FROM information_schema.statistics " +
      "WHERE table_schema = DATABASE() AND LOWER(table_name) = 'messages' AND index_name = 'user_id'",
  );
  if (rows.length !== 1 || text(rows[0] ?? {}, "part") !== "user_id") return;
  await sql.execute("ALTER TABLE Messages DROP INDEX user_id");
}

function quoted(name: string): string {
  return "`" + name.replaceAll("`", "``") + "`";
}
