// The stores that decisions are tested on, with operators who can log in, and the servers on them: one on
// SQLite, one on MySQL, two on one MySQL.

import { userNameOf } from "../../../lib/chat/people/names.ts";
import { hashToken, newToken } from "../../../lib/server/tokens.ts";
import type { SqlDriver } from "../../../lib/store/sql.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { openSqlite } from "../../../lib/store/sqlite/driver.ts";
import type { ChildServerOptions } from "../../support/processes/child_server.ts";
import { createMysqlDatabase } from "../../support/stores/mysql.ts";

/** An account that may decide. */
export interface Operator {
  readonly name: string;
  readonly token: string;
}

/** A store with operators, and how a server is started on it. */
export interface PreparedStore extends AsyncDisposable {
  readonly operators: readonly Operator[];
  readonly options: ChildServerOptions;
}

export interface PreparedOptions {
  readonly kind: "sqlite" | "mysql";
  /** Of the servers; created here. */
  readonly directory: string;
  readonly operators: number;
}

/** Creates the store. No server runs on it yet. */
export async function prepareStore(
  { kind, directory, operators: count }: PreparedOptions,
): Promise<PreparedStore> {
  await Deno.mkdir(`${directory}/data`, { recursive: true });
  const args = ["--limit", "all=off"];
  if (kind === "sqlite") {
    const driver = await openSqlite({ path: `${directory}/data/parley.db` });
    const operators = await addOperators(driver, count);
    return { operators, options: { directory, args }, [Symbol.asyncDispose]: async () => {} };
  }
  const database = await createMysqlDatabase();
  const { host, port } = database.options;
  return {
    operators: await addOperators(await database.open(), count),
    options: {
      directory,
      args,
      env: { PARLEY_DATABASE: database.url },
      database: `${host}:${port}`,
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** Closes the driver. */
async function addOperators(driver: SqlDriver, count: number): Promise<readonly Operator[]> {
  await using repository = await openRepository(driver, { now: () => Date.now() });
  const operators: Operator[] = [];
  for (let n = 0; n < count; n++) {
    const name = `op-${n}`;
    const token = newToken();
    const { users } = repository;
    const { id } = await users.ensureAccount({ name: userNameOf(name), role: "operator", now: 0 });
    await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
    operators.push({ name, token });
  }
  return operators;
}
