// `send` by the real program against the real server.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { files, Home, runClient } from "../support/processes/client_process.ts";
import { FakeListener } from "../support/clients/fake_listener.ts";
import { Relay } from "../support/clients/relay.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let readers = 0;

/** Everything said in the lobby. */
async function printed(server: TestServer): Promise<readonly Record<string, unknown>[]> {
  const reader = await server.connect();
  await reader.hello(`reader${++readers}`); // A name stays its first guest's.
  const page = await reader.ask({ type: "history", room: "lobby", limit: 100 });
  reader.close();
  return page.events;
}

Deno.test("client send: the text, or all of stdin, is one message", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`];
  const runs = [
    { args: ["send", "lobby", "an argument"] },
    { args: ["send", "#lobby"], stdin: "one\r\ntwo\n\nthree\n" },
    { args: ["send", "lobby", "--", "--json"] },
  ];
  for (const { args, stdin } of runs) {
    const piped = stdin === undefined ? {} : { stdin };
    const ordered = args.includes("--") ? [...at, ...args] : [...args, ...at];
    assertEquals((await runClient({ home, args: ordered, ...piped })).code, 0);
  }
  const texts = (await printed(server)).map(({ content }) => content);
  assertEquals(texts, ["an argument", "one\ntwo\n\nthree", "--json"]);
});

Deno.test("client send: --json prints the ok, whose seq is the message's", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const args = ["send", "lobby", "hello", "--json", "--server", `127.0.0.1:${server.port}`];
  const { out } = await runClient({ home, args });
  const { re: _, time: __, ...ok } = JSON.parse(out);
  assertEquals(ok, { type: "ok", room: "lobby", seq: 1 });
});

Deno.test("client send: a guest stays the same user, one for each name", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`];
  for (const name of [[], ["--name", "ada"], [], ["--name", "bob"], ["--name", "ada"]]) {
    await runClient({ home, args: ["send", "lobby", "hello", ...name, ...at] });
  }
  const users = (await printed(server)).map(({ user, from }) => [user, from]);
  const [created, ada, again, bob, adaAgain] = users;
  assertEquals([again, adaAgain], [created, ada]);
  assertEquals(new Set([created, ada, bob].map(String)).size, 3);
  assertStringIncludes(String(created?.[1]), "guest-");
});

Deno.test("client send: many at once are all stored, as one user", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`];
  const runs = Array.from({ length: 6 }, (_, i) => {
    return runClient({ home, args: ["send", "lobby", `message ${i}`, ...at] });
  });
  for (const { code, err } of await Promise.all(runs)) assertEquals([code, err], [0, ""]);
  const events = await printed(server);
  assertEquals(new Set(events.map(({ content }) => content)).size, 6);
  assertEquals(new Set(events.map(({ user }) => user)).size, 1);
});

Deno.test("client send: a message left by a crash is stored once, by the next run", async () => {
  await using server = await startTestServer();
  await using relay = new Relay({ target: server.port });
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${relay.port}`, "--name", "ada"];
  assertEquals((await runClient({ home, args: ["send", "lobby", "zero", ...at] })).code, 0);
  const [owner] = await printed(server);
  const epoch = await epochOf(server);

  // As a killed run leaves it: kept, and perhaps stored, but not acknowledged.
  const entry = {
    cid: "01JDW00000000000000000000A",
    server: `127.0.0.1:${relay.port}`,
    epoch,
    user: owner?.user,
    name: "ada",
    room: "lobby",
    content: "first",
    time: 1,
  };
  const directory = `.local/state/parley/outbox/${encodeURIComponent(entry.server)}`;
  await home.write(`${directory}/${entry.cid}.json`, JSON.stringify(entry));
  for (const text of ["second", "third"]) {
    const { code, err } = await runClient({ home, args: ["send", "lobby", text, ...at] });
    assertEquals(code, 0);
    assertEquals(err !== "", text === "second", err);
  }
  const texts = (await printed(server)).map(({ content }) => content);
  assertEquals(texts, ["zero", "first", "second", "third"]);
  assertEquals(home.outbox(), []);
});

async function epochOf(server: TestServer): Promise<string> {
  const client = await server.connect();
  const { epoch } = await client.hello("asker");
  client.close();
  return epoch;
}

Deno.test("client send: a closed or empty stdin does not hang", async () => {
  await using home = await Home.create();
  const empty = await runClient({ home, args: ["send", "ops"], stdin: "" });
  assertEquals(empty.code, 64);
  const closed = await runClient({ home, args: ["send", "ops"] });
  assertEquals(closed.code, 64);
});

Deno.test("client send: a hostile server's text does nothing to the terminal", async () => {
  await using home = await Home.create();
  using listener = new FakeListener();
  const playing = listener.accept().then(async (peer) => {
    const message = "\x1b]52;c;cm0=\x07\x9b2J\u202e\n── all is well";
    await peer.answer("hello", { type: "error", code: "banned", message });
    await peer.find();
  });
  const args = ["send", "ops", "hello", "--server", listener.address];
  const { code, err } = await runClient({ home, args });
  assertEquals(code, 77);
  assertEquals(err, "! ␛]52;c;cm0=␇\ufffd2J\ufffd␊── all is well\n");
  await playing;
});

Deno.test("client send: no other user can read its files", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`];
  await runClient({ home, args: ["send", "lobby", "hello", ...at] });
  await runClient({ home, args: ["send", "lobby", ...at], stdin: Uint8Array.of(0xff) });
  const left = files(home.path);
  assertEquals(left.length, 4, left.join("\n"));
  for (const path of left) {
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600, path);
    const directory = path.slice(0, path.lastIndexOf("/"));
    assertEquals(((await Deno.stat(directory)).mode ?? 0) & 0o777, 0o700, directory);
  }
});
