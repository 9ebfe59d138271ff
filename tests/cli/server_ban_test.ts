// `ban` and `panic` of the server's program, on a running server, as an administrator runs them.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeListener } from "../support/clients/fake_listener.ts";
import type { FakePeer } from "../support/clients/fake_peer.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { type Finished, SOON } from "../support/processes/client_process.ts";
import { AdminPlace, helloBy, runServerCommand } from "../support/processes/server_command.ts";
import { temporaryDirectory } from "../support/temporary.ts";

async function helloAs(server: ChildServer, name: string): Promise<string> {
  const reply = await helloBy(server, { method: "guest", name });
  return reply.type === "error" ? reply.code : reply.type;
}

Deno.test("server ban: add, list, log and remove, for people and for programs", async () => {
  await using place = await AdminPlace.start();
  const { server, run, json } = place.bound;
  await helloAs(server, "mallory");
  const none = await run("ban", "list");
  assertEquals([none.code, none.out, none.err], [0, "", "No bans on this server\n"]);
  assertEquals(await json("ban", "list"), []);

  const added = await run("ban", "add", "mallory", "--for", "7d", "--reason", "spam in two rooms");
  assertEquals([added.code, added.out], [0, ""], added.err);
  assertEquals(added.err, "mallory is banned on this server for 7 days\n");
  const [ok] = await json("ban", "add", "203.0.113.0/24");
  assertEquals(ok, { type: "ok", ban: 2 });

  const list = await run("ban", "list");
  assertEquals(list.code, 0);
  const [head, first = "", second = ""] = list.out.split("\n");
  assertMatch(head ?? "", /^BAN +WHO +SINCE +UNTIL +BY +REASON$/);
  assertMatch(first, /^1 +mallory +\S+ \S+ +\S+ \S+ +admin +spam in two rooms$/);
  assertMatch(second, /^2 +203\.0\.113\.0\/24 +\S+ \S+ +admin$/);
  const bans = await json("ban", "list");
  assertEquals(bans.map(({ ban, name, network, by }) => [ban, name, network, by]), [
    [1, "mallory", undefined, "admin"],
    [2, undefined, "203.0.113.0/24", "admin"],
  ]);

  const removed = await run("ban", "remove", "mallory");
  assertEquals([removed.code, removed.err], [0, "mallory is no longer banned on this server\n"]);
  assertEquals((await json("ban", "list")).length, 1);
  const acts = await json("ban", "log");
  assertEquals(acts.map(({ act, from }) => [act, from]), [
    ["ban", "admin"],
    ["ban", "admin"],
    ["unban", "admin"],
  ]);
  assertStringIncludes((await run("ban", "log", "--limit", "1")).out, "unban");
});

Deno.test("server ban: of a room", async () => {
  await using place = await AdminPlace.start();
  const { server, run, json } = place.bound;
  await helloAs(server, "mallory");
  const { code, err } = await run("ban", "add", "mallory", "--room", "#lobby");
  assertEquals([code, err], [0, "mallory is banned in #lobby until the ban is removed\n"]);
  assertEquals((await json("ban", "list", "--room", "lobby")).length, 1);
  assertEquals(await json("ban", "list"), []);
  const unknown = await run("ban", "list", "--room", "nowhere");
  assertEquals([unknown.code, unknown.out], [1, ""], unknown.err);
  assertStringIncludes(unknown.err, "nowhere");
});

Deno.test("server panic: on and off, at once", async () => {
  await using place = await AdminPlace.start();
  const { server, run, json } = place.bound;
  const on = await run("panic", "on");
  assertEquals([on.code, on.out], [0, ""]);
  assertStringIncludes(on.err, "Panic is on");
  assertEquals(await helloAs(server, "ada"), "forbidden");
  assertEquals(await json("panic", "off"), [{ type: "ok" }]);
  assertEquals(await helloAs(server, "ada"), "welcome");
});

Deno.test("server commands: each failure has its exit code, and one line that says what to do", async () => {
  await using place = await AdminPlace.start();
  const { directory, server } = place;
  const { run } = place.bound;
  const token = await Deno.readTextFile(`${directory}/data/admin.token`);
  const fails = async (finished: Promise<Finished>, code: number, says: string) => {
    const { out, err, ...rest } = await finished;
    assertEquals([rest.code, out], [code, ""], err);
    assertMatch(err, /^parley-server: [^\n]+\n$/);
    assertStringIncludes(err, says);
    assertEquals(err.includes(token.trim()), false, "the token is not shown");
  };
  const cases: readonly (readonly [string, number, string])[] = [
    ["ban add nobody", 1, "nobody"],
    ["ban add 1.2.3.4/33", 64, "at most /32"],
    ["ban lsit", 64, "lsit"],
    ["panic", 64, "on|off"],
  ];
  await Promise.all(cases.map(([args, code, says]) => fails(run(...args.split(" ")), code, says)));
  const allowed = "127.0.0.1:1";
  const at = (listen: string) =>
    runServerCommand({ directory, args: ["ban", "list", "--listen", listen], allowed });
  await fails(at("127.0.0.1:0"), 64, "the port");
  const instead = "PARLEY_NET=127.0.0.1:2 deno task server:at ban list --listen 127.0.0.1:2";
  await fails(at("127.0.0.1:2"), 78, instead);

  await Deno.writeTextFile(`${directory}/data/admin.token`, "a".repeat(43));
  await fails(run("ban", "list"), 77, "refuses the token in data/admin.token");
  await Deno.writeTextFile(`${directory}/data/admin.token`, "");
  await fails(run("ban", "list"), 78, "is empty");
  await Deno.remove(`${directory}/data/admin.token`);
  await fails(run("ban", "list"), 78, "There is no admin's token in data/admin.token");
  await Deno.writeTextFile(`${directory}/data/admin.token`, token);

  await server.kill();
  await fails(run("ban", "list"), 69, "No server listens at 127.0.0.1:");
});

Deno.test("server commands: where the server listens at every address, this machine's is used", async () => {
  await using folder = await temporaryDirectory();
  const directory = folder.path;
  await using server = await ChildServer.start({
    directory,
    hostname: "0.0.0.0",
    args: ["--insecure-plain"],
  });
  const { port } = server.address;
  const args = ["ban", "list", "--listen", `0.0.0.0:${port}`];
  for (const allowed of [`127.0.0.1:${port}`, `0.0.0.0:${port}`]) {
    const { code, err } = await runServerCommand({ directory, args, allowed });
    assertEquals([code, err], [0, "No bans on this server\n"], allowed);
  }
});

Deno.test("server commands: a server that ends before its answer is 75, one that is silent 124", async () => {
  await using folder = await temporaryDirectory();
  await Deno.mkdir(`${folder.path}/data`);
  await Deno.writeTextFile(`${folder.path}/data/admin.token`, "a".repeat(43));
  using listener = new FakeListener();
  const allowed = listener.address;
  const run = async (more: readonly string[], play: (peer: FakePeer) => Promise<void>) => {
    const args = ["panic", "on", "--listen", allowed, ...more];
    const finished = runServerCommand({ directory: folder.path, args, allowed });
    const peer = await listener.accept();
    await peer.hello({ you: { user: 1, name: "admin", role: "admin" } });
    await peer.next("panic");
    await play(peer);
    return await finished;
  };
  const lost = await run([], (peer) => Promise.resolve(peer.close()));
  assertEquals([lost.code, lost.out], [75, ""]);
  assertStringIncludes(lost.err, "whether this was done is not known");
  const silent = await run(["--timeout", SOON], () => Promise.resolve());
  assertEquals([silent.code, silent.out], [124, ""]);
  assertStringIncludes(silent.err, "gave no answer within 4 s");
});

Deno.test("server commands: where the server takes this machine for a balancer they say who they are", async () => {
  const proxies = ["--trusted-proxies", "127.0.0.0/8"];
  await using place = await AdminPlace.start({ args: proxies });
  const { code, err } = await place.run("ban", "list", ...proxies);
  assertEquals([code, err], [0, "No bans on this server\n"]);
  assertEquals((await place.run("ban", "list")).code, 69);
});
