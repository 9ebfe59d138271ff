// The server's tasks as a person runs them: what is refused names a command, and that command works.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { isNatsMissing, NatsServer } from "../support/processes/nats_server.ts";
import { testMysql } from "../support/stores/mysql.ts";
import { until } from "../support/waiting.ts";
import { ProjectCopy } from "../support/processes/project_copy.ts";
import { hasPty } from "../support/terminals/pty.ts";

/** The command that a refusal names, which is its only line. */
function commandIn(err: string): string {
  const [, command] = /^parley-server: .*?((?:PARLEY_\w+=\S.*)?deno task .*)\n$/.exec(err) ?? [];
  assert(command !== undefined, err);
  return command;
}

Deno.test("server task: a port in use is 78, and the command that is named works", async () => {
  await using copy = await ProjectCopy.create();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const at = `127.0.0.1:${taken.addr.port}`;
  const { code, err } = await copy.run(
    `PARLEY_NET=${at} deno task -q server:at --listen ${at} --create-rooms operators`,
  );
  assertEquals(code, 78);
  const command = commandIn(err);
  assertEquals(
    command,
    "PARLEY_NET=127.0.0.1:7000 deno task server:at --create-rooms operators --listen 127.0.0.1:7000",
  );
  // The same on a port that is free for certain.
  await using server = await copy.serve(command.replaceAll("7000", "0"));
  assertMatch(server.address, /^127\.0\.0\.1:\d+$/);
});

Deno.test("server task: a folder that may not be used is 78, and the command that is named works", async () => {
  await using copy = await ProjectCopy.create();
  const folder = `${copy.directory}/elsewhere`;
  const { code, err } = await copy.run(
    `PARLEY_NET=127.0.0.1:0 deno task -q server:at --listen 127.0.0.1:0 --database sqlite:${folder}/x.db`,
  );
  assertEquals(code, 78);
  await using _server = await copy.serve(commandIn(err));
  assert((await Deno.stat(`${folder}/x.db`)).isFile);
});

Deno.test("server task: a certificate is written in data, and in another folder by the command that is named", async () => {
  await using copy = await ProjectCopy.create();
  const own = await copy.run(
    "deno task -q server cert --name localhost --cert data/cert.pem --key data/key.pem",
  );
  assertEquals([own.code, own.err], [0, ""]);
  assertMatch(own.out, /\nPin: [\w-]{22}\n$/);
  const folder = `${copy.directory}/elsewhere`;
  const { code, err } = await copy.run(
    `deno task -q server cert --name localhost --cert ${folder}/cert.pem --key ${folder}/key.pem`,
  );
  assertEquals(code, 78);
  const { code: again, out } = await copy.run(commandIn(err).replace("deno task", "deno task -q"));
  assertEquals(again, 0);
  assertMatch(out, /^Certificate for localhost, /);
});

Deno.test("server task: without addresses server:at names the missing variable, in one line", async () => {
  await using copy = await ProjectCopy.create();
  const { code, err } = await copy.run("deno task -q server:at");
  assertEquals([code, err.trim().split("\n").length], [78, 1], err);
  assertStringIncludes(err, "PARLEY_NET=127.0.0.1:65432,0.0.0.0:65433");
});

testMysql("server task: a database is reached by its name, too", async (database) => {
  await using copy = await ProjectCopy.create();
  const { host, port } = database.options;
  if (host !== "127.0.0.1") return;
  const url = database.url.replace(`@${host}:`, "@localhost:");
  const wrong = `PARLEY_DATABASE=${url} PARLEY_NET=127.0.0.1:0 deno task -q server:at`;
  const { code, err } = await copy.run(`${wrong} --listen 127.0.0.1:0`);
  assertEquals(code, 78);
  assertStringIncludes(err, `localhost:${port}`);
  await using server = await copy.serve(commandIn(err).replace("PARLEY_DATABASE=… ", ""), {
    PARLEY_DATABASE: url,
  });
  assertStringIncludes(server.log(), `@localhost:${port}/`);
});

testMysql(
  "server task: a password from a file outside data, with a byte order mark, by the command that is named",
  async (database) => {
    await using copy = await ProjectCopy.create();
    const { host, port, database: name } = database.options;
    const user = `u${name.slice(-8)}`;
    await database.run(`CREATE USER '${user}'@'%' IDENTIFIED BY 's3#/@cret'`);
    await database.run(`GRANT ALL ON ${name}.* TO '${user}'@'%'`);
    try {
      const secret = `${copy.directory}/secrets/db`;
      await Deno.mkdir(`${copy.directory}/secrets`);
      await Deno.writeTextFile(secret, "\ufeffs3#/@cret\r\n");
      const { code, err } = await copy.run(
        `PARLEY_DATABASE=mysql://${user}@${host}:${port}/${name} PARLEY_NET=127.0.0.1:0,${host}:${port} ` +
          `deno task -q server:at --listen 127.0.0.1:0 --database-password-file ${secret}`,
      );
      assertEquals(code, 78);
      await using _server = await copy.serve(commandIn(err));
    } finally {
      await database.run(`DROP USER '${user}'@'%'`);
    }
  },
);

testMysql("server task: the bus is reached by its name, too", async (database) => {
  if (isNatsMissing()) return;
  await using nats = await NatsServer.start();
  await using copy = await ProjectCopy.create();
  const { host, port } = database.options;
  const env = {
    PARLEY_DATABASE: database.url,
    PARLEY_NET: `127.0.0.1:0,${host}:${port},localhost:${nats.port}`,
  };
  const bus = `--bus nats://localhost:${nats.port}`;
  await using server = await copy.serve(
    `deno task -q server:at --listen 127.0.0.1:0 ${bus}`,
    env,
  );
  await until(() => server.log().includes('"bus connected"'));
});

Deno.test({
  name: "server task: the banner for every address tells one that others can connect to",
  ignore: !hasPty,
  fn: async () => {
    await using copy = await ProjectCopy.create();
    const task = "deno task -q server:at --listen 0.0.0.0:0 --insecure-plain --console off";
    const child = new Deno.Command("script", {
      args: ["-qec", `PARLEY_NET=0.0.0.0:0 exec ${task}`, "/dev/null"],
      cwd: copy.directory,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let text = "";
    let way: RegExpExecArray | null = null;
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      way = /--server (\S+):(\d+)\r?\n/.exec(text);
      if (way !== null) break;
    }
    const [, hostname = "", port] = way ?? [];
    assert(hostname !== "0.0.0.0" && hostname !== "HOST", text);
    // From the machine itself its own address works like for others.
    (await Deno.connect({ hostname, port: Number(port) })).close();
    child.kill("SIGTERM");
    await Promise.all([child.status, child.stdin.close().catch(() => {})]);
  },
});
