// Databases with this program's schema, copied from one that the migrations made: a copy takes a fraction
// of the time. Each test file makes what it copies once. Tests of the migrations use none of this.

import { existsSync } from "node:fs";
import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import { type MysqlOptions, openMysql } from "../../../lib/store/mysql/driver.ts";
import { migrate, SCHEMAS } from "../../../lib/store/schema/migrations.ts";
import type { Row, SqlDriver, SqlValue } from "../../../lib/store/sql.ts";
import { openSqlite } from "../../../lib/store/sqlite/driver.ts";
import { temporaryDirectory } from "../temporary.ts";
import { startThreadLate } from "./late_thread.ts";

const CONNECT_MS = 10_000;

interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

let sqliteFile: Promise<Uint8Array> | undefined;
let mysqlScript: Promise<readonly Statement[]> | undefined;

/** Creates the database with the schema, and a late thread; a file that is there stays as it is. */
export async function createMigratedSqlite(path: string): Promise<void> {
  startThreadLate(path);
  if (existsSync(path)) return;
  sqliteFile ??= migrateSqlite();
  const bytes = await sqliteFile;
  if (!existsSync(path)) Deno.writeFileSync(path, bytes, { createNew: true, mode: 0o600 });
}

/** In a directory of its own: a lock may outlast its database for as long as a child process takes to start. */
async function migrateSqlite(): Promise<Uint8Array> {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/parley.db`;
  await migrateAndClose(await openSqlite({ path }));
  return Deno.readFileSync(path);
}

/** Creates the schema in an empty database; one that has tables stays as it is. */
export async function copySchemaToMysql(options: MysqlOptions): Promise<void> {
  const connection = await MysqlConnection.open(options, CONNECT_MS);
  try {
    if ((await connection.tableNames()).length > 0) return;
    if (mysqlScript === undefined) {
      mysqlScript = migrateMysql(connection, options);
      await mysqlScript;
      return;
    }
    // The tables refer to each other, in any order.
    await connection.command("SET SESSION foreign_key_checks = 0");
    for (const { sql, values } of await mysqlScript) {
      if (values.length === 0) await connection.command(sql);
      else await connection.execute(sql, values);
    }
  } finally {
    await connection.close();
  }
}

/** @returns what makes an empty database like this one */
async function migrateMysql(
  connection: MysqlConnection,
  options: MysqlOptions,
): Promise<readonly Statement[]> {
  await migrateAndClose(await openMysql(options));
  const tables: Statement[] = [];
  const rows: Statement[] = [];
  for (const name of await connection.tableNames()) {
    const [created] = await connection.query(`SHOW CREATE TABLE ${name}`);
    tables.push({ sql: String(created?.["Create Table"]), values: [] });
    const stored = await connection.query(`SELECT * FROM ${name}`);
    if (stored.length > 0) rows.push(insertOf(name, stored));
  }
  return [...tables, ...rows];
}

function insertOf(table: string, rows: readonly Row[]): Statement {
  const columns = Object.keys(rows[0] ?? {});
  const places = `(${columns.map(() => "?").join(", ")})`;
  const every = rows.map(() => places).join(", ");
  return {
    sql: `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${every}`,
    values: rows.flatMap((row) => Object.values(row)),
  };
}

async function migrateAndClose(driver: SqlDriver): Promise<void> {
  await using opened = driver;
  await opened.withSchemaLock((sql) => migrate(sql, SCHEMAS[opened.dialect]));
}
