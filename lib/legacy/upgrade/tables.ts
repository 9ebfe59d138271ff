// Recognises the tables of the old program and reads the facts that an upgrade depends on. Changes
// nothing. Assumes MySQL, the only database of the old program.

import { integer, optionalInteger, text } from "../../store/column_readers.ts";
import type { Row, SchemaSql, Sql } from "../../store/sql.ts";

export type LegacyTableName = "Users" | "Messages";
export const LEGACY_TABLES = ["Users", "Messages"] as const satisfies readonly LegacyTableName[];

/** The columns by which the old program's tables are recognised. */
export const LEGACY_COLUMNS: Readonly<Record<LegacyTableName, readonly string[]>> = {
  Users: ["user_id", "username", "created_at"],
  Messages: ["message_id", "user_id", "content", "timestamp"],
};

/** The old program's tables as found, with their owner's changes. */
export interface LegacyTables {
  readonly database: string;
  /** The time zone of the database's sessions. */
  readonly zone: string;
  readonly users: number;
  /** The lowest user_id; undefined without users. */
  readonly leastUser: number | undefined;
  readonly messages: number;
  /** The bytes of the longest text, as UTF-8. */
  readonly longestContent: number;
  readonly tables: Readonly<Record<LegacyTableName, LegacyTable>>;
  /** Foreign keys of other tables: `Likes refers to Messages.message_id`. */
  readonly references: readonly string[];
}

interface LegacyTable {
  readonly isPartitioned: boolean;
  /** In their order. */
  readonly columns: readonly LegacyColumn[];
  /** Unique indexes by name, with their columns. */
  readonly uniques: ReadonlyMap<string, readonly string[]>;
  readonly triggers: readonly string[];
}

export interface LegacyColumn {
  readonly name: string;
  /** As the database reports it, in lower case: `varchar(255)`. */
  readonly type: string;
  readonly isNullable: boolean;
  /** Whether it has a value in a row whose INSERT leaves it out. */
  readonly hasDefault: boolean;
  /** Whether that value is NULL. */
  readonly isNullByDefault: boolean;
  readonly isAutoKey: boolean;
  /** Of a text column. */
  readonly charset: string | undefined;
}

/**
 * @param taken the existing tables with names of this program @returns undefined unless they are
 * the old program's
 */
export async function findLegacyTables(
  sql: SchemaSql,
  taken: readonly string[],
): Promise<LegacyTables | undefined> {
  if (taken.toSorted().join() !== LEGACY_TABLES.toSorted().join()) return undefined;
  const tables = await readTables(sql);
  if (tables === undefined) return undefined;
  for (const table of LEGACY_TABLES) {
    const names = tables[table].columns.map((column) => column.name);
    if (!LEGACY_COLUMNS[table].every((name) => names.includes(name))) return undefined;
  }
  const [users = {}] = await sql.query(
    "SELECT DATABASE() AS name, COUNT(*) AS many, MIN(user_id) AS least FROM Users",
  );
  const [messages = {}] = await sql.query(
    "SELECT COUNT(*) AS many, MAX(LENGTH(CONVERT(content USING utf8mb4))) AS longest FROM Messages",
  );
  return {
    database: text(users, "name"),
    zone: await readZone(sql),
    users: integer(users, "many"),
    leastUser: optionalInteger(users, "least"),
    messages: integer(messages, "many"),
    longestContent: optionalInteger(messages, "longest") ?? 0,
    tables,
    references: await readReferences(sql),
  };
}

/** The default time zone of a session. */
export async function readZone(sql: Sql): Promise<string> {
  const [row = {}] = await sql.query("SELECT @@global.time_zone AS zone");
  return text(row, "zone");
}

async function readTables(sql: Sql): Promise<LegacyTables["tables"] | undefined> {
  const rows = await sql.query(
    "SELECT table_name AS name, create_options AS options, @@lower_case_table_names AS folds " +
      "FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
  );
  const find = (table: LegacyTableName): Row | undefined =>
    rows.find((row) => isCalled(table, text(row, "name"), { folds: row.folds !== 0 }));
  const [users, messages] = [find("Users"), find("Messages")];
  if (users === undefined || messages === undefined) return undefined;
  return { Users: await readTable(sql, users), Messages: await readTable(sql, messages) };
}

function isCalled(table: LegacyTableName, name: string, { folds }: { folds: boolean }): boolean {
  return name === table || (folds && name === table.toLowerCase());
}

async function readTable(sql: Sql, table: Row): Promise<LegacyTable> {
  const name = text(table, "name");
  const options = table.options === null ? "" : text(table, "options");
  const columns = await sql.query(
    "SELECT column_name AS name, LOWER(column_type) AS type, is_nullable AS nullable, " +
      "column_default AS preset, LOWER(extra) AS extra, column_key AS keyed, " +
      "character_set_name AS charset FROM information_schema.columns " +
      "WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position",
    [name],
  );
  const parts = await sql.query(
    "SELECT index_name AS name, column_name AS part FROM information_schema.statistics " +
      "WHERE table_schema = DATABASE() AND table_name = ? AND non_unique = 0",
    [name],
  );
  const triggers = await sql.query(
    "SELECT trigger_name AS name FROM information_schema.triggers " +
      "WHERE event_object_schema = DATABASE() AND event_object_table = ?",
    [name],
  );
  return {
    isPartitioned: options.includes("partitioned"),
    columns: columns.map(columnOf),
    uniques: uniquesOf(parts),
    triggers: triggers.map((row) => text(row, "name")),
  };
}

function columnOf(row: Row): LegacyColumn {
  const extra = text(row, "extra");
  const isNullable = text(row, "nullable") === "YES";
  const isGenerated = /generated/.test(extra);
  // MariaDB reports the default NULL as a text.
  const isNull = row.preset === null || text(row, "preset") === "NULL";
  return {
    name: text(row, "name"),
    type: text(row, "type"),
    isNullable,
    hasDefault: isGenerated || !isNull,
    isNullByDefault: isNullable && isNull && !isGenerated,
    isAutoKey: text(row, "keyed") === "PRI" && extra.includes("auto_increment"),
    charset: row.charset === null ? undefined : text(row, "charset"),
  };
}

function uniquesOf(parts: readonly Row[]): LegacyTable["uniques"] {
  const byName = Map.groupBy(parts, (row) => text(row, "name"));
  byName.delete("PRIMARY");
  return new Map(
    Array.from(byName, ([name, rows]) => [name, rows.map((row) => text(row, "part"))]),
  );
}

/** Foreign keys to one of the two tables, except the old program's own. */
async function readReferences(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.query(
    "SELECT table_name AS referrer, referenced_table_name AS owner, referenced_column_name AS part " +
      "FROM information_schema.key_column_usage WHERE referenced_table_schema = DATABASE() " +
      "AND (LOWER(referenced_table_name) = 'messages' " +
      "OR (LOWER(referenced_table_name) = 'users' AND LOWER(referenced_column_name) <> 'user_id'))",
  );
  return rows.map((row) =>
    `${text(row, "referrer")} refers to ${text(row, "owner")}.${text(row, "part")}`
  );
}
