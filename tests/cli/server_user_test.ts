// `user` of the server's program, on a running server, as an administrator runs it.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testMysql } from "../support/stores/mysql.ts";
import { AdminPlace, helloBy } from "../support/processes/server_command.ts";

const PASSWORD = "correct horse";

Deno.test("server user: add prints a code, once, by which its owner chooses a password", async () => {
  await using place = await AdminPlace.start();
  const added = await place.run("user", "add", "ada", "--role", "operator");
  assertEquals(added.code, 0, added.err);
  assertMatch(added.out, /^[0-9A-Z-]{16,19}\n$/);
  assertMatch(added.err, /^Code 1 sets a new password for ada, until /);
  const redeemed = { method: "code", code: added.out.trim(), password: PASSWORD };
  assertEquals((await helloBy(place.server, redeemed)).you.role, "operator");
  const login = { method: "password", name: "ada", password: PASSWORD };
  assertEquals((await helloBy(place.server, login)).you.name, "ada");
  const again = await place.run("user", "add", "Ada");
  assertEquals([again.code, again.out], [1, ""]);
  assertStringIncludes(again.err, "There is an account ada already: its role is operator");
});

Deno.test("server user: list, show, role, suspend and activate, for people and for programs", async () => {
  await using place = await AdminPlace.start();
  const { server, run, json } = place.bound;
  await json("user", "add", "ada", "--role", "operator");
  const [, code] = await json("user", "add", "bob");
  const redeemed = { method: "code", code: code?.code, password: PASSWORD };
  const { token } = await helloBy(server, redeemed);

  const list = await run("user", "list");
  const [head = "", ...rows] = list.out.trimEnd().split("\n");
  assertMatch(head, /^NAME +ROLE +STATE +PASSWORD +CREATED$/);
  assertEquals(rows.map((row) => row.split(/ +/).slice(0, 4).join(" ")), [
    "ada operator active no",
    "admin admin active no",
    "bob member active yes",
    "console operator active no",
  ]);
  const operators = await json("user", "list", "--role", "operator");
  assertEquals(operators.map(({ name }) => name), ["ada", "console"]);

  const shown = await run("user", "show", "bob");
  assertMatch(shown.out, /^name {6}bob\nrole {6}member\n/);
  assertStringIncludes(shown.out, "state     active\npassword  yes\n");
  const objects = await json("user", "show", "bob");
  assertEquals(objects.map(({ type, name }) => [type, name]), [["account", "bob"], [
    "whois",
    "bob",
  ]]);

  assertEquals((await run("user", "role", "bob", "operator")).err, "bob is an operator now\n");
  assertEquals((await helloBy(server, { method: "token", token })).you.role, "operator");
  const suspended = await run("user", "suspend", "bob");
  assertEquals([suspended.code, suspended.out], [0, ""], suspended.err);
  assertEquals((await helloBy(server, { method: "token", token })).type, "error");
  assertEquals((await json("user", "list", "--suspended")).map(({ name }) => name), ["bob"]);
  assertEquals((await run("user", "activate", "bob")).err, "bob may log in again\n");
  const login = { method: "password", name: "bob", password: PASSWORD };
  assertEquals((await helloBy(server, login)).you.name, "bob");
  const reset = await run("user", "password-reset", "bob");
  assertMatch(reset.out, /^[0-9A-Z-]{16,19}\n$/);
});

Deno.test("server user: what cannot be is refused in one line, and changes nothing", async () => {
  await using place = await AdminPlace.start();
  const cases: readonly (readonly [string, number, string])[] = [
    ["user show nobody", 1, "nobody"],
    ["user role nobody operator", 1, "nobody"],
    ["user role admin member", 77, "only administrator"],
    ["user role console member", 77, "the server's own terminal"],
    ["user suspend console", 77, "the server's own terminal"],
    ["user role ada king", 64, "A role is member, operator, admin"],
    ["user suspend nobody", 1, "nobody"],
    ["user password-reset nobody", 1, "nobody"],
    ["user add system", 1, "reserved"],
    ["user add 1", 64, "A name is 2 to 32"],
    ["user", 64, "user needs one of list, show, add"],
  ];
  await Promise.all(cases.map(async ([args, code, says]) => {
    const finished = await place.run(...args.split(" "));
    assertEquals([finished.code, finished.out], [code, ""], `${args}: ${finished.err}`);
    assertMatch(finished.err, /^parley-server: [^\n]+\n$/, args);
    assertStringIncludes(finished.err, says);
  }));
  const names = (await place.json("user", "list")).map(({ name }) => name);
  assertEquals(names, ["admin", "console"]);
});

testMysql(
  "server user: on MySQL the token lies in data, and a killed server is 69",
  async (database) => {
    const { host, port } = database.options;
    await using place = await AdminPlace.start({
      env: { PARLEY_DATABASE: database.url },
      database: `${host}:${port}`,
    });
    const onMysql = (...args: readonly string[]) => place.run(...args, "--database", database.url);
    assertEquals((await onMysql("user", "add", "ada")).code, 0);
    const names = (await onMysql("user", "list")).out.split("\n").map((row) => row.split(" ")[0]);
    assertEquals(names, ["NAME", "ada", "admin", "console", ""]);
    await place.server.kill();
    const { code, out, err } = await onMysql("user", "list");
    assertEquals([code, out], [69, ""]);
    assertStringIncludes(err, "No server listens at ");
  },
);

Deno.test("server user: a reader that closes the pipe is no fault; a disk that is full is 78", async () => {
  await using place = await AdminPlace.start();
  await place.json("user", "add", "ada");
  const first = await place.pipe("user list", "| head -n 1");
  assertMatch(first.out, /^NAME +ROLE[^\n]+\n$/);
  const full = await place.pipe("user list", "> /dev/full");
  assertEquals([full.code, full.err.includes("Cannot write to stdout")], [78, true], full.err);
});

Deno.test("server user: what is too much at once is waited for, and a long list is whole", async () => {
  const limits = ["requests_burst=1", "requests_per_s=20", "page=2"];
  await using place = await AdminPlace.start({
    args: limits.flatMap((limit) => ["--limit", limit]),
  });
  for (const name of ["ada", "bob", "eve"]) await place.json("user", "add", name);
  const accounts = await place.json("user", "list");
  assertEquals(accounts.map(({ name }) => name), ["ada", "admin", "bob", "console", "eve"]);
  const none = await place.run("user", "add", "joe", "--timeout", "1ms");
  assertEquals([none.code, none.out], [124, ""], none.err);
});
