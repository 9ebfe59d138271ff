// The server's folder: the administrator's token in it, and what becomes of a start that may not write.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ChildServer, type ChildServerOptions } from "../support/processes/child_server.ts";
import { SERVER_PROGRAM, serverFlags } from "../support/processes/task_flags.ts";
import { type MysqlTestDatabase, testMysql } from "../support/stores/mysql.ts";
import { temporaryDirectory } from "../support/temporary.ts";

function onMysql(
  { url, options }: MysqlTestDatabase,
  directory: string,
): ChildServerOptions {
  const database = `${options.host}:${options.port}`;
  return { directory, env: { PARLEY_DATABASE: url }, database };
}

testMysql(
  "server folder: each server of one database has a token that works, and says what it changes",
  async (database) => {
    await using one = await temporaryDirectory();
    await using other = await temporaryDirectory();
    await using first = await ChildServer.start(onMysql(database, one.path));
    await using second = await ChildServer.start(onMysql(database, other.path));
    for (const server of [first, second]) {
      assertEquals(server.logged("admin token written").length, 1);
      // Asked by the token of its own folder.
      assertEquals(typeof (await server.stats()).connections, "number");
    }
    await first.terminate();
    await using again = await ChildServer.start(onMysql(database, one.path));
    assertEquals(again.logged("admin token written"), []);
    assertEquals(typeof (await again.stats()).connections, "number");
    await again.terminate();
    await database.run(`DROP DATABASE ${database.options.database}`);
    await database.run(`CREATE DATABASE ${database.options.database}`);
    await using renewed = await ChildServer.start(onMysql(database, one.path));
    assertEquals(renewed.logged("admin token added to the database").length, 1);
    assertEquals(typeof (await renewed.stats()).connections, "number");
  },
);

testMysql(
  "server folder: where it cannot be written, one line is all that happens",
  async (database) => {
    await using one = await temporaryDirectory();
    await using other = await temporaryDirectory();
    await using first = await ChildServer.start(onMysql(database, one.path));
    await Deno.writeTextFile(`${other.path}/data`, "no folder");
    const { host, port } = database.options;
    const flags = serverFlags({ listen: "127.0.0.1:0", database: `${host}:${port}` });
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...flags, SERVER_PROGRAM, "--listen", "127.0.0.1:0"],
      cwd: other.path,
      env: { PARLEY_DATABASE: database.url },
    }).output();
    const printed = new TextDecoder().decode(stderr);
    assertEquals([code, stdout.length], [78, 0], printed);
    assertMatch(printed, /^parley-server: [^\n]+\n$/);
    assertStringIncludes(printed, "nothing was changed");
    assertEquals(typeof (await first.stats()).connections, "number");
  },
);

testMysql(
  "server folder: a start that fails behind it leaves no half of a token",
  async (database) => {
    await using one = await temporaryDirectory();
    const wrong = {
      ...onMysql(database, one.path),
      env: { PARLEY_DATABASE: `${database.url}x-y.z` },
    };
    await using server = ChildServer.spawn(wrong);
    await server.ready().catch(() => {});
    assertEquals([...Deno.readDirSync(one.path)], []);
  },
);
