// Looks for texts in every table of a test's database, whatever its columns are: also in what the index of
// the search has written for itself.

import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import type { TestDatabase } from "./databases.ts";

/** The texts that are in a table, each with the table. The database must not be open in SQLite. */
export async function findInTables(
  database: TestDatabase,
  texts: readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const [table, value] of valuesOf(database)) {
    for (const text of texts) if (value.includes(text)) found.add(`${table}: ${text}`);
  }
  return [...found];
}

/** Every value of every table, bytes as Latin-1. */
async function* valuesOf(database: TestDatabase): AsyncGenerator<readonly [string, string]> {
  if (database.url.startsWith("sqlite:")) return yield* sqliteValues(database.url.slice(7));
  await using driver = await database.open();
  const tables = await driver.query(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
  );
  for (const { name } of tables) {
    for (const row of await driver.query(`SELECT * FROM ${name}`)) {
      for (const value of Object.values(row)) yield [String(name), textOf(value)];
    }
  }
}

function* sqliteValues(path: string): Generator<readonly [string, string]> {
  using database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  for (const { name } of tables) {
    if (name === "MessageWords") continue; // It has no content: its own tables are in the list.
    const statement = database.prepare(`SELECT * FROM ${name}`);
    statement.setReadBigInts(true);
    for (const row of statement.iterate()) {
      for (const value of Object.values(row)) yield [String(name), textOf(value)];
    }
  }
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value);
}
