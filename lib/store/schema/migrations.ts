// Brings a database's schema to this program's version: each numbered file of sql/<dialect>/ once, in
// order, by checksum, noted in the ledger statement by statement. Knows no table.

import mysql1 from "../../../sql/mysql/0001_people_rooms_messages.sql" with { type: "text" };
import mysql2 from "../../../sql/mysql/0002_inquiries.sql" with { type: "text" };
import mysql3 from "../../../sql/mysql/0003_counters.sql" with { type: "text" };
import mysql4 from "../../../sql/mysql/0004_names_and_questions.sql" with { type: "text" };
import mysql5 from "../../../sql/mysql/0005_unused_rooms.sql" with { type: "text" };
import mysqlLedger from "../../../sql/mysql/ledger.sql" with { type: "text" };
import sqlite1 from "../../../sql/sqlite/0001_people_rooms_messages.sql" with { type: "text" };
import sqlite2 from "../../../sql/sqlite/0002_inquiries.sql" with { type: "text" };
import sqlite3 from "../../../sql/sqlite/0003_counters.sql" with { type: "text" };
import sqlite4 from "../../../sql/sqlite/0004_names_and_questions.sql" with { type: "text" };
import sqlite5 from "../../../sql/sqlite/0005_unused_rooms.sql" with { type: "text" };
import sqliteLedger from "../../../sql/sqlite/ledger.sql" with { type: "text" };
import {
  type Applied,
  checksumOf,
  findLedger,
  LEGACY_VERSION,
  makeLedger,
  noteBegun,
  noteSteps,
  statementsOf,
  tablesMadeBy,
} from "./ledger.ts";
import { isSqlError, OpenError, type SchemaSql, type SqlDriver } from "../sql.ts";

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
      { version: 3, name: "counters", sql: mysql3 },
      { version: 4, name: "names_and_questions", sql: mysql4 },
      { version: 5, name: "unused_rooms", sql: mysql5 },
    ],
  },
  sqlite: {
    ledger: sqliteLedger,
    migrations: [
      { version: 1, name: "people_rooms_messages", sql: sqlite1 },
      { version: 2, name: "inquiries", sql: sqlite2 },
      { version: 3, name: "counters", sql: sqlite3 },
      { version: 4, name: "names_and_questions", sql: sqlite4 },
      { version: 5, name: "unused_rooms", sql: sqlite5 },
    ],
  },
};

/**
 * Applies what is missing, going on where an earlier run was cut off. Must run inside
 * `SqlDriver.withSchemaLock`.
 *
 * @throws {OpenError} `incompatible`: the tables are not ours, or the schema is newer than this
 * program, or was made by another text of a migration. Nothing has been changed then.
 */
export async function migrate(sql: SchemaSql, schema: Schema): Promise<void> {
  const { migrations } = schema;
  const ledger = await findLedger(sql);
  const applied = ledger ?? new Map<number, Applied>();
  if (applied.size === 0) refuseTaken(await sql.tableNames(), schema);
  if (ledger === undefined) await makeLedger(sql, schema.ledger);
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
  if (applied.has(LEGACY_VERSION) && !applied.has(1)) {
    throw new OpenError(
      "incompatible",
      "The upgrade of the old program's tables was interrupted: it goes on with --upgrade-legacy",
    );
  }
  for (const [version, { checksum }] of applied) {
    if (version === LEGACY_VERSION) continue;
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

/** The tables among `names` that this program would make itself. */
export function tablesTaken(names: readonly string[], schema: Schema): readonly string[] {
  const present = new Set(names.map((name) => name.toLowerCase()));
  return schema.migrations.flatMap((migration) => tablesMadeBy(migration.sql))
    .filter((name) => present.has(name.toLowerCase()));
}

function refuseTaken(names: readonly string[], schema: Schema): void {
  const taken = tablesTaken(names, schema);
  if (taken.length === 0) return;
  throw new OpenError(
    "incompatible",
    `The database has tables of another program (${taken.join(", ")}): give this one its own`,
  );
}

async function apply(
  sql: SchemaSql,
  migration: Migration,
  options: { checksum: string; from: number | undefined },
): Promise<void> {
  const { version, name } = migration;
  const { checksum, from } = options;
  if (from === undefined) await noteBegun(sql, { version, name, checksum });
  for (const [index, statement] of statementsOf(migration.sql).entries()) {
    if (index < (from ?? 0)) continue;
    try {
      await sql.execute(statement);
    } catch (error) {
      // Cut off between the statement and the note of it: only the first statement may find that.
      if (index !== from || !isSqlError(error, "exists")) throw error;
    }
    await noteSteps(sql, { version, steps: index + 1 });
  }
}
