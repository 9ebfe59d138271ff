// The databases that are measured: an SQLite file and a MariaDB or MySQL server of one's own, both
// in a directory of the run and gone with it. Knows no table.

import type { SqlDriver } from "../lib/store/sql.ts";
import { openSqlite } from "../lib/store/sqlite/driver.ts";
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

const homes = new Set<string>();

// Whoever interrupts a run leaves no gigabytes behind. Children are ended before this.
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
    // A child that has just been killed may still hold on to it; nothing more can be done here.
  }
}
