// The deadlines around connections: waiting for one, opening one, and using one.

import { assertEquals, assertRejects } from "@std/assert";
import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import { MysqlPool, type PooledConnection } from "../../../lib/store/mysql/pool.ts";
import { SqlError } from "../../../lib/store/sql.ts";
import { settle } from "../../support/fakes/fake_clock.ts";
import { FakeTimers } from "../../support/fakes/fake_timers.ts";
import { testMysql } from "../../support/stores/mysql.ts";

const LONG_MS = 10_000;

/** A connection on which nothing happens but what the test says. */
class FakeConnection implements PooledConnection {
  isBroken = false;
  readonly #broken = Promise.withResolvers<never>();

  constructor() {
    this.#broken.promise.catch(() => {});
  }

  /** What a statement does that has no answer. */
  get unanswered(): Promise<never> {
    return this.#broken.promise;
  }

  destroy(): Promise<void> {
    this.isBroken = true;
    this.#broken.reject(new SqlError("lost", "destroyed", 0));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.isBroken = true;
    return Promise.resolve();
  }
}

interface Scene {
  readonly pool: MysqlPool<FakeConnection>;
  readonly timers: FakeTimers;
  readonly opened: FakeConnection[];
  /** The number of the error with which the server refuses the next connections. */
  refusal: number;
  /** How often the pool had no connection at all. */
  starved: number;
}

function openPool(size: number): Scene {
  const timers = new FakeTimers();
  const opened: FakeConnection[] = [];
  const pool = new MysqlPool<FakeConnection>({
    size,
    timers,
    connect: () => {
      if (scene.refusal !== 0) return Promise.reject(new SqlError("lost", "no", scene.refusal));
      opened.push(new FakeConnection());
      return Promise.resolve(opened.at(-1) as FakeConnection);
    },
    onStarved: () => void scene.starved++,
  });
  const scene: Scene = { pool, timers, opened, refusal: 0, starved: 0 };
  return scene;
}

/** A use of a connection that lasts until `end` is called. */
function lend(pool: MysqlPool<FakeConnection>, ms = LONG_MS): { use: Promise<void>; end(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { use: pool.use(ms, () => promise), end: resolve };
}

async function assertLost(use: Promise<unknown>): Promise<void> {
  const error = await assertRejects(() => use, SqlError);
  assertEquals(error.kind, "lost", error.message);
}

const NOTHING = () => Promise.resolve();

Deno.test("mysql pool: connections are kept, and no more opened than are used", async () => {
  const { pool, opened } = openPool(4);
  for (let n = 0; n < 5; n++) await pool.use(LONG_MS, NOTHING);
  assertEquals(opened.length, 1);
  const lent = Array.from({ length: 12 }, () => lend(pool));
  for (const { end } of lent) end();
  await Promise.all(lent.map(({ use }) => use));
  assertEquals(opened.length, 4);
});

Deno.test("mysql pool: callers that wait are served in the order in which they came", async () => {
  const { pool } = openPool(1);
  const order: number[] = [];
  await Promise.all([1, 2, 3, 4].map((n) =>
    pool.use(LONG_MS, () => settle()).then(() => n)
      .then((done) => order.push(done))
  ));
  assertEquals(order, [1, 2, 3, 4]);
});

Deno.test("mysql pool: work that takes too long fails, and its connection with it", async () => {
  const { pool, timers, opened } = openPool(1);
  const lost = assertLost(pool.use(100, (connection) => connection.unanswered));
  await timers.advance(99);
  assertEquals(opened[0]?.isBroken, false);
  await timers.advance(1);
  await lost;
  await pool.use(LONG_MS, NOTHING);
  assertEquals([opened.length, timers.count], [2, 0]);
});

Deno.test("mysql pool: nobody waits for a connection longer than their own time", async () => {
  const { pool, timers } = openPool(1);
  const slow = lend(pool);
  await settle();
  const lost = assertLost(pool.use(20, NOTHING));
  await timers.advance(20);
  await lost;
  slow.end();
  await slow.use;
  // The caller that gave up left no gap in the queue.
  await pool.use(LONG_MS, NOTHING);
  assertEquals(timers.count, 0);
});

Deno.test("mysql pool: the time of a use begins when it is asked for", async () => {
  const { pool, timers, opened } = openPool(1);
  const slow = lend(pool);
  await settle();
  const lost = assertLost(pool.use(100, (connection) => connection.unanswered));
  await timers.advance(60);
  slow.end();
  await timers.advance(39);
  assertEquals(opened[0]?.isBroken, false);
  await timers.advance(1);
  await lost;
});

Deno.test("mysql pool: where the server allows no more connections, a free one is awaited", async () => {
  const scene = openPool(2);
  const { pool, timers } = scene;
  const first = lend(pool);
  await settle();
  scene.refusal = 1_040;
  let isDone = false;
  const second = pool.use(LONG_MS, NOTHING).then(() => isDone = true);
  await timers.advance(500);
  assertEquals(isDone, false);
  first.end();
  await second;
  assertEquals([scene.opened.length, scene.starved], [1, 0]);
});

Deno.test("mysql pool: without any connection it asks another pool and tries again", async () => {
  const scene = openPool(2);
  const { pool, timers } = scene;
  scene.refusal = 1_226;
  const use = pool.use(LONG_MS, NOTHING);
  await timers.advance(40);
  assertEquals(scene.starved, 1);
  scene.refusal = 0;
  await timers.advance(10);
  await use;
  scene.refusal = 1_040;
  scene.opened[0]?.destroy();
  const lost = assertLost(pool.use(200, NOTHING));
  await timers.advance(200);
  await lost;
});

Deno.test("mysql pool: a connection is given to another pool now, or when it is free", async () => {
  const { pool, opened } = openPool(1);
  await pool.use(LONG_MS, NOTHING);
  pool.giveOne();
  assertEquals(opened[0]?.isBroken, true);
  const lent = lend(pool);
  await settle();
  pool.giveOne();
  assertEquals(opened[1]?.isBroken, false);
  lent.end();
  await lent.use;
  assertEquals(opened[1]?.isBroken, true);
});

Deno.test("mysql pool: a connection that comes when all is over is closed", async () => {
  const { pool, opened } = openPool(1);
  const late = assertLost(pool.use(LONG_MS, NOTHING));
  await pool[Symbol.asyncDispose]();
  await late;
  assertEquals(opened[0]?.isBroken, true);
});

Deno.test("mysql pool: at its end it waits for nobody and lends no more", async () => {
  const { pool, timers } = openPool(1);
  const running = assertLost(pool.use(LONG_MS, (connection) => connection.unanswered));
  const waiting = assertLost(pool.use(LONG_MS, NOTHING));
  await settle();
  await pool[Symbol.asyncDispose]();
  await Promise.all([running, waiting]);
  await assertLost(pool.use(LONG_MS, NOTHING));
  assertEquals(timers.count, 0);
});

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
  await assertLost(pool.use(50, (connection) => connection.query("SELECT 1")));
  (await accepted).close();
});

testMysql("mysql pool: a connection that the server ended is not lent again", async (database) => {
  let opened = 0;
  await using pool = new MysqlPool({
    size: 1,
    connect: (ms) => {
      opened++;
      return MysqlConnection.open(database.options, ms);
    },
  });
  const query = () => pool.use(LONG_MS, (one) => one.query("SELECT CONNECTION_ID() AS id"));
  const [row] = await query();
  await database.run(`KILL CONNECTION ${row?.id}`);
  // Until this process has noticed, a statement may be lost on it.
  for (let left = 50; left > 0 && opened === 1; left--) {
    await query().catch((error) => assertEquals(error.kind, "lost"));
  }
  assertEquals(opened, 2);
  await query();
});
