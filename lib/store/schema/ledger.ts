// The table of what has been applied to a database: each version's text by checksum, and how many of
// its statements. Knows no migration.

import { integer, text } from "../columns.ts";
import type { SchemaSql, Sql } from "../sql.ts";

/** The version under which the upgrade of the old program's tables is noted (lib/legacy/upgrade). */
export const LEGACY_VERSION = 0;

/** How far a version has come. */
export interface Applied {
  readonly checksum: string;
  /** How many of its statements, or steps, have taken effect for certain. */
  readonly steps: number;
}

/** What has been begun, by version; undefined where there is no ledger. */
export async function findLedger(
  sql: SchemaSql,
): Promise<ReadonlyMap<number, Applied> | undefined> {
  const tables = await sql.tableNames();
  if (!tables.some((name) => name.toLowerCase() === "parleymigrations")) return undefined;
  const rows = await sql.query("SELECT version, checksum, steps FROM ParleyMigrations");
  return new Map(rows.map((row) => [
    integer(row, "version"),
    { checksum: text(row, "checksum"), steps: integer(row, "steps") },
  ]));
}

export async function makeLedger(sql: Sql, script: string): Promise<void> {
  for (const statement of statementsOf(script)) await sql.execute(statement);
}

export async function noteBegun(
  sql: Sql,
  version: { version: number; name: string; checksum: string; steps?: number },
): Promise<void> {
  await sql.execute(
    "INSERT INTO ParleyMigrations (version, name, checksum, steps) VALUES (?, ?, ?, ?)",
    [version.version, version.name, version.checksum, version.steps ?? 0],
  );
}

export async function noteSteps(
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

/** The tables that a script makes. */
export function tablesMadeBy(script: string): readonly string[] {
  return Array.from(script.matchAll(/^CREATE TABLE (\w+)/gm), (match) => match[1] ?? "");
}

/** SHA-256 in hex. A checkout that ends its lines in another way has the same one. */
export async function checksumOf(script: string): Promise<string> {
  const bytes = new TextEncoder().encode(script.replaceAll("\r\n", "\n"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
