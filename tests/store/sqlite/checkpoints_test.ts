// The log of an SQLite database begins again and again, whatever reads or writes go on meanwhile, and
// never before its copy is on the disk.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SqlError } from "../../../lib/store/sql.ts";
import { Checkpointer } from "../../../lib/store/sqlite/checkpointer.ts";
import { Checkpoints } from "../../../lib/store/sqlite/checkpoints.ts";
import { Connection, sqlErrorOfCode } from "../../../lib/store/sqlite/connection.ts";
import { createSqliteDatabase, type TestDatabase } from "../../support/stores/databases.ts";

/** More than makes a checkpoint due, in rows of a page each. */
const FULL = 2_100;

/** A database of one table and its checkpoints, which are carried out when the test says so. */
class Scene implements AsyncDisposable {
  readonly #open = new AsyncDisposableStack();
  readonly #checkpoints: Checkpoints;
  readonly #writer: Connection;
  readonly path: string;
  /** Waited for before a copy. */
  permission: () => Promise<void> = () => Promise.resolve();
  copies = 0;

  private constructor(database: TestDatabase) {
    this.#open.use(database);
    this.path = pathOf(database);
    this.#writer = this.#open.use(new Connection(this.path, "write"));
    const checkpointer = this.#open.use(new Checkpointer(this.path));
    const copy = async () => {
      this.copies++;
      await this.permission();
      return await checkpointer.copy();
    };
    this.#checkpoints = new Checkpoints({ log: this.#writer, checkpointer: { copy } });
  }

  static async create(): Promise<Scene> {
    const scene = new Scene(await createSqliteDatabase());
    await scene.#writer.execute("CREATE TABLE A (n INTEGER PRIMARY KEY, t TEXT) STRICT");
    return scene;
  }

  /** Pages of the log that are in use, and those of them that are in the file too. */
  async log(): Promise<{ length: unknown; copied: unknown }> {
    const [row] = await this.#writer.query("PRAGMA wal_checkpoint(NOOP)");
    return { length: row?.log, copied: row?.checkpointed };
  }

  /** In one transaction. */
  async write(rows: number): Promise<void> {
    await this.#writer.execute("BEGIN IMMEDIATE");
    for (let n = 0; n < rows; n++) {
      await this.#writer.execute("INSERT INTO A (t) VALUES (?)", ["x".repeat(3_500)]);
    }
    await this.#writer.execute("COMMIT");
    await this.#checkpoints.afterCommit();
  }

  settle(): Promise<void> {
    return this.#checkpoints.settle();
  }

  check(): void {
    this.#checkpoints.check();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#open.disposeAsync();
  }
}

function pathOf({ url }: TestDatabase): string {
  return url.slice("sqlite:".length);
}

function isBelow(pages: unknown, limit: number): boolean {
  return typeof pages === "number" && pages < limit;
}

Deno.test("sqlite checkpoints: none before the log is long", async () => {
  await using scene = await Scene.create();
  for (let n = 0; n < 5; n++) await scene.write(100);
  assertEquals(scene.copies, 0);
  assertEquals((await scene.log()).copied, 0);
});

Deno.test("sqlite checkpoints: others write while the log is copied, and nothing over it", async () => {
  await using scene = await Scene.create();
  const disk = Promise.withResolvers<void>();
  scene.permission = () => disk.promise;
  await scene.write(FULL);
  {
    // Holds the copy back, so that what is written now comes after it.
    using reader = new Connection(scene.path, "read");
    await reader.query("BEGIN");
    await reader.query("SELECT COUNT(*) FROM A");
    for (let n = 0; n < 20; n++) await scene.write(1);
    assertEquals(scene.copies, 1);
    assertEquals((await scene.log()).copied, 0);
    disk.resolve();
    await scene.settle();
  }
  const half = await scene.log();
  assert(!isBelow(half.copied, FULL), "nearly all is copied");
  assert(half.copied !== half.length, "the log goes on");
  // The second step is waited for, or what others write would never be all copied.
  const rest = Promise.withResolvers<void>();
  scene.permission = () => rest.promise;
  let isDone = false;
  const second = scene.write(1).then(() => isDone = true);
  while (scene.copies < 2) await new Promise((resolve) => setImmediate(resolve));
  assertEquals(isDone, false);
  rest.resolve();
  await second;
  assertEquals(scene.copies, 2);
  // The commit that begins the log again.
  await scene.write(1);
  assert(isBelow((await scene.log()).length, 20), "the log has begun again");
});

Deno.test("sqlite checkpoints: the log stays short however much is written", async () => {
  await using scene = await Scene.create();
  let longest = 0;
  for (let n = 0; n < 60; n++) {
    await scene.write(200);
    // As fast as that nobody writes: here the disk is waited for.
    await scene.settle();
    longest = Math.max(longest, Number((await scene.log()).length));
  }
  assert(isBelow(longest, 2 * FULL), `${longest} pages`);
});

Deno.test("sqlite checkpoints: where nobody wrote meanwhile, one step is enough", async () => {
  await using scene = await Scene.create();
  await scene.write(FULL);
  await scene.settle();
  await scene.write(1);
  await scene.write(1);
  assertEquals(scene.copies, 1);
  assert(isBelow((await scene.log()).length, 20));
});

Deno.test("sqlite checkpoints: a copy that could not be synced keeps the log, and is told", async () => {
  await using scene = await Scene.create();
  scene.permission = () => Promise.reject(sqlErrorOfCode(1034, "disk I/O error"));
  await scene.write(FULL);
  await scene.settle();
  for (let n = 0; n < 5; n++) await scene.write(1);
  assert(!isBelow((await scene.log()).length, FULL));
  assertThrows(() => scene.check(), SqlError, "start the server again");
});

Deno.test("sqlite checkpoints: a thread that has ended is an error, and the database can be closed", async () => {
  await using database = await createSqliteDatabase();
  using _writer = new Connection(pathOf(database), "write");
  const real = globalThis.Worker;
  globalThis.Worker = class extends real {
    constructor(_address: string | URL, options?: WorkerOptions) {
      super("data:text/javascript,throw new Error('broken')", options);
    }
  };
  try {
    await using checkpointer = new Checkpointer(pathOf(database));
    for (let n = 0; n < 2; n++) {
      await assertRejects(() => checkpointer.copy(), SqlError, "its thread has ended");
    }
  } finally {
    globalThis.Worker = real;
  }
});

Deno.test("sqlite checkpoints: who reads for long keeps the log, and it is short again when they end", async () => {
  await using scene = await Scene.create();
  await scene.write(1);
  {
    using backup = new Connection(scene.path, "read");
    await backup.query("BEGIN");
    await backup.query("SELECT COUNT(*) FROM A");
    for (let n = 0; n < 3; n++) {
      await scene.write(FULL);
      await scene.settle();
    }
    assertEquals(await backup.query("SELECT COUNT(*) AS n FROM A"), [{ n: 1 }]);
    assert(!isBelow((await scene.log()).length, 3 * FULL));
    assert(scene.copies <= 6, `${scene.copies} copies: it must not be tried at every commit`);
  }
  for (let n = 0; n < 4; n++) {
    await scene.write(FULL);
    await scene.settle();
  }
  await scene.write(1);
  assert(isBelow((await scene.log()).length, 2 * FULL));
});

Deno.test("sqlite checkpoints: a file that cannot be copied to now is tried again later", async () => {
  let length = 2_500;
  let copies = 0;
  const checkpoints = new Checkpoints({
    log: { query: () => Promise.resolve([{ log: length }]) },
    checkpointer: {
      copy: () => {
        copies++;
        return Promise.reject(sqlErrorOfCode(13, "database or disk is full"));
      },
    },
  });
  const afterCommit = async () => {
    await checkpoints.afterCommit();
    await checkpoints.settle();
  };
  await afterCommit();
  await afterCommit();
  assertEquals(copies, 1);
  length = 5_000;
  await afterCommit();
  assertEquals(copies, 2);
  checkpoints.check();
});
