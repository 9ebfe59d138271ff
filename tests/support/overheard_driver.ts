// A driver whose questions are overheard, to look at how a database would answer them.

import type { Row, SqlDriver, SqlValue } from "../../lib/store/sql.ts";

/** A query outside of transactions. */
export interface Asked {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** The same driver; what it is asked is added to `asked`. */
export function overhear(driver: SqlDriver, asked: Asked[]): SqlDriver {
  const { dialect, warnings, writer } = driver;
  return {
    dialect,
    warnings,
    writer,
    query(sql, params = []): Promise<readonly Row[]> {
      asked.push({ sql, params });
      return driver.query(sql, params);
    },
    execute: (sql, params) => driver.execute(sql, params),
    transaction: (work) => driver.transaction(work),
    withSchemaLock: (work) => driver.withSchemaLock(work),
    [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose](),
  };
}
