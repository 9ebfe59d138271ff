// Both programs as one file each, as a binary holds them: run with an empty cache, no registry in
// reach, and the permissions that ship, on both stores.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Artefact, ARTEFACTS } from "../../packaging/artefacts.ts";
import { createMysqlDatabase, isMysqlMissing } from "../support/stores/mysql.ts";

const [SERVER, CLIENT] = ARTEFACTS as readonly [Artefact, Artefact];
const decoder = new TextDecoder();

/** A folder with both bundles in it, and nothing else of the project. */
async function bundleBoth(): Promise<{ directory: string } & AsyncDisposable> {
  const directory = await Deno.makeTempDir({ prefix: "parley-bundle-" });
  for (const { name, entry } of ARTEFACTS) {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "bundle",
        "--quiet",
        "--minify",
        "--platform",
        "deno",
        "-o",
        `${directory}/${name}.js`,
        entry,
      ],
      stdout: "null",
      stderr: "piped",
    }).output();
    assert(success, decoder.decode(stderr));
  }
  await Deno.mkdir(`${directory}/cache`);
  return {
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

function command(
  artefact: Artefact,
  { directory, args, env = {} }: {
    directory: string;
    args: string[];
    env?: Record<string, string>;
  },
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...artefact.flags, `${artefact.name}.js`, ...args],
    cwd: directory,
    clearEnv: true,
    env: {
      HOME: directory,
      PATH: "/usr/bin:/bin",
      DENO_DIR: `${directory}/cache`,
      NPM_CONFIG_REGISTRY: "http://127.0.0.1:9/",
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Starts the server's bundle and gives its address once it is ready. */
async function startServer(
  directory: string,
  env: Record<string, string>,
): Promise<{ address: string } & AsyncDisposable> {
  const args = ["--listen", "127.0.0.1:0"];
  const child = command(SERVER, { directory, args, env }).spawn();
  const log = child.stderr.pipeThrough(new TextDecoderStream());
  let text = "";
  let ready: { address: string; port: number } | undefined;
  const reader = log.getReader();
  while (ready === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The server ended: ${text}`);
    text += value;
    const line = text.split("\n").find((entry) => entry.includes('"event":"ready"'));
    if (line?.endsWith("}")) ready = JSON.parse(line);
  }
  const rest = (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    address: `${ready.address}:${ready.port}`,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await Promise.all([rest, child.stdout.cancel()]);
      assertEquals(code, 0);
    },
  };
}

async function runClient(directory: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await command(CLIENT, { directory, args }).output();
  assertEquals([code, decoder.decode(stderr)], [0, ""]);
  return decoder.decode(stdout);
}

async function talk(directory: string, env: Record<string, string>): Promise<void> {
  await using server = await startServer(directory, env);
  const at = ["--server", server.address, "--name", "ada"];
  const ok = JSON.parse(await runClient(directory, ["send", "lobby", "hello", "--json", ...at]));
  assertEquals([ok.type, ok.seq], ["ok", 1]);
  assertStringIncludes(await runClient(directory, ["history", "lobby", ...at]), "ada: hello");
}

Deno.test("bundles: server and client work with no cache, no registry and the flags of the binaries", async (t) => {
  await using bundles = await bundleBoth();
  const { directory } = bundles;
  await t.step("on SQLite", () => talk(directory, {}));
  await t.step({
    name: "on MySQL",
    ignore: isMysqlMissing(),
    fn: async () => {
      await using database = await createMysqlDatabase();
      await talk(directory, { PARLEY_DATABASE: database.url });
    },
  });
  await t.step("and may do nothing else: another folder is refused, in one line", async () => {
    const args = ["--listen", "127.0.0.1:0", "--database", `sqlite:${directory}/elsewhere/x.db`];
    const { code, stderr } = await command(SERVER, { directory, args }).output();
    assertEquals(code, 78);
    assertStringIncludes(decoder.decode(stderr), "--allow-write");
  });
});
