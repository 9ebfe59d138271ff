// The legacy dialect on a real socket, as the old program speaks it (protocol §9).

import { assert, assertEquals } from "@std/assert";
import { OldProgram } from "../support/clients/old_program.ts";
import type { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";

/** Somebody who hears the lobby. */
async function listener(server: TestServer): Promise<RawClient> {
  const client = await server.connect();
  await client.hello("ann");
  await client.ask({ type: "join", room: "lobby" });
  return client;
}

async function operator(server: TestServer): Promise<RawClient> {
  const client = await server.connect();
  const auth = { method: "token", token: server.adminToken };
  await client.ask({ type: "hello", version: 1, auth });
  return client;
}

Deno.test("protocol 9: the old program: a message goes to the lobby, is stored, heard by the others, and not answered", async () => {
  await using server = await startTestServer();
  const ann = await listener(server);
  using old = await OldProgram.connect(server);
  await old.message("hello from the old program");
  const received = await ann.next();
  assertEquals([received.type, received.from, received.content, received.guest], [
    "message",
    `legacy-${received.user}`,
    "hello from the old program",
    true,
  ]);
  const page = await ann.ask({ type: "history", room: "lobby" });
  assertEquals(page.events.length, 1);
  // Had it been answered, the answer would be read first.
  await old.send("nonsense");
  assertEquals((await old.receive()).code, "bad_json");
});

Deno.test("protocol 9: the old program: an inquiry is answered by an operator, object by object of at most 1,024 bytes", async () => {
  await using server = await startTestServer();
  const op = await operator(server);
  using old = await OldProgram.connect(server);
  await old.inquiry("how do I…?");
  const { user, from } = await op.question();
  assertEquals(from, `legacy-${user}`);
  const long = 'Ünï "quoted" \\ 👩‍👩‍👧 '.repeat(150);
  assertEquals((await op.ask({ type: "respond", inquiry: 1, content: "short" })).type, "ok");
  assertEquals(await old.receive(), { type: "response", content: "short" });
  let last = performance.now();
  await op.ask({ type: "respond", inquiry: 1, content: long });
  let text = "";
  while (text.length < long.length) {
    const part = await old.receive();
    assert(performance.now() - last > 150, "objects come too close together");
    last = performance.now();
    assertEquals(part.type, "response");
    text += part.content;
  }
  assertEquals(text, long);
});

Deno.test("protocol 9: the old program: all its questions are asked in one inquiry, also those of one packet", async () => {
  await using server = await startTestServer();
  const op = await operator(server);
  using old = await OldProgram.connect(server);
  const one = (content: string) => JSON.stringify({ type: "inquiry", content });
  await old.send(one("first") + one("second"));
  await op.question();
  await op.question();
  await old.inquiry("third");
  const { inquiry, content } = await op.question();
  assertEquals([inquiry, content], [1, "third"]);
  const { events } = await op.ask({ type: "history", room: "?1" });
  assertEquals(events.map((event: { content: string }) => event.content), [
    "first",
    "second",
    "third",
  ]);
  await op.ask({ type: "respond", inquiry: 1, content: "answer" });
  assertEquals(await old.receive(), { type: "response", content: "answer" });
});

Deno.test("protocol 9: the old program: requests over the rate are refused as those of others", async () => {
  await using server = await startTestServer({
    limits: { messages_burst: 2, messages_per_s: 0.01 },
  });
  using old = await OldProgram.connect(server);
  for (let n = 0; n < 3; n++) await old.message(`message ${n}`);
  assertEquals((await old.receive()).code, "rate_limited");
});

Deno.test("protocol 9: the old program: several objects in one packet, and one cut at every byte, are all understood", async () => {
  await using server = await startTestServer({ limits: { messages_burst: 1_000 } });
  const ann = await listener(server);
  using many = await OldProgram.connect(server);
  const one = (content: string) => JSON.stringify({ type: "message", content });
  await many.send(one("a") + one('b}{"') + "\n " + one("c"));
  for (const content of ["a", 'b}{"', "c"]) assertEquals((await ann.next()).content, content);

  const bytes = new TextEncoder().encode(one("über } \\ 🙂"));
  for (let cut = 1; cut < bytes.length; cut++) {
    await many.send(bytes.slice(0, cut));
    // The pong proves that the server had time to read the first half by itself.
    await ann.quiet();
    await many.send(bytes.slice(cut));
    assertEquals((await ann.next()).content, "über } \\ 🙂", `cut at ${cut}`);
  }
});

Deno.test("protocol 9: the old program: a malformed object after a good one is answered, and the session goes on", async () => {
  await using server = await startTestServer();
  const ann = await listener(server);
  using old = await OldProgram.connect(server);
  await old.message("good");
  await ann.next();
  const wrong: readonly [string, string][] = [
    ['{"type":"message","content":}', "bad_json"],
    ["garbage that is no object ", "bad_json"],
    ['{"type":"shout","content":"x"}', "unknown_type"],
    ['{"type":"message"}', "bad_field"],
    ['{"type":"message","content":7}', "bad_field"],
    ['{"type":"message","content":""}', "bad_text"],
    ['{"type":"message","content":"\\u0007"}', "bad_text"],
  ];
  for (const [sent, code] of wrong) {
    await old.send(sent);
    const reply = await old.receive();
    assertEquals([reply.type, reply.code, typeof reply.content], ["error", code, "string"], sent);
  }
  await old.message("still here");
  assertEquals((await ann.next()).content, "still here");
});

Deno.test("protocol 9: the old program: an object that never ends is given up after 2 s, answered once, and the session goes on", async () => {
  await using server = await startTestServer();
  const ann = await listener(server);
  using old = await OldProgram.connect(server);
  await old.message("first");
  await ann.next();
  await old.send('{"type":"message","content":"never en');
  assertEquals((await old.receive()).code, "bad_json");
  await old.message("next");
  assertEquals((await ann.next()).content, "next");
});

Deno.test("protocol 9: the old program: a person who waits a minute at the menu is not cut, before the first word or after", async () => {
  let ahead = 0;
  const clock = { now: () => Date.now(), monotonic: () => performance.now() + ahead };
  await using server = await startTestServer({ clock });
  using old = await OldProgram.connect(server);
  const sweep = () => new Promise((resolve) => setTimeout(resolve, 700));
  ahead += 60_000;
  await sweep();
  await old.message("first");
  ahead += 3_600_000;
  await sweep();
  await old.inquiry("second");
  // The listener comes last: an hour of silence would have ended it.
  const op = await operator(server);
  // The old program is sent nothing when its inquiry is stored.
  const { inquiries } = await eventually(
    () => op.ask({ type: "queue" }),
    ({ inquiries }) => inquiries.length > 0,
  );
  assertEquals(inquiries.map((entry: { content: string }) => entry.content), ["second"]);
});

Deno.test("protocol 9: the old program: one that has gone cannot come back, and the operator is told that nobody will read it", async () => {
  await using server = await startTestServer();
  const op = await operator(server);
  {
    using old = await OldProgram.connect(server);
    await old.inquiry("anybody?");
    await op.question();
  }
  let reply = await op.ask({ type: "respond", inquiry: 1, content: "too late" });
  for (let tries = 0; reply.asker_gone === undefined && tries < 50; tries++) {
    reply = await op.ask({ type: "respond", inquiry: 1, content: `too late ${tries}` });
  }
  assertEquals(reply.asker_gone, true);
});

Deno.test("protocol 9: the old program: is told nothing but answers: no ping, no bye, no traffic of rooms", async () => {
  await using server = await startTestServer();
  const ann = await listener(server);
  using old = await OldProgram.connect(server);
  await old.message("hello");
  await ann.next();
  await ann.ask({ type: "message", room: "lobby", content: "traffic" });
  const stopped = server.server.stop("shutdown");
  let end: unknown;
  await old.receive().catch((error) => end = error);
  assert(end instanceof Error && end.message.includes("closed"));
  await stopped;
});

Deno.test("protocol 9: the old program: with the dialect off, the first object is refused and the connection closed", async () => {
  await using server = await startTestServer({ speaksLegacyDialect: false });
  using old = await OldProgram.connect(server);
  await old.message("hello");
  assertEquals((await old.receive()).code, "forbidden");
});

Deno.test("protocol 9: the old program: an answer that is edited or deleted is none to it", async () => {
  await using server = await startTestServer();
  const op = await operator(server);
  using old = await OldProgram.connect(server);
  await old.inquiry("how?");
  await op.question();
  const room = "?1";
  const { seq } = await op.ask({ type: "respond", inquiry: 1, content: "like this" });
  assertEquals(await old.receive(), { type: "response", content: "like this" });
  await op.ask({ type: "edit", room, seq, content: "like that" });
  await op.ask({ type: "delete", room, seq });
  await op.ask({ type: "respond", inquiry: 1, content: "another way" });
  assertEquals(await old.receive(), { type: "response", content: "another way" });
});
