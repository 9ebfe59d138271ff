// The file of the desk, with the server as a process: --desk, and SIGHUP.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { ChildServer } from "../support/processes/child_server.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { until } from "../support/waiting.ts";

Deno.test("server desk: SIGHUP reads the file again, keeps what is right, and ends nothing", async () => {
  await using home = await temporaryDirectory();
  const path = `${home.path}/data/desk.txt`;
  await Deno.mkdir(`${home.path}/data`);
  await Deno.writeTextFile(path, "[text hello]\nHello {asker}\n");
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--desk", "data/desk.txt"],
  });
  using admin = await server.connect();
  const token = (await Deno.readTextFile(`${home.path}/data/admin.token`)).trim();
  admin.send({ type: "hello", id: "hello", version: 1, auth: { method: "token", token } });
  let asked = 0;
  const names = async () => (await admin.ask({ type: "canned", id: `${++asked}` }))?.names;
  assertEquals(await names(), ["hello"]);

  await Deno.writeTextFile(path, "[text hello]\n");
  server.notify("SIGHUP");
  await until(() => server.logged("desk file kept as it was").length === 1);
  assertStringIncludes(String(server.logged("desk file kept as it was")[0]?.reason), "line 1");
  assertEquals(await names(), ["hello"]);

  await Deno.writeTextFile(path, "[text bye]\nBye");
  server.notify("SIGHUP");
  await until(() => server.logged("desk file read").length === 1);
  assertEquals(await names(), ["bye"]);
  assertEquals((await server.terminate()).code, 0);
});
