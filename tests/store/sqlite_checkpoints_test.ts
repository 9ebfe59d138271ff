// The log of an SQLite database begins anew again and again, whoever reads or writes meanwhile, and never
// before its copy is on the disk.

import { assert, assertEquals } from "@std/assert";
import { Checkpoints } from "../../lib/store/sqlite_checkpoints.ts";
import { Connection } from "../../lib/store/sqlite_connection.ts";
import { createSqliteDatabase, type TestDatabase } from "../support/stores.ts";

/** More than makes a checkpoint due, in rows of a page each. */
const FULL = 2_100;

/** A database of one table and its checkpoints, on a disk that answers when the test says so. */
class Scene implements AsyncDisposable {
  readonly #open = new AsyncDisposableStack();
  readonly #checkpoints: Checkpoints;
  readonly #writer: Connection;
  readonly path: string;
  /** Called instead of the disk. */
  sync: () => Promise<void> = () => Promise.resolve();
  syncs = 0;

  private constructor(database: TestDatabase) {
    this.#open.use(database);
    this.path = pathOf(database);
    this.#writer = this.#open.use(new Connection(this.path, "write"));
    this.#checkpoints = new Checkpoints({
      copier: this.#open.use(new Connection(this.path, "copy")),
      pin: this.#open.use(new Connection(this.path, "read")),
      file: { sync: () => (this.syncs++, this.sync()) },
    });
  }

  static async make(): Promise<Scene> {
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
  await using scene = await Scene.make();
  for (let n = 0; n < 5; n++) await scene.write(100);
  assertEquals(scene.syncs, 0);
  assertEquals((await scene.log()).copied, 0);
});

Deno.test("sqlite checkpoints: others write while the disk is waited for, and nothing over the log", async () => {
  await using scene = await Scene.make();
  const disk = Promise.withResolvers<void>();
  scene.sync = () => disk.promise;
  await scene.write(FULL);
  for (let n = 0; n < 20; n++) await scene.write(1);
  assertEquals(scene.syncs, 1);
  const waiting = await scene.log();
  assert(!isBelow(waiting.length, FULL), "the log goes on");
  assert(waiting.copied !== waiting.length);
  disk.resolve();
  await scene.settle();
  // The second step is waited for, or what others write would never be all copied.
  const rest = Promise.withResolvers<void>();
  scene.sync = () => rest.promise;
  let isDone = false;
  const second = scene.write(1).then(() => isDone = true);
  while (scene.syncs < 2) await new Promise((resolve) => setImmediate(resolve));
  assertEquals(isDone, false);
  rest.resolve();
  await second;
  assertEquals(scene.syncs, 2);
  // The commit that begins anew.
  await scene.write(1);
  assert(isBelow((await scene.log()).length, 20), "the log has begun anew");
});

Deno.test("sqlite checkpoints: the log stays short however much is written", async () => {
  await using scene = await Scene.make();
  let longest = 0;
  for (let n = 0; n < 60; n++) {
    await scene.write(200);
    longest = Math.max(longest, Number((await scene.log()).length));
  }
  assert(isBelow(longest, 2 * FULL), `${longest} pages`);
});

Deno.test("sqlite checkpoints: where nobody wrote meanwhile, one step is enough", async () => {
  await using scene = await Scene.make();
  await scene.write(FULL);
  await scene.settle();
  await scene.write(1);
  await scene.write(1);
  assertEquals(scene.syncs, 1);
  assert(isBelow((await scene.log()).length, 20));
});

Deno.test("sqlite checkpoints: a copy that did not reach the disk keeps the log for ever", async () => {
  await using scene = await Scene.make();
  scene.sync = () => Promise.reject(new Error("os error 5"));
  await scene.write(FULL);
  await scene.settle();
  for (let n = 0; n < 5; n++) await scene.write(1);
  assert(!isBelow((await scene.log()).length, FULL));
});

Deno.test("sqlite checkpoints: who reads for long keeps the log, and it is short again when they end", async () => {
  await using scene = await Scene.make();
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
    assert(scene.syncs <= 6, `${scene.syncs} syncs: it must not be tried at every commit`);
  }
  for (let n = 0; n < 4; n++) {
    await scene.write(FULL);
    await scene.settle();
  }
  await scene.write(1);
  assert(isBelow((await scene.log()).length, 2 * FULL));
});

Deno.test("sqlite checkpoints: a file that cannot be copied to now is tried again later", async () => {
  await using database = await createSqliteDatabase();
  using writer = new Connection(pathOf(database), "write");
  using pin = new Connection(pathOf(database), "read");
  await writer.execute("CREATE TABLE A (t TEXT) STRICT");
  let length = 2_500;
  let copies = 0;
  const copier = {
    query: (sql: string) => {
      if (sql.includes("NOOP")) return Promise.resolve([{ log: length }]);
      copies++;
      return Promise.reject(new Error("full"));
    },
  };
  const checkpoints = new Checkpoints({ copier, pin, file: { sync: () => Promise.resolve() } });
  await checkpoints.afterCommit();
  await checkpoints.afterCommit();
  assertEquals(copies, 1);
  length = 5_000;
  await checkpoints.afterCommit();
  assertEquals(copies, 2);
});
