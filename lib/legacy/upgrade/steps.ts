// The steps that convert the old program's tables. Each step finds out what an earlier run has done
// of it, because MySQL commits every schema change by itself. Must work on MySQL 5.7.

import close from "../../../sql/mysql/legacy_close.sql" with { type: "text" };
import messages from "../../../sql/mysql/legacy_messages.sql" with { type: "text" };
import unknown from "../../../sql/mysql/legacy_unknown.sql" with { type: "text" };
import users from "../../../sql/mysql/legacy_users.sql" with { type: "text" };
import { integer, optionalInteger, text } from "../../store/column_readers.ts";
import { statementsOf, tablesCreatedBy } from "../../store/schema/applied_migrations.ts";
import { SCHEMAS } from "../../store/schema/migrations.ts";
import { assignNameKeys, createLobby, numberMessages, renumberMissingAuthors } from "./rows.ts";
import type { SchemaSql } from "../../store/sql.ts";

/** The context of a step. */
interface StepContext {
  readonly sql: SchemaSql;
  /** UTC milliseconds. */
  readonly now: number;
  /** See `LegacyUpgrade`. */
  readonly keyOf: (name: string) => string | undefined;
  /** Called with the numbered messages so far and their total. */
  readonly onMessages: (done: number, of: number) => void;
}

interface LegacyStep {
  /** What it does: `numbering messages`. Part of the checksum: see `LEGACY_TEXT`. */
  readonly doing: string;
  run(work: StepContext): Promise<void>;
}

/** In this order; each may run again after an interruption. */
export const LEGACY_STEPS: readonly LegacyStep[] = [
  { doing: "taking the old foreign key off", run: dropForeignKeys },
  { doing: "converting Users", run: convertUsers },
  { doing: "giving names their keys", run: ({ sql, keyOf }) => assignNameKeys(sql, keyOf) },
  { doing: "adding tables", run: addTables },
  { doing: "converting Messages", run: convertMessages },
  { doing: "adding users that are missing", run: addAuthors },
  { doing: "numbering messages", run: numberAllMessages },
  { doing: "fixing the rules of Messages", run: addConstraints },
  { doing: "removing the old index", run: dropOldIndex },
];

/**
 * The whole upgrade as text, for its checksum: an upgrade that was started with another text cannot
 * continue.
 */
export const LEGACY_TEXT = [
  ...[users, messages, unknown, close, SCHEMAS.mysql.migrations[0]?.sql],
  ...LEGACY_STEPS.map((step) => step.doing),
].join("\n");

/**
 * Runs a script whose first statement can run only once, the others repeatedly. Each statement
 * takes effect completely or not at all, so its effect shows whether it ran.
 */
async function runScript(
  sql: SchemaSql,
  script: string,
  { isStarted }: { isStarted: boolean },
): Promise<void> {
  for (const statement of statementsOf(script).slice(isStarted ? 1 : 0)) {
    await sql.execute(statement);
  }
}

/** Whether the table has a column or an index of this name. */
async function has(
  sql: SchemaSql,
  what: "column" | "index",
  { table, name }: { table: string; name: string },
): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 FROM information_schema.${what === "column" ? "columns" : "statistics"} ` +
      `WHERE table_schema = DATABASE() AND LOWER(table_name) = LOWER(?) AND ${what}_name = ?`,
    [table, name],
  );
  return rows.length > 0;
}

/**
 * Then messages of missing users can be changed, and the key can be added again under its new name.
 */
async function dropForeignKeys({ sql }: StepContext): Promise<void> {
  const rows = await sql.query(
    "SELECT constraint_name AS name FROM information_schema.key_column_usage " +
      "WHERE table_schema = DATABASE() AND LOWER(table_name) = 'messages' " +
      "AND LOWER(column_name) = 'user_id' AND referenced_table_name IS NOT NULL",
  );
  for (const row of rows) {
    await sql.execute(
      `ALTER TABLE Messages DROP FOREIGN KEY ${quoteIdentifier(text(row, "name"))}`,
    );
  }
}

async function convertUsers({ sql }: StepContext): Promise<void> {
  const isStarted = await has(sql, "column", { table: "Users", name: "name_key" });
  if (!isStarted) {
    await sql.execute(
      "UPDATE Users SET username = ?, created_at = created_at WHERE username IS NULL",
      [UNNAMED],
    );
  }
  await convertTable(sql, { table: "Users", time: "created_at", script: users, isStarted });
}
/** Not a valid account name. */
const UNNAMED = "(unknown)";

interface Conversion {
  readonly table: string;
  /** Its time column. */
  readonly time: string;
  /** See `runScript`. */
  readonly script: string;
  readonly isStarted: boolean;
}

/**
 * A TIMESTAMP becomes the DATETIME that sessions of the database show, like the times of the old program.
 * Fractions of seconds are kept.
 */
async function convertTable(sql: SchemaSql, conversion: Conversion): Promise<void> {
  const { table, time, script, isStarted } = conversion;
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
    await runScript(sql, precise, { isStarted });
  } finally {
    if (hasZone) await sql.execute("SET SESSION time_zone = '+00:00'");
  }
}

/** Creates the tables of version 1 that the old program did not have, and the lobby. */
async function addTables({ sql, now }: StepContext): Promise<void> {
  const present = new Set((await sql.tableNames()).map((name) => name.toLowerCase()));
  for (const statement of statementsOf(SCHEMAS.mysql.migrations[0]?.sql ?? "")) {
    const exists = tablesCreatedBy(statement).some((table) => present.has(table.toLowerCase()));
    if (!exists) await sql.execute(statement);
  }
  await createLobby(sql, now);
}

/**
 * Texts may grow when they become UTF-8, and none may be truncated; a message without a text is
 * kept as an empty one.
 */
async function convertMessages({ sql }: StepContext): Promise<void> {
  const isStarted = await has(sql, "column", { table: "Messages", name: "seq" });
  if (!isStarted) {
    await sql.execute(
      "UPDATE Messages SET content = '', timestamp = timestamp WHERE content IS NULL",
    );
  }
  const [row = {}] = await sql.query(
    "SELECT MAX(LENGTH(CONVERT(content USING utf8mb4))) AS longest FROM Messages",
  );
  const fits = (optionalInteger(row, "longest") ?? 0) <= MAX_TEXT_BYTES;
  const script = fits ? messages.replace("content MEDIUMTEXT", "content TEXT") : messages;
  await convertTable(sql, { table: "Messages", time: "timestamp", script, isStarted });
}
const MAX_TEXT_BYTES = 65_535;

async function addAuthors({ sql }: StepContext): Promise<void> {
  await renumberMissingAuthors(sql);
  await runScript(sql, unknown, { isStarted: false });
}

async function numberAllMessages({ sql, now, onMessages }: StepContext): Promise<void> {
  const [row = {}] = await sql.query("SELECT COUNT(*) AS many FROM Messages");
  const of = integer(row, "many");
  await numberMessages(sql, { now, onProgress: (done) => onMessages(done, of) });
}

async function addConstraints({ sql }: StepContext): Promise<void> {
  const index = { table: "Messages", name: "Messages_by_cid" };
  await runScript(sql, close, { isStarted: await has(sql, "index", index) });
}

/** The index of the old foreign key; Messages_by_cid starts with the same column. */
async function dropOldIndex({ sql }: StepContext): Promise<void> {
  const rows = await sql.query(
    "SELECT column_name AS part FROM information_schema.statistics " +
      "WHERE table_schema = DATABASE() AND LOWER(table_name) = 'messages' AND index_name = 'user_id'",
  );
  if (rows.length !== 1 || text(rows[0] ?? {}, "part") !== "user_id") return;
  await sql.execute("ALTER TABLE Messages DROP INDEX user_id");
}

function quoteIdentifier(name: string): string {
  return "`" + name.replaceAll("`", "``") + "`";
}
