// The stores that tests run against, and a new empty database in one of them for each test. What is
// proved of one store is proved of all: a contract is written once, with `testEachStore`.

import type { Repository } from "../../../lib/store/repository.ts";
import type { SqlDriver } from "../../../lib/store/sql.ts";
import { openRepository, type RepositoryOptions } from "../../../lib/store/sql_repository.ts";
import { openSqlite } from "../../../lib/store/sqlite/driver.ts";
import { findMemoryFolder } from "./memory_folder.ts";
import { createMigratedSqlite } from "./migrated.ts";
import { createMysqlDatabase, isMysqlMissing } from "./mysql.ts";

/** A database of its own for one test, gone at the brace with all that is open on it. */
export interface TestDatabase extends AsyncDisposable {
  /** What `--database` takes. */
  readonly url: string;
  /** Opens it, as a server does. Of MySQL there may be several, of SQLite one at a time. */
  open(): Promise<SqlDriver>;
  /** Creates this program's schema, if there is nothing in it yet, without the migrations. */
  copySchema(): Promise<void>;
}

/** A kind of store. */
export interface TestStore {
  readonly name: "sqlite" | "mysql";
  /** Whether this machine lacks what it needs; `create` would fail. */
  readonly isMissing: boolean;
  create(): Promise<TestDatabase>;
}

/** All kinds of store, also those that cannot be tested here. */
export function testDatabases(): readonly TestStore[] {
  return [
    { name: "sqlite", isMissing: false, create: createSqliteDatabase },
    { name: "mysql", isMissing: isMysqlMissing(), create: createMysqlDatabase },
  ];
}

/** Registers a test for each store; one that is missing is ignored. */
export function testEachStore(name: string, body: (database: TestDatabase) => Promise<void>): void {
  for (const store of testDatabases()) {
    Deno.test({
      name: `${name} [${store.name}]`,
      ignore: store.isMissing,
      async fn(): Promise<void> {
        await using database = await store.create();
        await body(database);
      },
    });
  }
}

/** Opens it with this program's schema, which a new database gets as a copy: see migrated.ts. */
export async function openMigrated(database: TestDatabase): Promise<SqlDriver> {
  await database.copySchema();
  return database.open();
}

/** A repository on the test's database, whose schema is a copy; closed at the brace. */
export async function openTestRepository(
  database: TestDatabase,
  options: Partial<RepositoryOptions> = {},
): Promise<Repository> {
  return openRepository(await openMigrated(database), { now: () => 1_000, ...options });
}

/** A database in a temporary folder. */
export async function createSqliteDatabase(): Promise<TestDatabase> {
  const directory = await Deno.makeTempDir({ dir: findMemoryFolder(), prefix: "parley-store-" });
  const path = `${directory}/test.db`;
  return {
    url: `sqlite:${path}`,
    open: () => openSqlite({ path }),
    copySchema: () => createMigratedSqlite(path),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}
