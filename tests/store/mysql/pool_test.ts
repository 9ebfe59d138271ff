// The deadlines around connections: waiting for one, opening one, and using one.

import { assertEquals, assertRejects } from "@std/assert";
import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import { MysqlPool } from "../../../lib/store/mysql/pool.ts";
import { SqlError } from "../../../lib/store/sql.ts";
import { type MysqlTestDatabase, testMysql } from "../../support/mysql.ts";

const LONG_MS = 10_000;

/** A pool, and how many connections it has opened. */
function openPool(
  { options }: MysqlTestDatabase,
  size: number,
): { pool: MysqlPool; opened: () => number } {
  let opened = 0;
  const connect = (ms: number) => {
    opened++;
    return MysqlConnection.open(options, ms);
  };
  return { pool: new MysqlPool({ size, connect }), opened: () => opened };
}

async function assertLost(use: Promise<unknown>): Promise<void> {
  const error = await assertRejects(() => use, SqlError);
  assertEquals(error.kind, "lost", error.message);
}

/** Sleeps in the server. */
function sleep(pool: MysqlPool, ms: number, seconds: number): Promise<unknown> {
  return pool.use(ms, (connection) => connection.query(`SELECT SLEEP(${seconds}) AS slept`));
}

testMysql(
  "mysql pool: connections are kept, and no more opened than are used",
  async (database) => {
    const { pool, opened } = openPool(database, 4);
    await using _closed = pool;
    for (let n = 0; n < 5; n++) await sleep(pool, LONG_MS, 0);
    assertEquals(opened(), 1);
    await Promise.all(Array.from({ length: 12 }, () => sleep(pool, LONG_MS, 0.01)));
    assertEquals(opened(), 4);
  },
);

testMysql("mysql pool: who waits is served in the order asked", async (database) => {
  const { pool } = openPool(database, 1);
  await using _closed = pool;
  const order: number[] = [];
  await Promise.all([1, 2, 3, 4].map(async (n) => {
    await sleep(pool, LONG_MS, 0.005);
    order.push(n);
  }));
  assertEquals(order, [1, 2, 3, 4]);
});

testMysql(
  "mysql pool: a statement that takes too long fails, and its connection with it",
  async (database) => {
    const { pool, opened } = openPool(database, 1);
    await using _closed = pool;
    const begun = performance.now();
    await assertLost(sleep(pool, 100, 5));
    assertEquals(performance.now() - begun < 2_000, true);
    await sleep(pool, LONG_MS, 0);
    assertEquals(opened(), 2);
  },
);

testMysql(
  "mysql pool: nobody waits for a connection longer than their own time",
  async (database) => {
    const { pool } = openPool(database, 1);
    await using _closed = pool;
    const slow = sleep(pool, LONG_MS, 0.3);
    await assertLost(sleep(pool, 20, 0));
    await slow;
    // Who gave up left no hole in the line.
    await sleep(pool, LONG_MS, 0);
  },
);

Deno.test("mysql pool: a server that accepts and says nothing is given up", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const options = {
    host: "127.0.0.1",
    port: silent.addr.port,
    user: "root",
    database: "any",
  };
  await using pool = new MysqlPool({
    size: 1,
    connect: (ms) => MysqlConnection.open(options, ms),
  });
  const accepted = silent.accept();
  await assertLost(sleep(pool, 50, 0));
  (await accepted).close();
});

testMysql("mysql pool: a connection that the server ended is not lent again", async (database) => {
  const { pool, opened } = openPool(database, 1);
  await using _closed = pool;
  const [row] = await pool.use(LONG_MS, (one) => one.query("SELECT CONNECTION_ID() AS id"));
  await database.run(`KILL CONNECTION ${row?.id}`);
  // Once it is told; until then a statement may be lost on it.
  for (let left = 50; left > 0 && opened() === 1; left--) {
    await sleep(pool, LONG_MS, 0).catch((error) => assertEquals(error.kind, "lost"));
  }
  assertEquals(opened(), 2);
  await sleep(pool, LONG_MS, 0);
});

testMysql("mysql pool: a connection that comes when all is over is closed", async (database) => {
  const { pool } = openPool(database, 1);
  const late = assertLost(sleep(pool, LONG_MS, 0));
  await pool[Symbol.asyncDispose]();
  await late;
});

testMysql("mysql pool: at its end it waits for nobody and lends no more", async (database) => {
  const { pool } = openPool(database, 1);
  const running = assertLost(sleep(pool, LONG_MS, 5));
  const waiting = assertLost(sleep(pool, LONG_MS, 0));
  // The connection must be in use, not only on its way.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await pool[Symbol.asyncDispose]();
  await Promise.all([running, waiting]);
  await assertLost(sleep(pool, LONG_MS, 0));
});
