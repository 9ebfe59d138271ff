// A log is used only with the file that it continues: whatever was killed when, that file is recognized,
// and whatever was put in its place is refused.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { backup, DatabaseSync } from "node:sqlite";
import type { SqlDriver } from "../../../lib/store/sql.ts";
import { OpenError } from "../../../lib/store/sql.ts";
import { openSqlite } from "../../../lib/store/sqlite/driver.ts";
import { refuseMismatchedLog } from "../../../lib/store/sqlite/mismatched_log.ts";

const PAGE = "x".repeat(3_500);
/** Rows of a page each: more than makes a copy of the log due. */
const FULL = 2_100;

/** A live database, and what a kill would leave of it. */
class Scene implements AsyncDisposable {
  readonly #directory: string;
  readonly driver: SqlDriver;
  readonly path: string;
  #copies = 0;

  private constructor(directory: string, driver: SqlDriver) {
    this.#directory = directory;
    this.path = `${directory}/live.db`;
    this.driver = driver;
  }

  static async open(): Promise<Scene> {
    const directory = await Deno.makeTempDir({ prefix: "parley-log-" });
    const scene = new Scene(directory, await openSqlite({ path: `${directory}/live.db` }));
    // As migrations do: the schema in one transaction. A backup counts changes of it from 1 on.
    await scene.driver.transaction(async (sql) => {
      await sql.execute("CREATE TABLE A (n INTEGER PRIMARY KEY, t TEXT) STRICT");
      for (const name of ["B", "C"]) await sql.execute(`CREATE TABLE ${name} (n INTEGER)`);
    });
    return scene;
  }

  async write(rows: number): Promise<void> {
    await this.driver.transaction(async (sql) => {
      for (let n = 0; n < rows; n++) await sql.execute("INSERT INTO A (t) VALUES (?)", [PAGE]);
    });
  }

  /** Until the log has begun again so often. */
  async beginLogs(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const before = this.#logIdentity();
      await this.write(FULL);
      while (this.#logIdentity() === before) await this.write(1);
    }
  }

  #logIdentity(): string {
    return Deno.readFileSync(`${this.path}-wal`).slice(12, 24).toHex();
  }

  /** As another program, which opens the file and closes it. */
  visit(work: (database: DatabaseSync) => unknown): void {
    const database = new DatabaseSync(this.path);
    work(database);
    database.close();
  }

  /** The file and its log as they lie on the disk, with another file in its place if one is given. */
  snapshot(file: string = this.path): string {
    const copy = `${this.#directory}/${++this.#copies}.db`;
    Deno.copyFileSync(file, copy);
    Deno.copyFileSync(`${this.path}-wal`, `${copy}-wal`);
    return copy;
  }

  async backup(): Promise<string> {
    const copy = `${this.#directory}/backup-${++this.#copies}.db`;
    const database = new DatabaseSync(this.path);
    await backup(database, copy);
    database.close();
    return copy;
  }

  vacuum(): string {
    const copy = `${this.#directory}/vacuum-${++this.#copies}.db`;
    this.visit((database) => database.prepare("VACUUM INTO ?").run(copy));
    return copy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.driver[Symbol.asyncDispose]();
    await Deno.remove(this.#directory, { recursive: true });
  }
}

async function assertRefused(path: string): Promise<void> {
  const before = Deno.readFileSync(path).toHex();
  const error = await assertRejects(() => refuseMismatchedLog(path), OpenError);
  assertEquals(error.kind, "refused");
  assertStringIncludes(error.message, "-wal");
  assertEquals(error.message.includes("\n"), false);
  assertEquals(Deno.readFileSync(path).toHex() === before, true, "the file was changed");
}

Deno.test("sqlite log: what a kill leaves fits, at whatever moment", async () => {
  await using scene = await Scene.open();
  await refuseMismatchedLog(scene.snapshot());
  for (let round = 0; round < 12; round++) {
    await scene.write(300 * (round % 4) + 1);
    await refuseMismatchedLog(scene.snapshot());
    await scene.write(1);
    await refuseMismatchedLog(scene.snapshot());
  }
  await scene.driver.execute("CREATE TABLE D (n INTEGER)");
  await refuseMismatchedLog(scene.snapshot());
});

Deno.test("sqlite log: it fits after checkpoints and writes of other programs", async () => {
  await using scene = await Scene.open();
  for (const mode of ["PASSIVE", "FULL", "RESTART", "TRUNCATE", "TRUNCATE", "RESTART", "PASSIVE"]) {
    scene.visit((database) => database.prepare(`PRAGMA wal_checkpoint(${mode})`).all());
    await refuseMismatchedLog(scene.snapshot());
    await scene.write(3);
    await refuseMismatchedLog(scene.snapshot());
    scene.visit((database) => {
      database.prepare(`PRAGMA wal_checkpoint(${mode})`).all();
      database.prepare("INSERT INTO A (t) VALUES (?)").run(PAGE);
    });
    await refuseMismatchedLog(scene.snapshot());
    await scene.write(3);
    await refuseMismatchedLog(scene.snapshot());
  }
});

Deno.test("sqlite log: it fits when another program has begun the log with a change of the file's size", async () => {
  await using scene = await Scene.open();
  await scene.write(10);
  scene.visit((database) => {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    for (let n = 0; n < 20; n++) database.prepare("INSERT INTO A (t) VALUES (?)").run(PAGE);
  });
  await scene.write(1);
  await refuseMismatchedLog(scene.snapshot());
});

Deno.test("sqlite log: it fits a file that was never marked, and one that has no log", async () => {
  await using scene = await Scene.open();
  const path = scene.vacuum();
  const old = new DatabaseSync(path);
  old.exec("PRAGMA user_version = 0; PRAGMA journal_mode = WAL; CREATE TABLE Old (n INTEGER)");
  for (let n = 0; n < 20; n++) old.prepare("INSERT INTO A (t) VALUES (?)").run(PAGE);
  await refuseMismatchedLog(path);
  old.close();
  await refuseMismatchedLog(path);
  Deno.writeFileSync(`${path}-wal`, new Uint8Array(0));
  await refuseMismatchedLog(path);
  Deno.writeTextFileSync(`${path}-wal`, "no log at all");
  await refuseMismatchedLog(path);
});

for (const logs of [0, 1, 2]) {
  Deno.test(`sqlite log: a backup from before it began ${logs} times is refused beside it`, async () => {
    await using scene = await Scene.open();
    await scene.write(20);
    const copies = [await scene.backup(), scene.vacuum()];
    await scene.write(5);
    await scene.beginLogs(logs);
    for (const copy of copies) await assertRefused(scene.snapshot(copy));
    await refuseMismatchedLog(scene.snapshot());
  });
}

Deno.test("sqlite log: a file that was copied at a stop is refused beside a later log", async () => {
  await using scene = await Scene.open();
  await scene.write(20);
  // What a stop leaves: everything in the file.
  scene.visit((database) => database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all());
  const copy = scene.snapshot();
  await scene.write(1);
  await scene.beginLogs(1);
  await scene.write(5);
  await assertRefused(scene.snapshot(copy));
});

Deno.test("sqlite log: the file of another server is refused beside it, and so is none", async () => {
  await using scene = await Scene.open();
  await using other = await Scene.open();
  await scene.write(3);
  await other.write(3);
  other.visit((database) => database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all());
  await assertRefused(scene.snapshot(other.path));
  const path = scene.snapshot();
  await Deno.remove(path);
  const error = await assertRejects(() => openSqlite({ path }), OpenError);
  assertEquals(error.kind, "refused");
  assertStringIncludes(error.message, "the log of a database that is not there");
});

Deno.test("sqlite log: a backup can be used when the log is moved away", async () => {
  await using scene = await Scene.open();
  await scene.write(20);
  const copy = await scene.backup();
  await scene.write(5);
  const path = scene.snapshot(copy);
  await assertRejects(() => openSqlite({ path }), OpenError, "move");
  await Deno.remove(`${path}-wal`);
  await using restored = await openSqlite({ path });
  assertEquals(await restored.query("SELECT COUNT(*) AS n FROM A"), [{ n: 20 }]);
});

Deno.test("sqlite log: the damage it is refused for is real", async () => {
  await using scene = await Scene.open();
  await scene.write(20);
  const copy = scene.vacuum();
  await scene.driver.execute("DELETE FROM A WHERE n % 2 = 0");
  await scene.beginLogs(1);
  const database = new DatabaseSync(scene.snapshot(copy));
  const [check] = database.prepare("PRAGMA integrity_check").all();
  database.close();
  assertEquals(check?.integrity_check === "ok", false);
});
