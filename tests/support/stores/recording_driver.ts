// A driver whose questions are overheard, to look at how a database would answer them.

import type {
  ExecuteResult,
  Row,
  SqlDriver,
  SqlValue,
  Transaction,
} from "../../../lib/store/sql.ts";

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

/** The same driver, and how many statements it was given so far, those of transactions included. */
export interface CountedDriver {
  readonly driver: SqlDriver;
  statements: number;
}

export function countStatements(inner: SqlDriver): CountedDriver {
  const { dialect, warnings, writer } = inner;
  const counted: CountedDriver = {
    statements: 0,
    driver: {
      dialect,
      warnings,
      writer,
      query(sql, params): Promise<readonly Row[]> {
        counted.statements++;
        return inner.query(sql, params);
      },
      execute(sql, params): Promise<ExecuteResult> {
        counted.statements++;
        return inner.execute(sql, params);
      },
      transaction: (work) => inner.transaction((sql) => work(count(sql))),
      withSchemaLock: (work) => inner.withSchemaLock(work),
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    },
  };
  const count = (sql: Transaction): Transaction => {
    const counting = <A extends unknown[], R>(statement: (...args: A) => R) => (...args: A): R => {
      counted.statements++;
      return statement.apply(sql, args);
    };
    return {
      query: counting(sql.query),
      execute: counting(sql.execute),
      queryLocking: counting(sql.queryLocking),
      updateEach: counting(sql.updateEach),
    };
  };
  return counted;
}
