// `code` and `token` of the server's program, on a running server, as an administrator runs them.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AdminPlace, helloBy } from "../support/processes/server_command.ts";

Deno.test("server code: a code is printed once, alone on stdout, and makes an account in its rooms", async () => {
  await using place = await AdminPlace.start();
  const created = await place.run(
    "code",
    "join",
    "--rooms",
    "#lobby",
    "--uses",
    "2",
    "--expires",
    "2d",
  );
  assertEquals(created.code, 0, created.err);
  assertMatch(created.out, /^[0-9A-Z-]{16,19}\n$/);
  assertMatch(created.err, /^Code 1 makes 2 member accounts in #lobby, until \S+ \S+;/);
  const auth = { method: "code", code: created.out.trim(), name: "ada" };
  const welcome = await helloBy(place.server, auth);
  assertEquals(welcome.you, { user: welcome.you.user, name: "ada", role: "member" });
  assertEquals(welcome.rooms.map(({ room }: { room: string }) => room), ["lobby"]);

  const [code, ...none] = await place.json("code", "list");
  assertEquals(none, []);
  assertEquals([code?.id, code?.kind, code?.uses, code?.from], [1, "join", 1, "admin"]);
  const list = await place.run("code", "list");
  const [head = "", row = ""] = list.out.split("\n");
  assertMatch(head, /^ID +KIND +FOR +ROOMS +USES +UNTIL +BY$/);
  assertMatch(row, /^1 +join +member +#lobby +1 +\S+ \S+ +admin$/);
  assertEquals(list.out.includes(created.out.trim()), false, "a list shows no code");
  assertEquals((await place.run("code", "revoke", "1")).code, 0);
  assertEquals((await place.run("code", "list")).err, "No codes can be used\n");
  assertEquals((await helloBy(place.server, { ...auth, name: "bob" })).code, "auth_failed");
});

Deno.test("server code: --json prints what the protocol has, the same each time but for the code", async () => {
  await using place = await AdminPlace.start();
  const [code = {}] = await place.json("code", "join", "--role", "operator");
  assertEquals(Object.keys(code), ["type", "code", "id", "kind", "role", "uses", "expires"]);
  assertEquals([code.type, code.kind, code.role, code.uses], ["code", "join", "operator", 1]);
  const [device = {}] = await place.json("code", "device");
  assertEquals([device.kind, device.user], ["device", "admin"]);
  const welcome = await helloBy(place.server, { method: "code", code: device.code });
  assertEquals([welcome.you.name, welcome.you.role], ["admin", "admin"]);
});

Deno.test("server token: listed without the secret, and ended with its connections", async () => {
  await using place = await AdminPlace.start();
  const [code] = await place.json("code", "join");
  const { token } = await helloBy(place.server, { method: "code", code: code?.code, name: "ada" });
  const [own = {}, ...none] = await place.json("token", "list", "ada");
  assertEquals([typeof own.token, own.here, none.length], ["number", false, 0]);
  const list = await place.run("token", "list", "ada");
  assertMatch(list.out, /^ID +LABEL +CLIENT +CREATED +USED +UNTIL +SCOPES\n/);
  assertEquals(list.out.includes(token), false);
  const ended = await place.run("token", "revoke", `${own.token}`);
  assertEquals([ended.code, ended.out, ended.err], [0, "", `Token ${own.token} has ended\n`]);
  assertEquals((await helloBy(place.server, { method: "token", token })).code, "auth_failed");
});

Deno.test("server token: created for a program, alone on stdout; listed without the secret; ended", async () => {
  await using place = await AdminPlace.start();
  const created = await place.run(
    ...["token", "create", "ci", "--scopes", "send:lobby,read", "--label", "build server"],
  );
  assertEquals(created.code, 0, created.err);
  assertMatch(created.out, /^ply_[0-9A-Za-z]{49}\n$/);
  assertMatch(created.err, /^Token \d+ of ci may send:lobby, read; it is shown only now\n$/);
  const token = created.out.trim();
  const welcome = await helloBy(place.server, { method: "token", token });
  assertEquals(welcome.you.name, "ci");
  const more = await place.json("token", "create", "ci", "--scopes", "ask", "--label", "cron");
  assertEquals(more.map(({ type }) => type), ["token"]);
  const tokens = await place.json("token", "list", "ci");
  const [issued] = tokens.filter(({ label }) => label === "build server");
  assertEquals(issued?.scopes, ["send:lobby", "read"]);
  const list = await place.run("token", "list", "ci");
  assertMatch(list.out, /^ID +LABEL +CLIENT +CREATED +USED +UNTIL +SCOPES\n/);
  assertEquals(list.out.includes(token), false);
  assertEquals((await place.run("token", "revoke", `${issued?.token}`)).code, 0);
  assertEquals((await helloBy(place.server, { method: "token", token })).code, "auth_failed");
});

Deno.test("server code and token: what cannot be is refused in one line, with its exit code", async () => {
  await using place = await AdminPlace.start();
  const cases: readonly (readonly [string, number, string])[] = [
    ["code revoke 99", 1, "99"],
    ["code join --rooms nowhere", 1, "nowhere"],
    ["code join --rooms ?1", 64, "A room's name is"],
    ["code join --uses 0", 64, "from 1 on"],
    ["code join --expires never", 64, "like 30m, 12h or 7d"],
    ["code join --role king", 64, "A role is member, operator, admin"],
    ["token list nobody", 1, "nobody"],
    ["token create ci --scopes fly --label x", 64, "Scopes are"],
    ["token create ci --scopes read", 64, "--label"],
    ["token create console --scopes read --label x", 77, "console"],
    ["token revoke 99", 1, "99"],
    ["code reset nobody", 1, "nobody"],
  ];
  await Promise.all(cases.map(async ([args, code, says]) => {
    const finished = await place.run(...args.split(" "));
    assertEquals([finished.code, finished.out], [code, ""], `${args}: ${finished.err}`);
    assertMatch(finished.err, /^parley-server: [^\n]+\n$/, args);
    assertStringIncludes(finished.err, says);
  }));
});
