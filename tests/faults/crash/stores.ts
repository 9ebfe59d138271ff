// The stores for the run, each in a directory of its own, with the operations from outside.

import type { MysqlTestDatabase } from "../../support/stores/mysql.ts";
import type { DatabaseServer } from "../support/database_server.ts";
import { readMysql, readSqlite, type Stored } from "./stored.ts";

/** The store under test, from outside. */
export interface CrashStore {
  /** What the server finds in PARLEY_DATABASE. */
  readonly url: string;
  /** `host:port` it lies at, when it is not a file. */
  readonly database?: string | undefined;
  /** Its server, when that is to be killed as well. */
  readonly process?: StoreProcess;
  /** Something that changes when a starting server gets to the schema. */
  mark(): Promise<unknown>;
  /** Reads it once the server has stopped. */
  read(): Promise<Stored>;
}

export interface StoreProcess {
  kill(): Promise<void>;
  /** Resolves when it answers again. */
  restart(): Promise<void>;
}

/** The file that the server makes by default, below the directory it is started in. */
export function sqliteStore(directory: string): CrashStore {
  const path = `${directory}/data/parley.db`;
  return {
    url: "sqlite:data/parley.db",
    // A server that opens the database writes its pid into the lock, and migrates next.
    mark: () => Promise.resolve(findText(`${path}.lock`)),
    read: () => Promise.resolve(readSqlite(path)),
  };
}

const COUNT_TABLES =
  "SELECT COUNT(*) AS tables FROM information_schema.tables WHERE table_schema = ";

/** An empty database, which goes on running while the server is killed. */
export function mysqlStore(database: MysqlTestDatabase): CrashStore {
  const { host, port } = database.options;
  return {
    url: database.url,
    database: `${host}:${port}`,
    mark: async () => {
      const [row] = await database.run(`${COUNT_TABLES}'${database.options.database}'`);
      return row?.tables;
    },
    read: () => readMysql(database),
  };
}

/** A database whose server may be killed, too. */
export function ownDatabaseStore(server: DatabaseServer): CrashStore {
  return {
    url: server.url,
    database: server.address,
    process: server,
    mark: async () => (await server.run(`${COUNT_TABLES}'parley'`))[0]?.tables,
    read: () => readMysql(server.database),
  };
}

function findText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
