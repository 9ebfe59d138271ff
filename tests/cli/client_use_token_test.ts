// `use-token` by the real program against the real server.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Finished, Home, runClient } from "../support/processes/client_process.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const TOKENS = ".config/parley/tokens";

interface Run {
  readonly home: Home;
  readonly server: Pick<TestServer, "port">;
}

function useToken(
  { home, server }: Run,
  stdin: string | undefined,
  more: readonly string[] = [],
): Promise<Finished> {
  const args = ["use-token", "--server", `127.0.0.1:${server.port}`, ...more];
  return runClient({ home, args, ...(stdin === undefined ? {} : { stdin }) });
}

/** The role and name of the user that the next run is. */
async function nextUser({ home, server }: Run): Promise<string> {
  const at = ["--server", `127.0.0.1:${server.port}`];
  const { code, err } = await runClient({ home, args: ["send", "lobby", "hello", ...at] });
  assertEquals([code, err], [0, ""]);
  const { rows } = await lastSender(server as TestServer);
  return rows;
}

async function lastSender(server: TestServer): Promise<{ rows: string }> {
  using reader = await server.connect();
  await reader.ask({
    type: "hello",
    version: 1,
    auth: { method: "token", token: server.adminToken },
  });
  const page = await reader.ask({ type: "history", room: "lobby", limit: 1 });
  return { rows: page.events[0].from };
}

Deno.test("client use-token: an accepted token is kept for its owner alone, and used from then on", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const run = { home, server };
  const { code, out, err } = await useToken(run, `${server.adminToken}\n`);
  assertEquals([code, out], [0, ""]);
  assertStringIncludes(err, `You are admin (admin) on 127.0.0.1:${server.port} from now on`);
  const file = `${home.path}/${TOKENS}/127.0.0.1%3A${server.port}/admin.json`;
  assertEquals((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
  assertEquals(JSON.parse(Deno.readTextFileSync(file)).token, server.adminToken);
  assertEquals(await nextUser(run), "admin");
});

Deno.test("client use-token: what is no token, or not accepted, replaces nothing", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const run = { home, server };
  assertEquals((await useToken(run, server.adminToken)).code, 0);
  const refused = [
    { stdin: "", code: 64, says: "No token was given" },
    { stdin: undefined, code: 64, says: "No token was given" },
    { stdin: " \n\n", code: 64, says: "No token was given" },
    { stdin: `${server.adminToken}\n${server.adminToken}\n`, code: 64, says: "several lines" },
    { stdin: "two words\n", code: 64, says: "one line without blanks" },
    { stdin: "a".repeat(43), code: 77, says: "token" },
    { stdin: server.adminToken, more: ["--name", "bob"], code: 64, says: "admin's, not bob's" },
  ];
  for (const { stdin, code, says, more } of refused) {
    const finished = await useToken(run, stdin, more);
    assertEquals([finished.code, finished.out], [code, ""], finished.err);
    assertStringIncludes(finished.err, says);
    assertEquals(finished.err.includes(server.adminToken), false, "the token is not shown");
  }
  assertEquals(await nextUser(run), "admin");
});

Deno.test("client use-token: a name in the environment stays in use, and that is explained", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const args = ["use-token", "--server", `127.0.0.1:${server.port}`];
  const env = { PARLEY_NAME: "ada" };
  const { code, err } = await runClient({ home, args, env, stdin: server.adminToken });
  assertEquals(code, 0);
  assertStringIncludes(err, "says ada: --name admin is needed");
});

Deno.test("client use-token: a name that a file has for the server gives way, without a word", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const address = `127.0.0.1:${server.port}`;
  for (const servers of [{}, { chat: { address, name: "ada" } }]) {
    await home.write(".config/parley/client.json", JSON.stringify({ name: "ada", servers }));
    const args = ["use-token", "--server", address];
    const { code, err } = await runClient({ home, args, stdin: server.adminToken });
    assertEquals([code, /\bada\b/.test(err)], [0, false], err);
    const sent = await runClient({ home, args: ["send", "lobby", "hi", "--server", address] });
    assertEquals(sent.code, 0, sent.err);
  }
  const { out } = await runClient({ home, args: ["history", "lobby", "--server", address] });
  assertEquals(out.match(/ admin: hi\n/g)?.length, 2, out);
});

Deno.test("client use-token: a server out of reach is 69, and the token is not kept", async () => {
  await using home = await Home.create();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { code, err } = await useToken({ home, server: { port } }, "a".repeat(43));
  assertEquals(code, 69, err);
});

Deno.test({
  name: "client use-token: in a terminal it asks, and the token is never on the screen",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    await using home = await Home.create();
    const args = ["use-token", "--server", `127.0.0.1:${server.port}`];
    await using terminal = Terminal.start({ home, args });
    await terminal.untilSeen("Token:");
    await terminal.type(server.adminToken, KEYS.enter);
    await terminal.untilSeen("You are admin (admin)");
    assertEquals(await terminal.code(), 0);
    assertEquals(terminal.raw.includes(server.adminToken.slice(0, 8)), false);
    assertEquals(terminal.isCooked, true);
  },
});

Deno.test({
  name: "client use-token: Ctrl-C, Ctrl-D and a signal leave the terminal as it was",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    await using home = await Home.create();
    const args = ["use-token", "--server", `127.0.0.1:${server.port}`];
    const ways = [
      { leave: (t: Terminal) => t.type("secret", KEYS.interrupt), code: 130 },
      { leave: (t: Terminal) => t.type(KEYS.end), code: 64 },
      { leave: (t: Terminal) => Promise.resolve(Deno.kill(t.pid, "SIGTERM")), code: 143 },
    ];
    for (const { leave, code } of ways) {
      await using terminal = Terminal.start({ home, args });
      await terminal.untilSeen("Token:");
      await leave(terminal);
      assertEquals(await terminal.code(), code);
      assertEquals(terminal.isCooked, true, `${code}`);
      assertEquals(terminal.raw.includes("secret"), false);
    }
  },
});
