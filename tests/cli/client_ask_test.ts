// `ask` by the real program against the real server.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  Home,
  LineReader,
  runClient,
  SOON,
  spawnClient,
} from "../support/processes/client_process.ts";
import type { RawClient } from "../support/clients/raw_client.ts";
import { Relay } from "../support/clients/relay.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

async function operator(server: TestServer): Promise<RawClient> {
  const client = await server.connect();
  const auth = { method: "token", token: server.adminToken };
  await client.ask({ type: "hello", version: 1, auth });
  return client;
}

Deno.test("client ask: prints the answer and nothing else; --json prints the event", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const asked = runClient({ home, args: ["ask", "may I reboot db3?", ...at] });
  const { inquiry, content, from } = await op.question();
  assertEquals([content, from], ["may I reboot db3?", "ann"]);
  await op.ask({ type: "respond", inquiry, content: "yes,\nit is drained" });
  assertEquals(await asked, { code: 0, out: "yes,\nit is drained\n", err: "" });
  assertEquals(home.outbox(), []);

  const again = runClient({ home, args: ["ask", "--json", ...at], stdin: "and db4?\n" });
  const next = await op.question();
  assertEquals(next.content, "and db4?");
  await op.ask({ type: "respond", inquiry: next.inquiry, content: "no" });
  const { code, out } = await again;
  const { type, room, seq, content: answer } = JSON.parse(out);
  assertEquals([code, type, room, seq, answer], [0, "response", "?2", 2, "no"]);
});

Deno.test("client ask: without an answer in time it is 124, and the answer is found later", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const { code, out, err } = await runClient({
    home,
    args: ["ask", "hello?", "--timeout", SOON, ...at],
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
  await using relay = new Relay({ target: server.port });
  await using home = await Home.create();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${relay.port}`, "--name", "ann"];
  const asked = runClient({ home, args: ["ask", "hello?", ...at] });
  await op.question();
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
  await using home = await Home.create();
  await using relay = new Relay();
  const at = ["--server", `127.0.0.1:${relay.port}`, "--name", "ann"];
  const asked = await (async () => {
    await using server = await startTestServer({ directory });
    relay.target = server.port;
    const op = await operator(server);
    const running = runClient({ home, args: ["ask", "hello?", ...at] });
    await op.question();
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

Deno.test("client ask: each of three asks of one name gets its own answer, whichever is given first", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const questions = ["may I drop the table?", "may I print the date?", "may I go home?"];
  const asked = questions.map((text) => runClient({ home, args: ["ask", text, ...at] }));
  const inquiries = new Map<string, number>();
  while (inquiries.size < questions.length) {
    const { inquiry, content } = await op.question();
    inquiries.set(content, inquiry);
  }
  assertEquals(new Set(inquiries.values()).size, questions.length);
  for (const n of [1, 2, 0]) {
    const [question = "", answer] = [questions[n], `answer ${n}`];
    await op.ask({ type: "respond", inquiry: inquiries.get(question), content: answer });
    assertEquals((await asked[n])?.out, `answer ${n}\n`);
  }
  assertEquals((await Promise.all(asked)).map(({ code }) => code), [0, 0, 0]);
});

Deno.test("client ask: an answer to another question of its inquiry is not taken for its own", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const asked = runClient({ home, args: ["ask", "--json", "may I drop the table?", ...at] });
  await op.question();
  const printed = await runClient({ home, args: ["send", "?1", "may I print the date?", ...at] });
  assertEquals(printed.code, 0);
  await op.ask({ type: "respond", inquiry: 1, content: "yes, print it" });
  await op.ask({ type: "respond", inquiry: 1, to: 1, content: "no, keep it" });
  const { code, out } = await asked;
  const { seq, to, content } = JSON.parse(out);
  assertEquals([code, seq, to, content], [0, 4, 1, "no, keep it"]);
});

Deno.test("client ask: the fourth open question of a guest is 77 with the reason, and not kept", async () => {
  await using server = await startTestServer({ limits: { inquiries_open_guest: 1 } });
  await using home = await Home.create();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const first = runClient({ home, args: ["ask", "one?", ...at] });
  await op.question();
  const { code, out, err } = await runClient({ home, args: ["ask", "two?", ...at] });
  assertEquals([code, out], [77, ""]);
  assertStringIncludes(err, "At most 1 inquiry of yours may wait for an answer");
  await op.ask({ type: "respond", inquiry: 1, content: "yes" });
  assertEquals((await first).out, "yes\n");
  assertEquals(home.outbox(), []);
});

Deno.test("client ask: asked again under its cid, a question that was stored gets the answer given meanwhile", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  await using relay = new Relay({ target: server.port });
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${relay.port}`, "--name", "ann"];
  const asked = runClient({ home, args: ["ask", "one?", ...at] });
  await op.question();
  // The connection goes with the `ok`, or behind it: either way the answer is not heard live.
  relay.target = undefined;
  relay.cut();
  await op.ask({ type: "respond", inquiry: 1, content: "mine" });
  relay.target = server.port;
  assertEquals((await asked).out, "mine\n");
  assertEquals((await op.ask({ type: "history", room: "?1" })).events.length, 2);
});

Deno.test("client ask: Ctrl-C is 130, and the question stays asked", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const child = spawnClient({ home, args: ["ask", "hello?", ...at] });
  await op.question();
  child.kill("SIGINT");
  const [{ code }, err] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await child.stdout.cancel();
  assertEquals(code, 130);
  assertStringIncludes(err, "Interrupted");
  assertEquals((await op.ask({ type: "queue" })).inquiries.length, 1);
});

Deno.test("client ask: what the server refuses is 1, in one line, and nothing is kept", async () => {
  await using server = await startTestServer({ limits: { content_lines: 1 } });
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const { code, out, err } = await runClient({ home, args: ["ask", "two\nlines", ...at] });
  assertEquals([code, out, home.outbox()], [1, "", []]);
  assert(/^! .+ line.+\n$/.test(err), err);
});

Deno.test("client ask: killed while it waits, it has asked; the answer is in the history", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const op = await operator(server);
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann"];
  const child = spawnClient({ home, args: ["ask", "hello?", ...at] });
  await op.question();
  child.kill("SIGKILL");
  await Promise.all([child.status, child.stdout.cancel(), child.stderr.cancel()]);
  await op.ask({ type: "respond", inquiry: 1, content: "here I am" });
  const later = await runClient({ home, args: ["history", "?1", ...at] });
  assertStringIncludes(later.out, "admin: here I am");
});

Deno.test("client ask: a question whose ok was lost is kept, and the next run asks it, once", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
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

Deno.test("client ask: a text that no server takes, or a server out of reach, is one line", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ann", "--timeout", "1"];
  assertEquals((await runClient({ home, args: ["ask", "", ...at] })).code, 64);
  assertEquals((await runClient({ home, args: ["ask", "one", ...at] })).code, 124);
  const nobody = await runClient({ home, args: ["ask", "x", "--server", "127.0.0.1:1"] });
  assertEquals(nobody.code, 69);
});
