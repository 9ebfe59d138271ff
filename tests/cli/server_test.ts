// The server by its command line: what it says when it starts, and how it ends when it cannot.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { SERVER_PROGRAM, serverFlags } from "../support/processes/task_flags.ts";
import { startFakeMysql } from "../support/stores/fake_mysql.ts";
import { createMysqlDatabase, testMysql } from "../support/stores/mysql.ts";

const decoder = new TextDecoder();

interface Place extends AsyncDisposable {
  readonly directory: string;
}

async function createPlace(): Promise<Place> {
  const directory = await Deno.makeTempDir({ prefix: "parley-server-" });
  return {
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

interface Start {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `host:port` of the database, when it is not the task's own. */
  readonly database?: string;
}

/** Starts a server in its own folder, under the flags of the task, on a free port. */
function spawn({ directory }: Place, { args = [], env = {}, database }: Start): Deno.ChildProcess {
  const flags = serverFlags({ listen: "127.0.0.1", database });
  return new Deno.Command(Deno.execPath(), {
    args: [...flags, SERVER_PROGRAM, "--listen", "127.0.0.1:0", ...args],
    cwd: directory,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a server that is not to start; its exit code and its one line. */
async function refused(place: Place, start: Start): Promise<[number, string]> {
  const { code, stdout, stderr } = await spawn(place, start).output();
  const printed = decoder.decode(stderr);
  assertEquals([decoder.decode(stdout), printed.trimEnd().split("\n").length], ["", 1], printed);
  return [code, printed];
}

Deno.test("server: without a terminal it logs one JSON line, with the real address and port", async () => {
  await using place = await createPlace();
  const child = spawn(place, {});
  let text = "";
  for await (const part of child.stderr) {
    text += decoder.decode(part);
    if (text.includes('"ready"')) break;
  }
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 0);
  await child.stdout.cancel();
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  const ready = lines.filter(({ event }) => event === "ready");
  assertEquals(ready.length, 1);
  assertEquals([ready[0].address, ready[0].port > 0, ready[0].database], [
    "127.0.0.1",
    true,
    "data/parley.db",
  ]);
  for (
    const [path, mode] of [["data", 0o700], ["data/parley.db", 0o600], ["data/admin.token", 0o600]]
  ) {
    assertEquals((Deno.statSync(`${place.directory}/${path}`).mode ?? 0) & 0o777, mode, `${path}`);
  }
});

Deno.test("server: a refusal by MySQL at the start is a line with its code, and 78 where a person must act", async () => {
  await using place = await createPlace();
  for (
    const [errno, exit, says] of [[1820, 78, "expired"], [1461, 78, "max_p"], [
      1040,
      69,
      "too",
    ]] as const
  ) {
    await using server = startFakeMysql({ errno, text: "'a secret'", at: "statement" });
    const database = `127.0.0.1:${server.port}`;
    const env = { PARLEY_DATABASE: `mysql://ada:pa55@${database}/chat` };
    const [code, printed] = await refused(place, { env, database });
    assertEquals([code, /secret|pa55/.test(printed)], [exit, false], printed);
    assertStringIncludes(printed, `error ${errno}: `);
    assertStringIncludes(printed, says);
  }
});

Deno.test("server: a data file in use by another server is 75, and names it", async () => {
  await using place = await createPlace();
  const first = spawn(place, {});
  for await (const part of first.stderr) if (decoder.decode(part).includes('"ready"')) break;
  const [code, printed] = await refused(place, {});
  assertEquals(code, 75);
  assertMatch(printed, new RegExp(`in use by process ${first.pid}\\b`));
  first.kill("SIGTERM");
  await Promise.all([first.status, first.stdout.cancel()]);
});

Deno.test("server: an address in use is 78, and nothing is left behind", async () => {
  await using place = await createPlace();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const args = ["--listen", `127.0.0.1:${listener.addr.port}`];
  const [code, printed] = await refused(place, { args });
  assertEquals(code, 78);
  assertStringIncludes(printed, "--listen");
  assertEquals([...Deno.readDirSync(place.directory)], []);
});

Deno.test("server: a missing permission is 78, and the error names the flag to add", async () => {
  await using place = await createPlace();
  const cases = [
    { args: ["--listen", "127.0.0.2:0"], names: "PARLEY_NET=127.0.0.2:0 " },
    { args: ["--database", `sqlite:${place.directory}/elsewhere/x.db`], names: "--allow-write" },
    {
      args: ["--database", "mysql://root@localhost:1/parley"],
      names: "PARLEY_NET=127.0.0.1:0,localhost:1 deno task server:at",
    },
    {
      args: ["--database", "mysql://root@127.0.0.1/x", "--bus", "nats://localhost"],
      names: "PARLEY_NET=127.0.0.1:0,127.0.0.1:3306,localhost:4222 deno task server:at",
    },
    {
      args: ["--database", "mysql://root@127.0.0.1/x", "--database-password-file", "/etc/hostname"],
      names: "PARLEY_ALLOW=--allow-read=/etc/hostname ",
    },
  ];
  for (const { args, names } of cases) {
    const [code, printed] = await refused(place, { args });
    assertEquals(code, 78);
    assertStringIncludes(printed, names);
  }
});

Deno.test("server: a database that does not answer is 69, a file that is no database is 78", async () => {
  await using place = await createPlace();
  const nobody = "127.0.0.1:1";
  const env = { PARLEY_DATABASE: `mysql://root@${nobody}/parley` };
  assertEquals((await refused(place, { env, database: nobody }))[0], 69);
  await Deno.mkdir(`${place.directory}/data`);
  await Deno.writeTextFile(`${place.directory}/data/other.db`, "no database at all\n".repeat(100));
  const args = ["--database", "sqlite:data/other.db"];
  assertEquals((await refused(place, { args }))[0], 78);
});

Deno.test("server: a wrong option is 64, and the nearest one is named", async () => {
  await using place = await createPlace();
  const [code, printed] = await refused(place, { args: ["--listne", "x"] });
  assertEquals(code, 64);
  assertStringIncludes(printed, "--listen");
});

testMysql("server: a wrong password is 78, and is not repeated", async () => {
  await using place = await createPlace();
  await using database = await createMysqlDatabase();
  const { host, port, database: name } = database.options;
  const env = { PARLEY_DATABASE: `mysql://nobody:s3cret@${host}:${port}/${name}` };
  const [code, printed] = await refused(place, { env, database: `${host}:${port}` });
  assertEquals([code, printed.includes("s3cret")], [78, false]);
});
