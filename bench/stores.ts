// The measured databases: an SQLite file and a private MariaDB or MySQL server, both in a directory
// of the run that is removed at its end. Knows no table.

import type { SqlDriver } from "../lib/store/sql.ts";
import { openSqlite } from "../lib/store/sqlite/driver.ts";
import { DatabaseServer } from "../tests/faults/support/database_server.ts";
import { cpuUsOf, OTHERS_UNKNOWN } from "./cpu_time.ts";

/** An empty database, removed when disposed. */
export interface MeasuredDatabase extends AsyncDisposable {
  /** The working directory of a server that uses it. */
  readonly home: string;
  /** The value of `--database`, relative to `home`. */
  readonly url: string;
  /** `host:port` of a database server. */
  readonly address?: string;
  /** SQLite: only one may be open at a time. */
  open(): Promise<SqlDriver>;
  /** CPU time of the database's own process so far, in microseconds. */
  cpuUs(): number;
}

export interface MeasuredStore {
  readonly name: "sqlite" | "mysql";
  /** Why it cannot be measured on this machine. */
  readonly missing?: string | undefined;
  create(): Promise<MeasuredDatabase>;
}

const homes = new Set<string>();

// An interrupted run must not leave gigabytes behind. Children are ended before this.
globalThis.addEventListener("unload", () => {
  for (const home of homes) removeQuietly(home);
});

export const STORES: readonly MeasuredStore[] = [
  { name: "sqlite", create: createSqlite },
  {
    name: "mysql",
    missing: DatabaseServer.isMissing ? "no MariaDB or MySQL server is installed" : OTHERS_UNKNOWN,
    create: createMysql,
  },
];

export async function createSqlite(): Promise<MeasuredDatabase> {
  const home = await createHome();
  return {
    home,
    url: "sqlite:data/bench.db",
    open: () => openSqlite({ path: `${home}/data/bench.db` }),
    cpuUs: () => 0,
    [Symbol.asyncDispose]: () => removeHome(home),
  };
}

async function createMysql(): Promise<MeasuredDatabase> {
  const home = await createHome();
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
        await removeHome(home);
      },
    };
  } catch (error) {
    await removeHome(home);
    throw error;
  }
}

async function createHome(): Promise<string> {
  const home = await Deno.makeTempDir({ prefix: "parley-bench-" });
  homes.add(home);
  return home;
}

async function removeHome(home: string): Promise<void> {
  await Deno.remove(home, { recursive: true });
  homes.delete(home);
}

function removeQuietly(home: string): void {
  try {
    Deno.removeSync(home, { recursive: true });
  } catch {
    // A child that was just killed may still use it; there is nothing more to do.
  }
}
