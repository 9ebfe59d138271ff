// The databases that are measured: an SQLite file and a MariaDB or MySQL server of one's own, both
// in a directory of the run and gone with it. Knows no table.

import type { SqlDriver } from "../lib/store/sql.ts";
import { openSqlite } from "../lib/store/sqlite.ts";
import { DatabaseServer } from "../tests/faults/support/database_server.ts";
import { cpuUsOf, OTHERS_UNKNOWN } from "./cpu_time.ts";

/** An empty database, gone at the brace. */
export interface MeasuredDatabase extends AsyncDisposable {
  /** Where a server that uses it is started. */
  readonly home: string;
  /** What `--database` takes, seen from there. */
  readonly url: string;
  /** `host:port`, of a database that is reached so. */
  readonly address?: string;
  /** Of SQLite only one may be open at a time. */
  open(): Promise<SqlDriver>;
  /** What a process of the database's own has spent so far, in microseconds of CPU. */
  cpuUs(): number;
}

export interface MeasuredStore {
  readonly name: "sqlite" | "mysql";
  /** Why it cannot be measured here. */
  readonly missing?: string | undefined;
  create(): Promise<MeasuredDatabase>;
}

export const STORES: readonly MeasuredStore[] = [
  { name: "sqlite", create: createSqlite },
  {
    name: "mysql",
    missing: DatabaseServer.isMissing ? "no MariaDB or MySQL server is installed" : OTHERS_UNKNOWN,
    create: createMysql,
  },
];

export async function createSqlite(): Promise<MeasuredDatabase> {
  const home = await Deno.makeTempDir({ prefix: "parley-bench-" });
  return {
    home,
    url: "sqlite:data/bench.db",
    open: () => openSqlite({ path: `${home}/data/bench.db` }),
    cpuUs: () => 0,
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

async function createMysql(): Promise<MeasuredDatabase> {
  const home = await Deno.makeTempDir({ prefix: "parley-bench-" });
  const leave = () => Deno.remove(home, { recursive: true });
  try {
    const server = await DatabaseServer.start(`${home}/database`);
    const { pid, url, address } = server;
    return {
      home,
      url,
      address,
      open: () => server.database.open(),
      cpuUs: () => cpuUsOf(pid),
      async [Symbol.asyncDispose](): Promise<void> {
        await server.kill();
        await leave();
      },
    };
  } catch (error) {
    await leave();
    throw error;
  }
}
