// The stores that the run can be made on, each in a place of its own.

import type { MysqlTestDatabase } from "../../support/mysql.ts";
import type { CrashStore } from "./run.ts";
import { readMysql, readSqlite } from "./stored.ts";

/** The file that the server makes by default, below the directory it is started in. */
export function sqliteStore(directory: string): CrashStore {
  const path = "data/parley.db";
  return { url: `sqlite:${path}`, read: () => Promise.resolve(readSqlite(`${directory}/${path}`)) };
}

/** An empty database, which goes on running while the server is killed. */
export function mysqlStore(database: MysqlTestDatabase): CrashStore {
  const { host, port } = database.options;
  return { url: database.url, database: `${host}:${port}`, read: () => readMysql(database) };
}
