// Brings a database's schema to this program's version: each file of sql/<dialect>/ once, in order,
// by checksum. Knows no table but its own, which counts what has been applied, statement by statement.

import mysql1 from "../../sql/mysql/0001_people_rooms_messages.sql" with { type: "text" };
import mysql2 from "../../sql/mysql/0002_inquiries.sql" with { type: "text" };
import mysqlLedger from "../../sql/mysql/ledger.sql" with { type: "text" };
import sqlite1 from "../../sql/sqlite/0001_people_rooms_messages.sql" with { type: "text" };
import sqlite2 from "../../sql/sqlite/0002_inquiries.sql" with { type: "text" };
import sqliteLedger from "../../sql/sqlite/ledger.sql" with { type: "text" };
import { integer, text } from "./columns.ts";
import { isSqlError, OpenError, type SchemaSql, type SqlDriver } from "./sql.ts";

/** A step from one version of the schema to the next. Once released, it never changes. */
export interface Migration {
  /** 1, 2, 3, … without a hole. */
  readonly version: number;
  readonly name: string;
  /** Statements, each ended by `;` at the end of a line; lines of `--` are comments. */
  readonly sql: string;
}

/** All that leads to this program's schema on one kind of database. */
export interface Schema {
  /** Makes the table of what has been applied. */
  readonly ledger: string;
  readonly migrations: readonly Migration[];
}

export const SCHEMAS: Readonly<Record<SqlDriver["dialect"], Schema>> = {
  mysql: {
    ledger: mysqlLedger,
    migrations: [
      { version: 1, name: "people_rooms_messages", sql: mysql1 },
      { version: 2, name: "inquiries", sql: mysql2 },
    ],
  },
  sqlite: {
    ledger: sqliteLedger,
    migrations: [
      { version: 1, name: "people_rooms_messages", sql: sqlite1 },
      { version: 2, name: "inquiries", sql: sqlite2 },
    ],
  },
};

interface Applied {
  readonly checksum: string;
  /** How many of its statements have taken effect for certain. */
  readonly steps: number;
}

/**
 * Applies what is missing, going on where an earlier run was cut off. Must run inside
 * `SqlDriver.exclusively`.
 *
 * @throws {OpenError} `incompatible`: the tables are not ours, or the schema is newer than this
 * program, or was made by another text of a migration. Nothing has been changed then.
 */
export async function migrate(sql: SchemaSql, schema: Schema): Promise<void> {
  const { migrations } = schema;
  const applied = await readLedger(sql, schema);
  const checksums = await Promise.all(migrations.map((migration) => checksumOf(migration.sql)));
  refuseOthers(applied, checksums);
  for (const [index, migration] of migrations.entries()) {
    const from = applied.get(migration.version)?.steps;
    await apply(sql, migration, { checksum: checksums[index] ?? "", from });
  }
}

/** `checksums` are this program's, those of version 1 first. */
function refuseOthers(
  applied: ReadonlyMap<number, Applied>,
  checksums: readonly string[],
): void {
  for (const [version, { checksum }] of applied) {
    const ours = checksums[version - 1];
    if (ours === undefined) {
      throw new OpenError(
        "incompatible",
        `The database has schema version ${version}, this program knows up to ` +
          `${checksums.length}: start a newer version`,
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

/** The statements of a migration, in order, without their comments. */
export function statementsOf(script: string): readonly string[] {
  const code = script.split(/\r?\n/).filter((line) => !line.trimStart().startsWith("--")).join(
    "\n",
  );
  return code.split(/;[ \t]*(?:\n|$)/).map((part) => part.trim()).filter((part) => part !== "");
}

async function readLedger(
  sql: SchemaSql,
  schema: Schema,
): Promise<ReadonlyMap<number, Applied>> {
  const tables = new Set((await sql.tableNames()).map((name) => name.toLowerCase()));
  if (tables.has("parleymigrations")) {
    const rows = await sql.query("SELECT version, checksum, steps FROM ParleyMigrations");
    return new Map(rows.map((row) => [
      integer(row, "version"),
      { checksum: text(row, "checksum"), steps: integer(row, "steps") },
    ]));
  }
  const taken = schema.migrations.flatMap((migration) => tablesMadeBy(migration.sql))
    .filter((name) => tables.has(name.toLowerCase()));
  if (taken.length > 0) {
    throw new OpenError(
      "incompatible",
      `The database has tables of another program (${taken.join(", ")}): give this one its own`,
    );
  }
  for (const statement of statementsOf(schema.ledger)) await sql.execute(statement);
  return new Map();
}

async function apply(
  sql: SchemaSql,
  migration: Migration,
  options: { checksum: string; from: number | undefined },
): Promise<void> {
  const { version, name } = migration;
  const { checksum, from } = options;
  if (from === undefined) {
    await sql.execute(
      "INSERT INTO ParleyMigrations (version, name, checksum, steps) VALUES (?, ?, ?, 0)",
      [version, name, checksum],
    );
  }
  for (const [index, statement] of statementsOf(migration.sql).entries()) {
    if (index < (from ?? 0)) continue;
    try {
      await sql.execute(statement);
    } catch (error) {
      // Cut off between the statement and the note of it: only the first statement may find that.
      if (index !== from || !isSqlError(error, "exists")) throw error;
    }
    await sql.execute("UPDATE ParleyMigrations SET steps = ? WHERE version = ?", [
      index + 1,
      version,
    ]);
  }
}

function tablesMadeBy(script: string): readonly string[] {
  return Array.from(script.matchAll(/^CREATE TABLE (\w+)/gm), (match) => match[1] ?? "");
}

/** SHA-256 in hex. A checkout that ends its lines in another way has the same one. */
async function checksumOf(script: string): Promise<string> {
  const bytes = new TextEncoder().encode(script.replaceAll("\r\n", "\n"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
