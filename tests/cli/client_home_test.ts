// The client in every kind of home, by the task as a person runs it: where nothing can be written it
// says so in one line, and what only reads works.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { smallFileSystem } from "../faults/support/full_storage.ts";
import { files, Home, runClient } from "../support/processes/client_process.ts";
import { ProjectCopy } from "../support/processes/project_copy.ts";
import type { Finished } from "../support/processes/client_process.ts";
import { startTestServer } from "../support/server.ts";

/** Trouble is one line on stderr, and stdout stays clean. */
function assertRefused({ code, out, err }: Finished, names: string): void {
  assertEquals([code, out], [78, ""], err);
  assert(/^! .+\n$/.test(err), JSON.stringify(err));
  assertStringIncludes(err, names);
}

Deno.test("client home: blanks, commas, quotes and links in its path are allowed", async () => {
  await using server = await startTestServer();
  await using copy = await ProjectCopy.create();
  const base = `${copy.directory}/homes`;
  const real = `${base}/real, with 'all' "of" $it`;
  await Deno.mkdir(real, { recursive: true });
  await Deno.symlink(real, `${base}/link`);
  await Deno.mkdir(`${base}/plain`);
  const at = `--server 127.0.0.1:${server.port}`;
  for (const home of [real, `${base}/link`, `${base}/plain`]) {
    const sent = await copy.run(`deno task -q client send lobby "from here" ${at}`, { HOME: home });
    assertEquals(sent, { code: 0, out: "", err: "" }, home);
    const { code, out } = await copy.run(`deno task -q client history lobby ${at}`, { HOME: home });
    assertEquals(code, 0);
    assertStringIncludes(out, ": from here");
  }
  for (const home of [real, `${base}/plain`]) {
    const kept = files(home).map((path) => path.slice(home.length + 1));
    assert(kept.includes(".local/state/parley/name.json"), kept.join());
    assert(kept.some((path) => path.startsWith(".config/parley/tokens/")), kept.join());
  }
  // Nothing was written into the project itself.
  assertEquals(files(`${copy.directory}/.config`).concat(files(`${copy.directory}/.local`)), []);
});

Deno.test("client home: XDG folders are used, and one that no permission can name is reported", async () => {
  await using server = await startTestServer();
  await using copy = await ProjectCopy.create();
  const at = `--server 127.0.0.1:${server.port}`;
  const home = `${copy.directory}/home`;
  const config = `${copy.directory}/with 'blanks'/config`;
  const state = `${copy.directory}/state`;
  await Deno.mkdir(home);
  const send = (env: Record<string, string>) =>
    copy.run(`deno task -q client send lobby x ${at}`, { HOME: home, ...env });
  const env = { XDG_CONFIG_HOME: config, XDG_STATE_HOME: state };
  assertEquals(await send(env), { code: 0, out: "", err: "" });
  assert(files(config).some((path) => path.startsWith(`${config}/parley/tokens/`)));
  assertEquals([files(`${state}/parley`).length, files(home)], [1, []]);
  // A list of permissions is separated by commas: no path in it can have one.
  const refused = await send({ XDG_CONFIG_HOME: `${copy.directory}/a, b` });
  assertRefused(refused, "paths without a comma");
  assertEquals(files(`${copy.directory}/a, b`), []);
});

Deno.test("client home: a missing one is reported in one line, and reading works", async () => {
  await using server = await startTestServer();
  const speaker = await server.connect();
  await speaker.hello("bob");
  await speaker.ask({ type: "message", room: "lobby", content: "hello" });
  await using copy = await ProjectCopy.create();
  const at = `--server 127.0.0.1:${server.port}`;
  for (const home of ["/nonexistent", "/nonexistent/a b"]) {
    const read = await copy.run(`deno task -q client history lobby ${at}`, { HOME: home });
    assertEquals([read.code, read.err], [0, ""], home);
    assertStringIncludes(read.out, "bob: hello");
    const sent = await copy.run(`deno task -q client send lobby x ${at}`, { HOME: home });
    assertRefused(sent, home);
  }
  assertRefused(await copy.run(`deno task -q client history lobby ${at}`, { HOME: "" }), "HOME");
});

type Unwritable = Promise<AsyncDisposable | undefined>;

/** A home in which nothing can be written; undefined where none can be made. */
const UNWRITABLE: Readonly<Record<string, (home: Home) => Unwritable>> = {
  async full(home): Unwritable {
    const storage = await smallFileSystem(`${home.path}/mounted`);
    await storage?.fill(0);
    return storage;
  },
  async "read-only"(home): Unwritable {
    const path = `${home.path}/mounted`;
    const storage = await smallFileSystem(path);
    if (storage === undefined) return undefined;
    const args = ["-o", "remount,ro", path];
    return (await new Deno.Command("mount", { args }).output()).success ? storage : undefined;
  },
  async "with files in the place of its folders"(home): Unwritable {
    await home.write("mounted/.config", "");
    await home.write("mounted/.local", "");
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  },
};

for (const [kind, create] of Object.entries(UNWRITABLE)) {
  Deno.test(`client home: ${kind}, it sends nothing, says why, and reads`, async () => {
    await using server = await startTestServer();
    const speaker = await server.connect();
    await speaker.hello("bob");
    await speaker.ask({ type: "message", room: "lobby", content: "hello" });
    await using home = await Home.create();
    await using unwritable = await create(home);
    if (unwritable === undefined) return;
    const at = ["--server", `127.0.0.1:${server.port}`];
    const run = (...args: readonly string[]) =>
      runClient({ home: { path: `${home.path}/mounted` }, args: [...args, ...at] });
    for (const name of [[], ["--name", "ada"]]) {
      assertRefused(await run("send", "lobby", "x", ...name), `${home.path}/mounted/`);
      assertRefused(await run("ask", "may I?", ...name), `${home.path}/mounted/`);
      const { code, out, err } = await run("history", "lobby", ...name);
      assertEquals([code, err], [0, ""]);
      assertStringIncludes(out, "bob: hello");
      assertEquals(out.trimEnd().split("\n").filter((line) => line.includes(": ")).length, 1, out);
    }
  });
}

Deno.test("client home: with a read-only one the client reads as the same guest", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`];
  await using storage = await smallFileSystem(`${home.path}/mounted`);
  if (storage === undefined) return;
  const there = { path: storage.directory };
  assertEquals((await runClient({ home: there, args: ["send", "lobby", "x", ...at] })).code, 0);
  const args = ["-o", "remount,ro", storage.directory];
  assert((await new Deno.Command("mount", { args }).output()).success);
  const before = await countGuests(server);
  const read = await runClient({ home: there, args: ["history", "lobby", ...at] });
  assertEquals([read.code, read.err], [0, ""]);
  assertEquals(await countGuests(server), before);
  assertRefused(await runClient({ home: there, args: ["send", "lobby", "y", ...at] }), "outbox");
  assertStringIncludes(read.out, ": x");
});

/** How many guests the server has ever made: the number of the next one tells. */
async function countGuests(server: Awaited<ReturnType<typeof startTestServer>>): Promise<number> {
  const { id } = await server.repository.users.createPassingGuest(() => "probe");
  return id - ++probes;
}
let probes = 0;
