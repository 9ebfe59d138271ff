// `ask` by the real program against the real server.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Home, LineReader, runClient, spawnClient } from "../support/client_process.ts";
import type { RawClient } from "../support/raw_client.ts";
import { Relay } from "../support/relay.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

async function operator(server: TestServer): Promise<RawClient> {
  const client = await server.connect();
  const auth = { method: "token", token: server.adminToken };
  await client.ask({ type: "hello", version: 1, auth });
  return client;
}

Deno.test("client ask: prints the answer and nothing else; --json prints the event", async () => {
  await using server = await startTestServer();
  await using home = await Home.make();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const asked = runClient({ home, args: ["ask", "may I reboot db3?", ...at] });
  const { inquiry, content, from } = await op.until("inquiry");
  assertEquals([content, from], ["may I reboot db3?", "ann"]);
  await op.ask({ type: "respond", inquiry, content: "yes,\nit is drained" });
  assertEquals(await asked, { code: 0, out: "yes,\nit is drained\n", err: "" });
  assertEquals(home.outbox(), []);

  const again = runClient({ home, args: ["ask", "--json", ...at], stdin: "and db4?\n" });
  assertEquals((await op.until("inquiry")).content, "and db4?");
  await op.ask({ type: "respond", inquiry, content: "no" });
  const { code, out } = await again;
  const { type, room, seq, content: answer } = JSON.parse(out);
  assertEquals([code, type, room, seq, answer], [0, "response", "?1", 4, "no"]);
});

Deno.test("client ask: without an answer in time it is 124, and the answer is found later", async () => {
  await using server = await startTestServer();
  await using home = await Home.make();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const { code, out, err } = await runClient({
    home,
    args: ["ask", "hello?", "--timeout", "1", ...at],
  });
  assertEquals([code, out], [124, ""]);
  assertStringIncludes(err, "kept as ?1; look later with history '?1' or tail '?1'");
  await op.ask({ type: "respond", inquiry: 1, content: "here I am" });
  const later = await runClient({ home, args: ["history", "?1", ...at] });
  assertStringIncludes(later.out, "admin: here I am");
  const child = spawnClient({ home, args: ["tail", "?1", "--history", "1", ...at] });
  const lines = new LineReader(child.stdout);
  assertStringIncludes(await lines.next() ?? "", "admin: here I am");
  await op.ask({ type: "respond", inquiry: 1, content: "still here" });
  assertStringIncludes(await lines.next() ?? "", "admin: still here");
  child.kill("SIGTERM");
  await child.status;
  await Promise.all([lines.close(), child.stderr.cancel()]);
});

Deno.test("client ask: an answer given while the connection was cut is printed once", async () => {
  await using server = await startTestServer();
  await using relay = new Relay(server.port);
  await using home = await Home.make();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${relay.port}`, "--name", "ann"];
  const asked = runClient({ home, args: ["ask", "hello?", ...at] });
  await op.until("inquiry");
  relay.target = undefined;
  relay.cut();
  await op.ask({ type: "respond", inquiry: 1, content: "first" });
  await op.ask({ type: "respond", inquiry: 1, content: "second" });
  relay.target = server.port;
  const { code, out, err } = await asked;
  assertEquals([code, out], [0, "first\n"]);
  assertStringIncludes(err, "trying again");
});

Deno.test("client ask: a restart of the server while it waits loses nothing", async () => {
  const directory = await Deno.makeTempDir({ prefix: "parley-restart-" });
  await using home = await Home.make();
  await using relay = new Relay();
  const at = ["--server", `127.0.0.1:${relay.port}`, "--name", "ann"];
  const asked = await (async () => {
    await using server = await startTestServer({ directory });
    relay.target = server.port;
    const op = await operator(server);
    const running = runClient({ home, args: ["ask", "hello?", ...at] });
    await op.until("inquiry");
    relay.target = undefined;
    return { running };
  })();
  {
    await using server = await startTestServer({ directory });
    const op = await operator(server);
    assertEquals((await op.ask({ type: "queue" })).inquiries.length, 1);
    await op.ask({ type: "respond", inquiry: 1, content: "here I am" });
    relay.target = server.port;
    const { code, out, err } = await asked.running;
    assertEquals([code, out], [0, "here I am\n"]);
    assertStringIncludes(err, "trying again");
    assertEquals((await op.ask({ type: "history", room: "?1" })).events.length, 2);
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("client ask: two asks of one guest wait in one inquiry, each for what follows it", async () => {
  await using server = await startTestServer();
  await using home = await Home.make();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const first = runClient({ home, args: ["ask", "one?", "--json", ...at] });
  const one = await op.until("inquiry");
  const second = runClient({ home, args: ["ask", "two?", "--json", ...at] });
  const two = await op.until("inquiry");
  assertEquals([one.inquiry, two.inquiry, one.user], [1, 1, two.user]);
  await op.ask({ type: "respond", inquiry: 1, content: "yes to both" });
  for (const { code, out } of [await first, await second]) {
    const { seq, content } = JSON.parse(out);
    assertEquals([code, seq, content], [0, 3, "yes to both"]);
  }
});

Deno.test("client ask: Ctrl-C is 130, and the question stays asked", async () => {
  await using server = await startTestServer();
  await using home = await Home.make();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const child = spawnClient({ home, args: ["ask", "hello?", ...at] });
  await op.until("inquiry");
  child.kill("SIGINT");
  const [{ code }, err] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await child.stdout.cancel();
  assertEquals(code, 130);
  assertStringIncludes(err, "Interrupted");
  assertEquals((await op.ask({ type: "queue" })).inquiries.length, 1);
});

Deno.test("client ask: what the server refuses is 1, in one line, and nothing is kept", async () => {
  await using server = await startTestServer({ limits: { content_lines: 1 } });
  await using home = await Home.make();
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const { code, out, err } = await runClient({ home, args: ["ask", "two\nlines", ...at] });
  assertEquals([code, out, home.outbox()], [1, "", []]);
  assert(/^! .+ \(too_long\)\n$/.test(err), err);
});

Deno.test("client ask: killed while it waits, it has asked; the answer is in the history", async () => {
  await using server = await startTestServer();
  await using home = await Home.make();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const child = spawnClient({ home, args: ["ask", "hello?", ...at] });
  await op.until("inquiry");
  child.kill("SIGKILL");
  await Promise.all([child.status, child.stdout.cancel(), child.stderr.cancel()]);
  await op.ask({ type: "respond", inquiry: 1, content: "here I am" });
  const later = await runClient({ home, args: ["history", "?1", ...at] });
  assertStringIncludes(later.out, "admin: here I am");
});

Deno.test("client ask: a question whose ok was lost is kept, and the next run settles it, once", async () => {
  await using server = await startTestServer();
  await using home = await Home.make();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const welcome = await runClient({ home, args: ["send", "lobby", "hello", "--json", ...at] });
  assertEquals(welcome.code, 0);
  // As a run leaves it that was killed between the question and its ok.
  const { epoch, user } = await identityOf(server);
  const cid = "01KEPT";
  const entry = {
    cid,
    server: `127.0.0.1:${server.port}`,
    epoch,
    user,
    name: "ann",
    room: "the desk",
    kind: "inquiry",
    content: "kept?",
    time: 1,
  };
  const folder = encodeURIComponent(entry.server);
  await home.write(`.local/state/parley/outbox/${folder}/${cid}.json`, JSON.stringify(entry));
  const { code, err } = await runClient({ home, args: ["send", "lobby", "again", ...at] });
  assertEquals(code, 0);
  assertStringIncludes(err, "your question of");
  assertStringIncludes(err, "is stored as ?1");
  assertEquals((await op.ask({ type: "queue" })).inquiries.length, 1);
  assertEquals(home.outbox(), []);
});

/** Who the client's guest is, and the store's epoch. */
async function identityOf(server: TestServer): Promise<{ epoch: string; user: number }> {
  const reader = await server.connect();
  const { epoch } = await reader.hello("reader");
  const page = await reader.ask({ type: "history", room: "lobby" });
  return { epoch, user: page.events[0].user };
}

Deno.test("client ask: what no server takes, or none hears, is said in one line", async () => {
  await using server = await startTestServer();
  await using home = await Home.make();
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann", "--timeout", "1"];
  assertEquals((await runClient({ home, args: ["ask", "", ...at] })).code, 64);
  assertEquals((await runClient({ home, args: ["ask", "one", ...at] })).code, 124);
  const nobody = await runClient({ home, args: ["ask", "x", "--server", "127.0.0.1:1"] });
  assertEquals(nobody.code, 69);
});
