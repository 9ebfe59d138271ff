// The ParleyMigrations table: for each schema version that was applied to a database, the checksum
// of its script and the number of completed statements. Knows no migration.

import { integer, text } from "../column_readers.ts";
import type { SchemaSql, Sql } from "../sql.ts";

/** The version that stands for the upgrade of the legacy tables (lib/legacy/upgrade). */
export const LEGACY_VERSION = 0;

/** The recorded state of one version. */
export interface AppliedMigration {
  readonly checksum: string;
  /** How many of its statements, or steps, are certainly complete. */
  readonly steps: number;
}

/** The migrations that were started, by version; undefined when the table does not exist. */
export async function findAppliedMigrations(
  sql: SchemaSql,
): Promise<ReadonlyMap<number, AppliedMigration> | undefined> {
  const tables = await sql.tableNames();
  if (!tables.some((name) => name.toLowerCase() === "parleymigrations")) return undefined;
  const rows = await sql.query("SELECT version, checksum, steps FROM ParleyMigrations");
  return new Map(rows.map((row) => [
    integer(row, "version"),
    { checksum: text(row, "checksum"), steps: integer(row, "steps") },
  ]));
}

export async function createMigrationsTable(sql: Sql, script: string): Promise<void> {
  for (const statement of statementsOf(script)) await sql.execute(statement);
}

export async function recordStart(
  sql: Sql,
  version: { version: number; name: string; checksum: string; steps?: number },
): Promise<void> {
  await sql.execute(
    "INSERT INTO ParleyMigrations (version, name, checksum, steps) VALUES (?, ?, ?, ?)",
    [version.version, version.name, version.checksum, version.steps ?? 0],
  );
}

export async function recordSteps(
  sql: Sql,
  { version, steps }: { version: number; steps: number },
): Promise<void> {
  await sql.execute("UPDATE ParleyMigrations SET steps = ? WHERE version = ?", [steps, version]);
}

/** The statements of a script, in order, without their comments. */
export function statementsOf(script: string): readonly string[] {
  const code = script.split(/\r?\n/).filter((line) => !line.trimStart().startsWith("--")).join(
    "\n",
  );
  return code.split(/;[ \t]*(?:\n|$)/).map((part) => part.trim()).filter((part) => part !== "");
}

/** The tables that a script creates. */
export function tablesCreatedBy(script: string): readonly string[] {
  return Array.from(script.matchAll(/^CREATE TABLE (\w+)/gm), (match) => match[1] ?? "");
}

/** SHA-256 in hex, independent of the line endings of the checkout. */
export async function checksumOf(script: string): Promise<string> {
  const bytes = new TextEncoder().encode(script.replaceAll("\r\n", "\n"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
