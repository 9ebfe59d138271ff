// What is noticed of the files of an open SQLite database: see also tests/faults/visitors_test.ts.

import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { type FileLoss, FileWatch } from "../../../lib/store/sqlite/file_watch.ts";
import { openSqlite } from "../../../lib/store/sqlite/driver.ts";
import { SqlError } from "../../../lib/store/sql.ts";

interface WatchedPlace extends AsyncDisposable {
  readonly path: string;
  readonly watch: FileWatch;
  readonly content: { fits: boolean };
  readonly losses: readonly FileLoss[];
  readonly secondNames: readonly string[];
}

/** A database file with nothing in it, and a watch over it whose looks the test makes. */
async function newWatch(): Promise<WatchedPlace> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/chat.db`;
  for (const suffix of ["", "-wal", "-shm"]) await Deno.writeTextFile(path + suffix, "");
  const content = { fits: true, fitsLog: () => content.fits };
  const losses: FileLoss[] = [];
  const secondNames: string[] = [];
  const watch = new FileWatch(path, {
    content,
    onLoss: (loss) => losses.push(loss),
    onSecondName: (why) => secondNames.push(why),
  });
  return {
    path,
    watch,
    content,
    losses,
    secondNames,
    async [Symbol.asyncDispose](): Promise<void> {
      watch[Symbol.dispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function look(watch: FileWatch, times: number): void {
  for (let n = 0; n < times; n++) watch.look();
}

Deno.test("sqlite watch: a database that is overwritten is lost, and its log is not copied into it", async () => {
  await using place = await newWatch();
  const { watch, content, losses, path } = place;
  content.fits = false;
  // What nobody has written to is not looked into.
  look(watch, 10);
  assertEquals([losses.length, watch.isInDoubt], [0, false]);
  await Deno.writeTextFile(path, "other");
  watch.look();
  assertEquals([losses.length, watch.isInDoubt], [0, true]);
  await assertRejects(() => watch.whileCopying(() => Promise.resolve()), SqlError);
  look(watch, 3);
  assertEquals(losses.map(({ suffix }) => suffix), [""]);
  assertMatch(losses[0]?.why ?? "", /chat\.db" was overwritten .*nothing more is stored/);
  assertThrows(() => watch.check(), SqlError, "overwritten");
  assertEquals(watch.isInDoubt, true);
});

Deno.test("sqlite watch: whoever copies the log into the file is in the right, however long it takes", async () => {
  await using place = await newWatch();
  const { watch, content, losses, path } = place;
  // Another program: in the middle of its copy the file does not fit.
  for (let time = 0; time < 3; time++) {
    content.fits = false;
    await Deno.writeTextFile(path, `copied ${"x".repeat(time)}`);
    look(watch, 2);
    content.fits = true;
    watch.look();
    assertEquals(watch.isInDoubt, false);
  }
  // This one.
  content.fits = false;
  await watch.whileCopying(async () => {
    await Deno.writeTextFile(path, "copied here");
    look(watch, 10);
  });
  look(watch, 10);
  watch.check();
  assertEquals([losses.length, watch.isInDoubt], [0, false]);
});

Deno.test("sqlite watch: a second name of the database is told, and nothing is lost by it", async () => {
  await using place = await newWatch();
  const { watch, secondNames, losses, path } = place;
  await Deno.link(path, `${path}.link`);
  look(watch, 3);
  assertEquals(secondNames.length, 1);
  assertMatch(secondNames[0] ?? "", /chat\.db" has a second name \(a hard link\)/);
  watch.check();
  assertEquals(losses, []);
  await assertRejects(
    () => openSqlite({ path }),
    Error,
    "has a second name (a hard link)",
  );
  await Deno.remove(`${path}.link`);
  look(watch, 3);
  await Deno.link(path, `${path}.link`);
  look(watch, 3);
  assertEquals(secondNames.length, 2);
});
