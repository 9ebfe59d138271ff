// Who may have an SQLite database, and who may read its files.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../../../lib/store/sqlite/driver.ts";
import { OpenError, type OpenFault } from "../../../lib/store/sql.ts";

/** A folder for a test, private as `mkdtemp` makes it, gone at the brace. */
async function newFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "parley-files-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function modeOf(path: string): string {
  return ((Deno.lstatSync(path).mode ?? 0) & 0o7777).toString(8);
}

async function assertRefused(path: string, kind: OpenFault, says: RegExp): Promise<void> {
  const error = await assertRejects(() => openSqlite({ path }), OpenError);
  assertEquals(error.kind, kind);
  assertMatch(error.message, says);
  assertEquals(error.message.includes("\n"), false);
}

/** A process with a server's permissions on `folder`, and its first line. */
class Server implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;

  constructor(folder: string, path: string) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--cached-only",
        "--no-check",
        `--allow-read=${folder}`,
        `--allow-write=${folder}`,
        "--v8-flags=--disallow-code-generation-from-strings",
        new URL("../../support/stores/sqlite_program.ts", import.meta.url).pathname,
        path,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  get pid(): number {
    return this.#child.pid;
  }

  async firstLine(): Promise<string> {
    let posted = "";
    while (!posted.includes("\n")) {
      const { done, value } = await this.#output.read();
      if (done) break;
      posted += value;
    }
    return posted.trimEnd();
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
    await this.#output.cancel();
  }
}

Deno.test("sqlite files: only their owner may read them", async () => {
  await using folder = await newFolder();
  const path = `${folder.path}/new/deep/chat.db`;
  await using driver = await openSqlite({ path });
  await driver.execute("CREATE TABLE A (n INT)");
  assertEquals([modeOf(`${folder.path}/new`), modeOf(`${folder.path}/new/deep`)], ["700", "700"]);
  const files = ["", "-wal", "-shm", ".lock"].map((suffix) => modeOf(path + suffix));
  assertEquals(files, ["600", "600", "600", "600"]);
});

Deno.test("sqlite files: what others may read is closed to them", async () => {
  await using folder = await newFolder();
  const path = `${folder.path}/chat.db`;
  await (await openSqlite({ path }))[Symbol.asyncDispose]();
  await Deno.chmod(folder.path, 0o777);
  for (const file of [path, `${path}.lock`]) await Deno.chmod(file, 0o644);
  await using _driver = await openSqlite({ path });
  assertEquals([folder.path, path, `${path}.lock`].map(modeOf), ["700", "600", "600"]);
});

Deno.test("sqlite files: a symlink is not followed, in whichever place", async () => {
  await using folder = await newFolder();
  await using inOtherPlaces = await newFolder();
  for (const suffix of ["", "-wal", "-shm", ".lock"]) {
    const path = `${folder.path}/chat.db`;
    await Deno.symlink(`${inOtherPlaces.path}/target`, path + suffix);
    await assertRefused(path, "refused", /is a symlink/);
    await Deno.remove(path + suffix);
  }
  await Deno.symlink(inOtherPlaces.path, `${folder.path}/link`);
  await assertRefused(`${folder.path}/link/chat.db`, "refused", /is a symlink/);
  assertEquals([...Deno.readDirSync(inOtherPlaces.path)], []);
});

Deno.test("sqlite files: a place that others share is refused", async () => {
  await using folder = await newFolder();
  await Deno.chmod(folder.path, 0o1777);
  await assertRefused(`${folder.path}/chat.db`, "refused", /shared with others/);
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("sqlite files: what is no file, no folder or no database is said so", async () => {
  await using folder = await newFolder();
  await Deno.mkdir(`${folder.path}/folder`);
  await assertRefused(`${folder.path}/folder`, "refused", /is not a file/);
  await Deno.writeTextFile(
    `${folder.path}/text`,
    "no database, but long enough to be one".repeat(50),
  );
  await assertRefused(`${folder.path}/text/chat.db`, "refused", /is not a directory/);
  await assertRefused(`${folder.path}/text`, "incompatible", /is not an SQLite database/);
  // And it can be put right without a restart of this process.
  await Deno.remove(`${folder.path}/text`);
  await using _driver = await openSqlite({ path: `${folder.path}/text` });
});

Deno.test("sqlite files: one process has them, and the message names it", async () => {
  await using folder = await newFolder();
  const path = `${folder.path}/chat.db`;
  await using first = new Server(folder.path, path);
  assertMatch(await first.firstLine(), /"seq":1,/);
  await using second = new Server(folder.path, path);
  assertEquals(
    await second.firstLine(),
    `in_use: Database "chat.db" is in use by process ${first.pid}: one server has it at a time`,
  );
  await assertRefused(path, "in_use", new RegExp(`process ${first.pid}`));
});

Deno.test("sqlite files: they are free again when the process is killed, and nothing is lost", async () => {
  await using folder = await newFolder();
  const path = `${folder.path}/chat.db`;
  await using first = new Server(folder.path, path);
  await first.firstLine();
  await first.kill();
  await using second = new Server(folder.path, path);
  assertMatch(await second.firstLine(), /"seq":2,/);
});

Deno.test("sqlite files: within one process, too, they are opened once", async () => {
  await using folder = await newFolder();
  const path = `${folder.path}/chat.db`;
  await using _driver = await openSqlite({ path });
  await assertRefused(path, "in_use", new RegExp(`process ${Deno.pid}`));
});

Deno.test("sqlite files: a database that another program has locked is in use", async () => {
  await using folder = await newFolder();
  const path = `${folder.path}/chat.db`;
  using other = new DatabaseSync(path);
  other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  await assertRefused(path, "in_use", /in use by another program$/);
});

Deno.test("sqlite files: a permission that is missing is named", async () => {
  await using folder = await newFolder();
  await using server = new Server(folder.path, "/elsewhere/chat.db");
  assertEquals(
    await server.firstLine(),
    'refused: Cannot use database "/elsewhere/chat.db": start with ' +
      '--allow-read="/elsewhere" --allow-write="/elsewhere"',
  );
});
