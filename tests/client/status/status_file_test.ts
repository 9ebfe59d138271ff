import { assertEquals } from "@std/assert";
import { EXIT_CODES } from "../../../lib/exit_codes.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import { readLiveLines } from "../../../lib/client/status/live_lines.ts";
import { findStatus } from "../../../lib/client/status/print_status.ts";
import { StatusFile } from "../../../lib/client/status/status_file.ts";
import type { StatusFacts } from "../../../lib/client/places/status_row.ts";
import { FakeClock } from "../../support/fakes/fake_clock.ts";
import { files } from "../../support/processes/client_process.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { until } from "../../support/waiting.ts";

const ADA: StatusFacts = {
  server: "chat:1",
  name: "ada",
  isOnline: true,
  waiting: 0,
  places: [],
  lagMs: 5,
};

async function open(path: string, clock = new FakeClock()): Promise<StatusFile> {
  const file = await StatusFile.open(new PrivateFiles(path), clock);
  if (file === undefined) throw new Error("The folder cannot be written");
  return file;
}

/** The names of the live lines, and how many inquiries wait there. */
function read(path: string): readonly string[] {
  return readLiveLines(path).map(({ name, waiting }) => `${name} ${waiting}`);
}

async function untilRead(path: string, wanted: readonly string[]): Promise<void> {
  const same = () => JSON.stringify(read(path)) === JSON.stringify(wanted);
  await until(same, { otherwise: () => `${read(path)}, not ${wanted}` });
}

Deno.test("status file: it is written on a change, once a second, and is gone at the end", async () => {
  await using folder = await temporaryDirectory();
  const { path } = folder;
  const clock = new FakeClock();
  const file = await open(path, clock);
  assertEquals(read(path), []);
  file.update(ADA);
  await untilRead(path, ["ada 0"]);
  const [name = ""] = files(path).filter((each) => each.endsWith(".json"));
  const { mode, ino } = await Deno.stat(name);
  assertEquals((mode ?? 0) & 0o777, 0o600);

  file.update({ ...ADA, lagMs: 900 });
  await clock.advance(5_000);
  assertEquals((await Deno.stat(name)).ino, ino, "nothing has changed");

  file.update({ ...ADA, waiting: 1 });
  await untilRead(path, ["ada 1"]);
  for (let waiting = 2; waiting <= 50; waiting++) file.update({ ...ADA, waiting });
  await clock.advance(999);
  assertEquals(read(path), ["ada 1"]);
  await clock.advance(1);
  await untilRead(path, ["ada 50"]);
  file[Symbol.dispose]();
  assertEquals(files(path), []);
  file.update(ADA);
  assertEquals(files(path), []);
});

Deno.test("status file: what a killed client has left is not read, and removed", async () => {
  await using folder = await temporaryDirectory();
  const { path } = folder;
  using file = await open(path);
  file.update(ADA);
  await untilRead(path, ["ada 0"]);
  const dead = { ...readLiveLines(path)[0], name: "bob" };
  for (const name of ["dead.json", "deader.json"]) {
    await Deno.writeTextFile(`${path}/status/${name}`, JSON.stringify(dead));
  }
  await Deno.writeTextFile(`${path}/status/.dead.json.lock`, "");
  assertEquals(read(path), ["ada 0"]);
  assertEquals(files(path).filter((name) => name.includes("dead")), []);
});

Deno.test("status file: a file that is no status shows nothing", async () => {
  await using folder = await temporaryDirectory();
  const { path } = folder;
  using file = await open(path);
  file.update(ADA);
  await untilRead(path, ["ada 0"]);
  const [name = ""] = files(path).filter((each) => each.endsWith(".json"));
  for (const text of ["", "{", "[]", '{"server":"chat:1","name":"ada"}']) {
    await Deno.writeTextFile(name, text);
    assertEquals(read(path), [], text);
  }
});

Deno.test("status file: of two terminals of one person the connected one counts, else the last change", async () => {
  await using folder = await temporaryDirectory();
  const { path } = folder;
  const clock = new FakeClock();
  using first = await open(path, clock);
  using second = await open(path, clock);
  first.update({ ...ADA, waiting: 1 });
  await untilRead(path, ["ada 1"]);
  await clock.advance(1_000);
  second.update({ ...ADA, waiting: 2 });
  await untilRead(path, ["ada 2"]);
  await clock.advance(1_000);
  second.update({ ...ADA, waiting: 3, isOnline: false });
  await untilRead(path, ["ada 1"]);
});

Deno.test("status: server and name choose among the live lines, and the exit code says what is there", async () => {
  await using folder = await temporaryDirectory();
  const { path } = folder;
  const find = (more: { server?: string; name?: string } = {}) =>
    findStatus(path, { format: "text", ...more });
  assertEquals(find().exitCode, EXIT_CODES.unreachable);
  using ada = await open(path);
  using eve = await open(path);
  ada.update(ADA);
  eve.update({ ...ADA, server: "other:2", name: "eve", waiting: 1 });
  await untilRead(path, ["ada 0", "eve 1"]);
  assertEquals([find().exitCode, find().text], [10, "ada@chat\n[?:desk 1]  eve@other\n"]);
  assertEquals([find({ name: "ada" }).exitCode, find({ name: "ada" }).text], [0, "ada@chat\n"]);
  assertEquals(find({ server: "other:2" }).exitCode, EXIT_CODES.forYou);
  const { exitCode, text, failure } = find({ server: "third" });
  assertEquals([exitCode, text], [69, ""]);
  assertEquals(
    failure,
    'No live line is running for this server and name: start one by "client chat"',
  );
});

Deno.test("status file: in a home that cannot be written there is none", async () => {
  await using folder = await temporaryDirectory();
  await Deno.writeTextFile(`${folder.path}/file`, "");
  const state = new PrivateFiles(`${folder.path}/file/state`);
  assertEquals(await StatusFile.open(state, new FakeClock()), undefined);
});
