// Migrates a database to this program's schema version: runs each numbered file of sql/<dialect>/
// once, in order, and records every completed statement with the file's checksum. Knows no table of
// the chat.

import mysql1 from "../../../sql/mysql/0001_people_rooms_messages.sql" with { type: "text" };
import mysql2 from "../../../sql/mysql/0002_inquiries.sql" with { type: "text" };
import mysql3 from "../../../sql/mysql/0003_counters.sql" with { type: "text" };
import mysql4 from "../../../sql/mysql/0004_names_and_questions.sql" with { type: "text" };
import mysql5 from "../../../sql/mysql/0005_unused_rooms.sql" with { type: "text" };
import mysql6 from "../../../sql/mysql/0006_accounts.sql" with { type: "text" };
import mysql7 from "../../../sql/mysql/0007_tokens.sql" with { type: "text" };
import mysql8 from "../../../sql/mysql/0008_private_rooms.sql" with { type: "text" };
import mysql9 from "../../../sql/mysql/0009_moderation.sql" with { type: "text" };
import mysql10 from "../../../sql/mysql/0010_decisions.sql" with { type: "text" };
import mysql11 from "../../../sql/mysql/0011_search.sql" with { type: "text" };
import mysql12 from "../../../sql/mysql/0012_edits.sql" with { type: "text" };
import mysql13 from "../../../sql/mysql/0013_inbox.sql" with { type: "text" };
import mysql14 from "../../../sql/mysql/0014_desk_work.sql" with { type: "text" };
import mysql15 from "../../../sql/mysql/0015_desk_notes.sql" with { type: "text" };
import mysqlMigrationsTable from "../../../sql/mysql/migrations_table.sql" with { type: "text" };
import sqlite1 from "../../../sql/sqlite/0001_people_rooms_messages.sql" with { type: "text" };
import sqlite2 from "../../../sql/sqlite/0002_inquiries.sql" with { type: "text" };
import sqlite3 from "../../../sql/sqlite/0003_counters.sql" with { type: "text" };
import sqlite4 from "../../../sql/sqlite/0004_names_and_questions.sql" with { type: "text" };
import sqlite5 from "../../../sql/sqlite/0005_unused_rooms.sql" with { type: "text" };
import sqlite6 from "../../../sql/sqlite/0006_accounts.sql" with { type: "text" };
import sqlite7 from "../../../sql/sqlite/0007_tokens.sql" with { type: "text" };
import sqlite8 from "../../../sql/sqlite/0008_private_rooms.sql" with { type: "text" };
import sqlite9 from "../../../sql/sqlite/0009_moderation.sql" with { type: "text" };
import sqlite10 from "../../../sql/sqlite/0010_decisions.sql" with { type: "text" };
import sqlite11 from "../../../sql/sqlite/0011_search.sql" with { type: "text" };
import sqlite12 from "../../../sql/sqlite/0012_edits.sql" with { type: "text" };
import sqlite13 from "../../../sql/sqlite/0013_inbox.sql" with { type: "text" };
import sqlite14 from "../../../sql/sqlite/0014_desk_work.sql" with { type: "text" };
import sqlite15 from "../../../sql/sqlite/0015_desk_notes.sql" with { type: "text" };
import sqliteMigrationsTable from "../../../sql/sqlite/migrations_table.sql" with { type: "text" };
import {
  type AppliedMigration,
  checksumOf,
  createMigrationsTable,
  findAppliedMigrations,
  LEGACY_VERSION,
  recordStart,
  recordSteps,
  statementsOf,
  tablesCreatedBy,
} from "./applied_migrations.ts";
import { isSqlError, OpenError, type SchemaSql, type SqlDriver } from "../sql.ts";

/** A step from one schema version to the next. Once released, it never changes. */
export interface Migration {
  /** 1, 2, 3, … without gaps. */
  readonly version: number;
  readonly name: string;
  /** Statements, each ended by `;` at the end of a line; lines of `--` are comments. */
  readonly sql: string;
}

/** All scripts that create this program's schema on one kind of database. */
export interface Schema {
  /** Creates the table of applied migrations. */
  readonly migrationsTable: string;
  readonly migrations: readonly Migration[];
}

export const SCHEMAS: Readonly<Record<SqlDriver["dialect"], Schema>> = {
  mysql: {
    migrationsTable: mysqlMigrationsTable,
    migrations: [
      { version: 1, name: "people_rooms_messages", sql: mysql1 },
      { version: 2, name: "inquiries", sql: mysql2 },
      { version: 3, name: "counters", sql: mysql3 },
      { version: 4, name: "names_and_questions", sql: mysql4 },
      { version: 5, name: "unused_rooms", sql: mysql5 },
      { version: 6, name: "accounts", sql: mysql6 },
      { version: 7, name: "tokens", sql: mysql7 },
      { version: 8, name: "private_rooms", sql: mysql8 },
      { version: 9, name: "moderation", sql: mysql9 },
      { version: 10, name: "decisions", sql: mysql10 },
      { version: 11, name: "search", sql: mysql11 },
      { version: 12, name: "edits", sql: mysql12 },
      { version: 13, name: "inbox", sql: mysql13 },
      { version: 14, name: "desk_work", sql: mysql14 },
      { version: 15, name: "desk_notes", sql: mysql15 },
    ],
  },
  sqlite: {
    migrationsTable: sqliteMigrationsTable,
    migrations: [
      { version: 1, name: "people_rooms_messages", sql: sqlite1 },
      { version: 2, name: "inquiries", sql: sqlite2 },
      { version: 3, name: "counters", sql: sqlite3 },
      { version: 4, name: "names_and_questions", sql: sqlite4 },
      { version: 5, name: "unused_rooms", sql: sqlite5 },
      { version: 6, name: "accounts", sql: sqlite6 },
      { version: 7, name: "tokens", sql: sqlite7 },
      { version: 8, name: "private_rooms", sql: sqlite8 },
      { version: 9, name: "moderation", sql: sqlite9 },
      { version: 10, name: "decisions", sql: sqlite10 },
      { version: 11, name: "search", sql: sqlite11 },
      { version: 12, name: "edits", sql: sqlite12 },
      { version: 13, name: "inbox", sql: sqlite13 },
      { version: 14, name: "desk_work", sql: sqlite14 },
      { version: 15, name: "desk_notes", sql: sqlite15 },
    ],
  },
};

/**
 * Applies the missing migrations and continues where an earlier run was interrupted. Must run
 * inside `SqlDriver.withSchemaLock`.
 *
 * @throws {OpenError} `incompatible`: the tables belong to another program, the schema is newer
 * than this program, or the text of an applied migration differs. Nothing has been changed then.
 */
export async function migrate(sql: SchemaSql, schema: Schema): Promise<void> {
  const { migrations } = schema;
  const recorded = await findAppliedMigrations(sql);
  const applied = recorded ?? new Map<number, AppliedMigration>();
  if (applied.size === 0) rejectForeignTables(await sql.tableNames(), schema);
  if (recorded === undefined) await createMigrationsTable(sql, schema.migrationsTable);
  const checksums = await Promise.all(migrations.map((migration) => checksumOf(migration.sql)));
  rejectOtherVersions(applied, checksums);
  for (const [index, migration] of migrations.entries()) {
    const from = applied.get(migration.version)?.steps;
    await applyMigration(sql, migration, { checksum: checksums[index] ?? "", from });
  }
}

/** @param checksums this program's, version 1 first */
function rejectOtherVersions(
  applied: ReadonlyMap<number, AppliedMigration>,
  checksums: readonly string[],
): void {
  if (applied.has(LEGACY_VERSION) && !applied.has(1)) {
    throw new OpenError(
      "incompatible",
      "The upgrade of the old program's tables was interrupted: continue it with --upgrade-legacy",
    );
  }
  for (const [version, { checksum }] of applied) {
    if (version === LEGACY_VERSION) continue;
    const ours = checksums[version - 1];
    if (ours === undefined) {
      throw new OpenError(
        "incompatible",
        `The database has schema version ${version}, this program supports up to ` +
          `${checksums.length}: start a newer version of the program`,
      );
    }
    if (checksum !== ours) {
      throw new OpenError(
        "incompatible",
        `The database's schema version ${version} is not this program's: its checksum is ` +
          `${checksum}, not ${ours}`,
      );
    }
  }
}

/** The tables among `names` that this program would create itself. */
export function conflictingTables(names: readonly string[], schema: Schema): readonly string[] {
  const present = new Set(names.map((name) => name.toLowerCase()));
  return schema.migrations.flatMap((migration) => tablesCreatedBy(migration.sql))
    .filter((name) => present.has(name.toLowerCase()));
}

function rejectForeignTables(names: readonly string[], schema: Schema): void {
  const taken = conflictingTables(names, schema);
  if (taken.length === 0) return;
  throw new OpenError(
    "incompatible",
    `The database has tables of another program (${taken.join(", ")}): use a separate database`,
  );
}

async function applyMigration(
  sql: SchemaSql,
  migration: Migration,
  options: { checksum: string; from: number | undefined },
): Promise<void> {
  const { version, name } = migration;
  const { checksum, from } = options;
  if (from === undefined) await recordStart(sql, { version, name, checksum });
  for (const [index, statement] of statementsOf(migration.sql).entries()) {
    if (index < (from ?? 0)) continue;
    try {
      await sql.execute(statement);
    } catch (error) {
      // An interruption between a statement and its record: possible only for the first statement.
      if (index !== from || !isSqlError(error, "exists")) throw error;
    }
    await recordSteps(sql, { version, steps: index + 1 });
  }
}
