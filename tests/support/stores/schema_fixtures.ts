// Databases as each earlier version of the schema left them, from tests/store/schema/fixtures/, and what
// is in a database: its rows and its definitions.

import { statementsOf } from "../../../lib/store/schema/applied_migrations.ts";
import { migrate, SCHEMAS } from "../../../lib/store/schema/migrations.ts";
import type { ExecuteResult, Row, SchemaSql, SqlDriver } from "../../../lib/store/sql.ts";
import type { TestDatabase } from "./databases.ts";

const FIXTURES = new URL("../../store/schema/fixtures/", import.meta.url);

/** The versions of which there is a fixture. */
export const FIXTURE_VERSIONS = [1, 2, 3, 4, 5] as const;
/** When the rows of the fixtures were written, UTC milliseconds. */
export const WRITTEN = 1_790_000_000_000;

/** The rows of each table. */
export type Tables = ReadonlyMap<string, readonly Row[]>;

export async function openFixture(database: TestDatabase, version: number): Promise<SqlDriver> {
  const driver = await database.open();
  const script = await Deno.readTextFile(new URL(`${driver.dialect}_${version}.sql`, FIXTURES));
  await driver.withSchemaLock(async (sql) => {
    for (const statement of statementsOf(script)) await sql.execute(statement);
  });
  return driver;
}

/** Upgrades to this program's version. */
export function upgrade(driver: SqlDriver): Promise<void> {
  return driver.withSchemaLock((sql) => migrate(sql, SCHEMAS[driver.dialect]));
}

const CUT = new Error("cut off");

/**
 * Upgrades in many runs: each statement is cut off before it is recorded, and the next run finds it done.
 * SQLite upgrades in one transaction: what is cut off has changed nothing.
 * @returns how many runs were cut off
 */
export async function upgradeInPieces(driver: SqlDriver): Promise<number> {
  const done = new Set<string>();
  for (let cuts = 0;; cuts++) {
    const run = driver.withSchemaLock((sql) =>
      migrate(cutAfterNew(sql, done), SCHEMAS[driver.dialect])
    );
    const isCut = await run.then(() => false, (error) => {
      if (error !== CUT) throw error;
      return true;
    });
    if (!isCut) return cuts;
  }
}

/** Fails after each statement that it runs for the first time. */
function cutAfterNew(sql: SchemaSql, done: Set<string>): SchemaSql {
  return {
    query: (text, params) => sql.query(text, params),
    tableNames: () => sql.tableNames(),
    async execute(text, params): Promise<ExecuteResult> {
      const executed = await sql.execute(text, params);
      if (text.includes("ParleyMigrations") || done.has(text)) return executed;
      done.add(text);
      throw CUT;
    },
  };
}

async function tableNames(driver: SqlDriver): Promise<readonly string[]> {
  const names = await driver.withSchemaLock((sql) => sql.tableNames());
  return names.filter((name) => !name.startsWith("sqlite_") && name !== "ParleyMigrations");
}

/** Every row of every table but those that record the migrations, or of the tables and columns of `like`. */
export async function readTables(driver: SqlDriver, like?: Tables): Promise<Tables> {
  const tables = new Map<string, readonly Row[]>();
  for (const name of like?.keys() ?? await tableNames(driver)) {
    const columns = Object.keys(like?.get(name)?.[0] ?? { "*": 0 });
    tables.set(name, await driver.query(`SELECT ${columns.join(", ")} FROM ${name}`));
  }
  return tables;
}

/** The definitions of all tables and indexes, by name, each with its lines in one order. */
export async function readDefinitions(
  driver: SqlDriver,
): Promise<Readonly<Record<string, string>>> {
  const definitions: Record<string, string> = {};
  if (driver.dialect === "sqlite") {
    const rows = await driver.query("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL");
    for (const { name, sql } of rows) definitions[String(name)] = String(sql);
    return definitions;
  }
  for (const name of await tableNames(driver)) {
    const [row] = await driver.query(`SHOW CREATE TABLE ${name}`);
    const lines = String(row?.["Create Table"]).replace(/ AUTO_INCREMENT=\d+/, "").split("\n");
    definitions[name] = lines.map((line) => line.replace(/,$/, "")).toSorted().join("\n");
  }
  return definitions;
}
