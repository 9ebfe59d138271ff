// Protocol 10: the inquiry desk.

import { assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

async function operator(server: TestServer): Promise<RawClient> {
  const client = await server.connect();
  const auth = { method: "token", token: server.adminToken };
  assertEquals((await client.ask({ type: "hello", version: 1, auth })).you.role, "admin");
  return client;
}

async function guest(server: TestServer, name: string): Promise<RawClient> {
  const client = await server.connect();
  await client.hello(name);
  return client;
}

function ask(client: RawClient, content: string, cid?: string): Promise<Frame> {
  return client.ask({ type: "inquiry", content, cid });
}

Deno.test("protocol 10.1: an inquiry is stored, queued, told to operators, and answered to its asker", async () => {
  await using server = await startTestServer();
  const [op, ann] = [await operator(server), await guest(server, "ann")];
  const asked = await ask(ann, "may I reboot db3?", "q1");
  const { room, seq, inquiry, position } = asked;
  assertEquals({ room, seq, inquiry, position }, { room: "?1", seq: 1, inquiry: 1, position: 1 });
  assertEquals((await ann.next()).content, "may I reboot db3?");

  const reported = await op.question();
  assertEquals([reported.inquiry, reported.from, reported.content, reported.re], [
    1,
    "ann",
    "may I reboot db3?",
    undefined,
  ]);
  const { inquiries } = await op.ask({ type: "queue" });
  assertEquals(inquiries.map((entry: Frame) => [entry.inquiry, entry.from, entry.state]), [
    [1, "ann", "open"],
  ]);

  const answered = await op.ask({ type: "respond", inquiry: 1, content: "go ahead", cid: "a1" });
  assertEquals([answered.type, answered.room, answered.seq, answered.asker_gone], [
    "ok",
    "?1",
    2,
    undefined,
  ]);
  const answer = await ann.until("response");
  assertEquals([answer.seq, answer.from, answer.content], [2, "admin", "go ahead"]);
  assertEquals((await op.ask({ type: "queue" })).inquiries, []);
  assertEquals(
    (await op.ask({ type: "respond", inquiry: 1, content: "go ahead", cid: "a1" })).dup,
    true,
  );
});

Deno.test("protocol 10.2: an answer waits for an asker who has gone, and comes by resume or history", async () => {
  await using server = await startTestServer();
  const op = await operator(server);
  const ann = await server.connect();
  const { token, epoch } = await ann.hello("ann");
  await ask(ann, "anybody?");
  ann.close();
  await op.question();
  await op.ask({ type: "respond", inquiry: 1, content: "yes" });
  const again = await server.connect();
  const welcome = await again.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  assertEquals(welcome.rooms.map((entry: Frame) => [entry.room, entry.unread]), [["?1", 1]]);
  await again.send({ type: "resume", id: 1, epoch, rooms: [{ room: "?1", seq: 1 }] });
  assertEquals((await again.next()).rooms[0].missed, 1);
  assertEquals((await again.next()).content, "yes");
});

Deno.test("protocol 10.1: every inquiry is one of its own, also of one guest, at once or on two connections", async () => {
  await using server = await startTestServer();
  const [op, ann] = [await operator(server), await server.connect()];
  const { token } = await ann.hello("ann");
  const other = await server.connect();
  await other.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  const both = await Promise.all([ask(ann, "one", "a"), ask(other, "two", "b")]);
  assertEquals(both.map(({ inquiry }) => inquiry).toSorted(), [1, 2]);
  assertEquals((await ask(ann, "two", "b")).dup, true);
  await op.ask({ type: "respond", inquiry: 1, content: "answered" });
  // Asked again it waits again, behind the one that has waited meanwhile.
  assertEquals((await ann.ask({ type: "message", room: "?1", content: "and now?" })).type, "ok");
  const { inquiries } = await op.ask({ type: "queue" });
  assertEquals(
    inquiries.map((entry: Frame) => [entry.inquiry, entry.state, entry.seq, entry.last]),
    [[2, "open", 1, 1], [1, "claimed", 3, 3]],
  );
});

Deno.test("protocol 10.1: of a guest 3 inquiries may be open, an answer makes room for the next", async () => {
  await using server = await startTestServer({ limits: { inquiries_burst: 100 } });
  const [op, ann] = [await operator(server), await guest(server, "ann")];
  for (const n of [1, 2, 3]) assertEquals((await ask(ann, `${n}?`, `c${n}`)).inquiry, n);
  const refused = await ask(ann, "4?", "c4");
  assertEquals([refused.code, refused.message.includes("At most 3 inquiries")], [
    "forbidden",
    true,
  ]);
  // What is open already is not one too many: neither sent again, nor said more in.
  assertEquals((await ask(ann, "2?", "c2")).dup, true);
  assertEquals((await ann.ask({ type: "message", room: "?2", content: "hm?" })).type, "ok");
  assertEquals((await ask(await guest(server, "bob"), "mine?")).inquiry, 4);
  await op.ask({ type: "respond", inquiry: 1, content: "yes" });
  assertEquals((await ask(ann, "4?", "c4")).inquiry, 5);
  assertEquals((await ask(ann, "5?")).code, "forbidden");
});

Deno.test("protocol 10.1: the limit of open inquiries holds for questions asked at once, and 20 for an account", async () => {
  await using server = await startTestServer({
    limits: { inquiries_burst: 100, inquiries_open: 4 },
  });
  const ann = await server.connect();
  const { token } = await ann.hello("ann");
  const askers = [ann];
  for (let n = 1; n < 6; n++) {
    const other = await server.connect();
    await other.ask({ type: "hello", version: 1, auth: { method: "token", token } });
    askers.push(other);
  }
  const asked = await Promise.all(askers.map((asker, n) => ask(asker, `${n}?`)));
  assertEquals(asked.map(({ type }) => type).toSorted(), [
    ...Array(3).fill("error"),
    ...Array(3).fill("ok"),
  ]);
  const op = await operator(server);
  const kinds = [];
  for (let n = 0; n < 5; n++) kinds.push((await ask(op, `${n}?`)).type);
  assertEquals(kinds, ["ok", "ok", "ok", "ok", "error"]);
});

Deno.test("protocol 10.4: an answer says to which question it is, live, in pages and in replays", async () => {
  await using server = await startTestServer();
  const [op, ann] = [await operator(server), await server.connect()];
  const { epoch } = await ann.hello("ann");
  await ask(ann, "one?");
  await ann.ask({ type: "message", room: "?1", content: "two?" });
  const respond = (content: string, to?: number) =>
    op.ask({ type: "respond", inquiry: 1, content, to });
  const waits = async () => (await op.ask({ type: "queue" })).inquiries.length;
  await respond("to the first", 1);
  assertEquals(await waits(), 1);
  await respond("to the latest");
  assertEquals(await waits(), 0);
  const tos = [[3, 1], [4, 2]];
  const seen = (events: readonly Frame[]) =>
    events.filter(({ type }) => type === "response").map(({ seq, to }) => [seq, to]);
  assertEquals(seen([await ann.until("response"), await ann.until("response")]), tos);
  assertEquals(seen((await ann.ask({ type: "history", room: "?1" })).events), tos);
  await ann.send({ type: "resume", id: 1, epoch, rooms: [{ room: "?1", seq: 2 }] });
  assertEquals(seen([await ann.until("response"), await ann.until("response")]), tos);

  // Neither an answer nor what is not there is a question, and a question of another inquiry is none.
  await ask(ann, "elsewhere?");
  for (const to of [3, 9]) {
    const { code, field } = await respond("?", to);
    assertEquals([code, field], ["bad_field", "to"]);
  }
  for (const to of [0, "1", 1.5, null]) {
    const refused = await op.ask({ type: "respond", inquiry: 1, content: "?", to });
    assertEquals([refused.code, refused.field], ["bad_field", "to"], JSON.stringify(to));
  }
});

Deno.test("protocol 10.4: an answer sent again is stored once, whatever was asked meanwhile", async () => {
  await using server = await startTestServer();
  const [op, ann] = [await operator(server), await guest(server, "ann")];
  await ask(ann, "one?");
  const answer = { type: "respond", inquiry: 1, content: "yes", cid: "a" };
  assertEquals((await op.ask(answer)).seq, 2);
  await ann.ask({ type: "message", room: "?1", content: "two?" });
  const again = await op.ask(answer);
  assertEquals([again.seq, again.dup], [2, true]);
  assertEquals((await op.ask({ ...answer, to: 1 })).dup, true);
  assertEquals((await op.ask({ ...answer, to: 3 })).code, "cid_conflict");
  assertEquals((await op.ask({ type: "queue" })).inquiries.length, 1);
});

Deno.test("protocol 10: nobody but the asker and operators can see, read, hear or write an inquiry", async () => {
  await using server = await startTestServer();
  const [op, ann, eve] = [
    await operator(server),
    await guest(server, "ann"),
    await guest(server, "eve"),
  ];
  await ask(ann, "CANARY");
  const missing = await eve.ask({ type: "join", room: "?9" });
  for (
    const request of [
      { type: "join", room: "?1" },
      { type: "join", room: "?1", create: true },
      { type: "history", room: "?1" },
      { type: "members", room: "?1" },
      { type: "leave", room: "?1" },
      { type: "read", room: "?1", seq: 1 },
      { type: "message", room: "?1", content: "x" },
    ]
  ) {
    const refused = await eve.ask(request);
    assertEquals([refused.code, refused.message], [
      "no_such_inquiry",
      missing.message.replace("?9", "?1"),
    ], request.type);
  }
  const resumed = await eve.ask({ type: "resume", rooms: [{ room: "?1", seq: 0 }] });
  assertEquals(resumed.rooms, [{ room: "?1", error: "no_such_inquiry" }]);
  assertEquals((await eve.ask({ type: "rooms" })).rooms.length, 1);
  assertEquals((await eve.ask({ type: "queue" })).code, "forbidden");
  const respond = { type: "respond", inquiry: 1, content: "x" };
  assertEquals((await eve.ask(respond)).code, "no_such_inquiry");
  await op.ask({ type: "respond", inquiry: 1, content: "CANARY too" });
  await eve.quiet();
  assertEquals(eve.raw.includes("CANARY"), false);
});

Deno.test("protocol 10.4: an operator reads an inquiry's history, and answers only by respond", async () => {
  await using server = await startTestServer();
  const [op, ann] = [await operator(server), await guest(server, "ann")];
  await ask(ann, "one");
  const page = await op.ask({ type: "history", room: "?1" });
  assertEquals(page.events.map((event: Frame) => event.content), ["one"]);
  const refused = await op.ask({ type: "message", room: "?1", content: "two" });
  assertEquals([refused.code, refused.field], ["bad_field", "room"]);
  assertEquals(
    (await op.ask({ type: "respond", inquiry: 7, content: "x" })).code,
    "no_such_inquiry",
  );
});

Deno.test("protocol 10.1: inquiries over the rate are refused, and say when to try again", async () => {
  await using server = await startTestServer({ limits: { inquiries_burst: 1 } });
  const ann = await guest(server, "ann");
  assertEquals((await ask(ann, "one")).type, "ok");
  const refused = await ask(ann, "two");
  assertEquals([refused.code, refused.retry, refused.after_ms > 0], ["rate_limited", true, true]);
});

Deno.test("protocol 10.3: the queue holds what waits, the longest waiting first, a page of it", async () => {
  await using server = await startTestServer();
  const op = await operator(server);
  const askers = [];
  for (const name of ["ann", "bob", "carl"]) askers.push(await guest(server, name));
  for (const asker of askers) await ask(asker, "x".repeat(1_500));
  const { inquiries: [first, ...others], more } = await op.ask({ type: "queue", limit: 2 });
  assertEquals([first.inquiry, others.length, more], [1, 1, true]);
  assertEquals(Object.keys(first).toSorted(), [
    "content",
    "from",
    "guest",
    "inquiry",
    "last",
    "room",
    "seq",
    "since",
    "state",
    "user",
  ]);
  assertEquals(first.content.length, 1_000);
  for (const limit of [0, 1.5, "1"]) {
    assertEquals((await op.ask({ type: "queue", limit })).field, "limit");
  }
});

Deno.test("protocol 10.4: respond's fields are checked in their order, and its texts held to the rules", async () => {
  await using server = await startTestServer();
  const op = await operator(server);
  for (
    const [fields, code, field] of [
      [{ inquiry: 0, content: 7 }, "bad_field", "inquiry"],
      [{ content: "x" }, "bad_field", "inquiry"],
      [{ inquiry: 1, content: "", cid: "" }, "bad_text", "content"],
      [{ inquiry: 1, content: "x", cid: "" }, "bad_field", "cid"],
      [{ inquiry: 1, content: "x" }, "no_such_inquiry", "inquiry"],
    ] as const
  ) {
    const refused = await op.ask({ type: "respond", ...fields });
    assertEquals([refused.code, refused.field], [code, field]);
  }
});

Deno.test("protocol 10: the ok of a question and of an answer comes before its event, however slow the store is", async () => {
  await using server = await startTestServer();
  const { inquiries, users } = server.repository;
  const slowly =
    <A extends unknown[], R>(ask: (...args: A) => Promise<R>) => async (...args: A) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return await ask(...args);
    };
  Object.assign(inquiries, {
    position: slowly(inquiries.position.bind(inquiries)),
    expectedMs: slowly(inquiries.expectedMs.bind(inquiries)),
  });
  Object.assign(users, { hasToken: slowly(users.hasToken.bind(users)) });
  const [op, ann] = [await operator(server), await guest(server, "ann")];
  for (const content of ["one", "two"]) {
    await ann.send({ type: "inquiry", id: 1, content });
    assertEquals([(await ann.next()).type, (await ann.next()).content], ["ok", content]);
  }
  await op.ask({ type: "join", room: "?1" });
  ann.close();
  await op.send({ type: "respond", id: 2, inquiry: 1, content: "three" });
  await op.until("ok");
  assertEquals((await op.until("response")).content, "three");
});

Deno.test("protocol 10.1: a question sent again stands where the first one does, or nowhere once answered", async () => {
  await using server = await startTestServer();
  const [op, ann] = [await operator(server), await guest(server, "ann")];
  await ask(await guest(server, "bob"), "before");
  const position = async () => {
    const { dup, position } = await ask(ann, "again?", "c");
    return [dup, position];
  };
  assertEquals(await position(), [undefined, 2]);
  assertEquals(await position(), [true, 2]);
  await op.ask({ type: "respond", inquiry: 2, content: "yes" });
  assertEquals(await position(), [true, undefined]);
  const { position: next, expected_ms } = await ask(ann, "and now?");
  assertEquals([next, typeof expected_ms], [2, "number"]);
});

Deno.test("protocol 10.1: a cid that an answer has used is none for a question", async () => {
  await using server = await startTestServer();
  const [op, ann] = [await operator(server), await guest(server, "ann")];
  await ann.ask({ type: "inquiry", content: "one?" });
  await op.ask({ type: "respond", inquiry: 1, content: "yes", cid: "c-1" });
  const reply = await op.ask({ type: "inquiry", content: "two?", cid: "c-1" });
  assertEquals([reply.code, reply.field], ["cid_conflict", "cid"]);
});
