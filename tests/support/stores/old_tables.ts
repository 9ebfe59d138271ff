// Databases as the program this one grew from left them: its two tables in any character set, and what
// owners have made of them.

import { accountKeyOf } from "../../../lib/legacy/upgrade/progress_report.ts";
import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import {
  type LegacyReport,
  type LegacyUpgrade,
  upgradeLegacy,
} from "../../../lib/legacy/upgrade/upgrade.ts";
import type { Row, SchemaSql, SqlDriver } from "../../../lib/store/sql.ts";
import type { MysqlTestDatabase } from "./mysql.ts";
import { openTestRepository, type TestDatabase } from "./databases.ts";

export interface OldTables {
  readonly users?: string;
  readonly messages?: string;
  /** `MyISAM` keeps no foreign key. */
  readonly engine?: string;
  /** Columns and keys more, with a comma before each. */
  readonly moreOfUsers?: string;
  readonly moreOfMessages?: string;
}

/** When the upgrades of tests happen. */
export const NOW = Date.UTC(2026, 0, 1);

/** Runs `work` on a connection to the test's database, in the zone UTC and in strict mode. */
export async function onDatabase<T>(
  database: MysqlTestDatabase,
  work: (sql: MysqlConnection) => Promise<T>,
): Promise<T> {
  const connection = await MysqlConnection.open(database.options, 10_000);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** Makes the old program's tables by its own statements; without options as `utf8mb4`. */
export async function createOldTables(
  sql: MysqlConnection,
  options: OldTables = {},
): Promise<void> {
  const { users = "utf8mb4", messages = users, engine = "InnoDB" } = options;
  await sql.command(
    "CREATE TABLE Users (user_id INT AUTO_INCREMENT PRIMARY KEY, username VARCHAR(255) NOT NULL, " +
      `created_at DATETIME DEFAULT CURRENT_TIMESTAMP${options.moreOfUsers ?? ""}) ` +
      `ENGINE=${engine} CHARACTER SET ${users}`,
  );
  await sql.command(
    "CREATE TABLE Messages (message_id INT AUTO_INCREMENT PRIMARY KEY, user_id INT NOT NULL, " +
      "content TEXT NOT NULL, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, " +
      `FOREIGN KEY (user_id) REFERENCES Users(user_id)${options.moreOfMessages ?? ""}) ` +
      `ENGINE=${engine} CHARACTER SET ${messages}`,
  );
}

export async function addUsers(sql: MysqlConnection, ...names: readonly string[]): Promise<void> {
  for (const name of names) await sql.execute("INSERT INTO Users (username) VALUES (?)", [name]);
}

/** Each with its own author and time; `NOW` and user 1 unless it says otherwise. */
export async function addMessages(
  sql: MysqlConnection,
  ...messages: readonly { user?: number; content?: string; at?: string | null; id?: number }[]
): Promise<void> {
  for (const { user = 1, content = "hello", at = "2020-01-01 00:00:00", id = null } of messages) {
    await sql.execute(
      "INSERT INTO Messages (message_id, user_id, content, timestamp) VALUES (?, ?, ?, ?)",
      [id, user, content, at],
    );
  }
}

export function legacyUpgrade(report?: LegacyReport): LegacyUpgrade {
  return { isWanted: true, now: () => NOW, keyOf: accountKeyOf, report };
}

/** Opens the database as a server does that was started with `--upgrade-legacy`. */
export function openUpgraded(
  database: TestDatabase,
  legacy: LegacyUpgrade = legacyUpgrade(),
): Promise<Repository> {
  return openTestRepository(database, {
    now: legacy.now,
    upgradeLegacy: (sql) => upgradeLegacy(sql, legacy),
  });
}

/** The same database, whose driver runs what must be alone on another view of the connection. */
export function seenThrough(
  database: MysqlTestDatabase,
  view: (sql: SchemaSql) => SchemaSql,
): TestDatabase {
  return {
    ...database,
    async open(): Promise<SqlDriver> {
      const driver = await database.open();
      return {
        dialect: driver.dialect,
        warnings: driver.warnings,
        writer: driver.writer,
        query: (text, params) => driver.query(text, params),
        execute: (text, params) => driver.execute(text, params),
        transaction: (work) => driver.transaction(work),
        withSchemaLock: (work) => driver.withSchemaLock((sql) => work(view(sql))),
        [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose](),
      };
    },
  };
}

/** All tables with their definitions and checksums: the same when nothing has been changed. */
export async function fingerprint(sql: MysqlConnection): Promise<readonly Row[]> {
  const facts: Row[] = [];
  for (const table of (await sql.tableNames()).toSorted()) {
    facts.push(...await sql.query(`SHOW CREATE TABLE \`${table}\``));
    facts.push(...await sql.query(`CHECKSUM TABLE \`${table}\``));
  }
  return facts;
}

/** The definitions of all tables, without what counts their rows. */
export async function definitions(
  sql: MysqlConnection,
): Promise<Readonly<Record<string, string>>> {
  const created: Record<string, string> = {};
  for (const table of (await sql.tableNames()).toSorted()) {
    const [row] = await sql.query(`SHOW CREATE TABLE \`${table}\``);
    created[table] = String(row?.["Create Table"]).replace(/ AUTO_INCREMENT=\d+/, "");
  }
  return created;
}
