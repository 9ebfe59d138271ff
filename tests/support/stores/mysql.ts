// A new database in MySQL or MariaDB for each test that wants one. Where the server comes from:
//
// PARLEY_TEST_MYSQL=mysql://user[:password]@host[:port]/  that one; the user may make databases
// PARLEY_TEST_MYSQL=require                               as without it, but nothing is skipped
// PARLEY_TEST_MYSQL=none                                  tests on MySQL are skipped
// otherwise                                               a throwaway one, if a server is installed

import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import { type MysqlOptions, openMysql } from "../../../lib/store/mysql/driver.ts";
import type { Row } from "../../../lib/store/sql.ts";
import { copySchemaToMysql } from "./migrated.ts";
import { findServerProgram, throwawayServerPort } from "./mysql_server.ts";
import type { TestDatabase } from "./databases.ts";

/** The environment variable that names the server. */
export const MYSQL_VARIABLE = "PARLEY_TEST_MYSQL";
/** What to do where the tests on MySQL are skipped. */
export const HOW_TO_TEST_MYSQL =
  `set ${MYSQL_VARIABLE}=mysql://user@host:port/ or install mariadb-server`;

/** A test's own database in MySQL. */
export interface MysqlTestDatabase extends TestDatabase {
  readonly options: MysqlOptions;
  /** Runs a constant statement on another connection, with no database chosen. */
  run(statement: string): Promise<readonly Row[]>;
}

/** Whether there is no server to test with; then tests on it are ignored. */
export function isMysqlMissing(): boolean {
  const given = Deno.env.get(MYSQL_VARIABLE) ?? "";
  return given === "none" || (given === "" && findServerProgram() === undefined);
}

/** @throws when a server is required and there is none */
export async function createMysqlDatabase(): Promise<MysqlTestDatabase> {
  const server = await findServer();
  const database = `parley_test_${crypto.randomUUID().slice(0, 8)}`;
  const options = { ...server, database };
  const run = (statement: string) => runOn(server, statement);
  await run(`CREATE DATABASE ${database}`);
  return {
    url: urlOf(options),
    options,
    run,
    open: () => openMysql(options),
    copySchema: () => copySchemaToMysql(options),
    async [Symbol.asyncDispose](): Promise<void> {
      await run(`DROP DATABASE ${database}`);
    },
  };
}

/** Registers a test on a database in MySQL; ignored where there is none. */
export function testMysql(
  name: string,
  body: (database: MysqlTestDatabase) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: isMysqlMissing(),
    async fn(): Promise<void> {
      await using database = await createMysqlDatabase();
      await body(database);
    },
  });
}

type Server = Omit<MysqlOptions, "database">;

async function findServer(): Promise<Server> {
  const given = Deno.env.get(MYSQL_VARIABLE) ?? "";
  if (given === "" || given === "require") {
    return { host: "127.0.0.1", port: await throwawayServerPort(), user: "root" };
  }
  const { hostname: host, port, username, password } = new URL(given);
  return {
    host,
    port: Number(port || "3306"),
    user: decodeURIComponent(username || "root"),
    ...(password === "" ? undefined : { password: decodeURIComponent(password) }),
  };
}

async function runOn(server: Server, statement: string): Promise<readonly Row[]> {
  const connection = await MysqlConnection.open({ ...server, database: undefined }, 10_000);
  try {
    return await connection.query(statement);
  } finally {
    await connection.close();
  }
}

function urlOf({ host, port, user, password, database }: MysqlOptions): string {
  const secret = password === undefined ? "" : `:${encodeURIComponent(password)}`;
  return `mysql://${encodeURIComponent(user)}${secret}@${host}:${port}/${database}`;
}
