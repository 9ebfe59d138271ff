import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Failure } from "../../../lib/client/exit.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { Person } from "../../support/clients/person.ts";
import { settle } from "../../support/fakes/fake_clock.ts";
import { belongingTo, type FakePeer, message, welcome } from "../../support/clients/fake_peer.ts";
import { until } from "../../support/waiting.ts";

const ROOM = { type: "room", room: "lobby", topic: "", first: 1, last: 0, read: 0, count: 1 };

async function enter(world: FakeWorld): Promise<{ person: Person; peer: FakePeer }> {
  const person = new Person(world);
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("join", ROOM);
  await settle();
  return { person, peer };
}

async function leave(person: Person, ...peers: readonly FakePeer[]): Promise<void> {
  person.leave("end");
  await settle();
  for (const peer of peers) peer.close();
  assertEquals(await person.over, undefined);
  assertEquals(person.isClosed, true);
}

Deno.test("chat: it shows the welcome, enters the room, and the prompt names it", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  assertEquals(person.texts, [
    "Connecting to chat:1",
    "You are ada (guest) on chat:1 · /help lists the commands",
    "#lobby · 1 member",
    "No messages yet",
  ]);
  assertEquals(person.line, "#lobby> ");
  await leave(person, peer);
});

Deno.test("chat: the user's rooms are followed from now on, and named with their unread messages", async () => {
  await using world = await fakeWorld();
  const person = new Person(world);
  const peer = await world.server.accept();
  const rooms = [
    { room: "lobby", first: 1, last: 3, unread: 1 },
    { room: "ops", first: 1, last: 57, unread: 16 },
    { room: "dev", first: 1, last: 2 },
  ];
  await peer.hello({ rooms });
  const received = [{ room: "ops", recovered: true, missed: 0, last: 57 }];
  const resume = await peer.answer("resume", { type: "resumed", rooms: received });
  assertEquals(resume.rooms, [{ room: "ops", seq: 57 }, { room: "dev", seq: 2 }]);
  await peer.answer("join", ROOM);
  await peer.send(message(58));
  await settle();
  assert(person.texts.includes("You are also in #ops (16 unread), #dev"));
  assert(!person.texts.includes("text 58"));
  assertEquals(person.status, "[1:ops 17]  ada@chat · lag 0.0 s");
  await leave(person, peer);
});

Deno.test("chat: another name than the requested one is shown, and so is an expired token", async () => {
  await using world = await fakeWorld();
  await world.context.identity.welcomed(welcome({ token: "old" }));
  const person = new Person(world);
  const peer = await world.server.accept();
  await peer.answer("hello", { type: "error", code: "auth_failed", message: "no" });
  await peer.hello({ you: { user: 8, name: "ada2", role: "guest" } });
  await peer.answer("join", ROOM);
  await settle();
  assert(person.texts.includes("Your token for ada has expired: you are a new guest"));
  assert(person.texts.includes("The name ada is taken: you are ada2"));
  await leave(person, peer);
});

Deno.test("chat: what is typed goes to the current room; without an answer it is shown to wait", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("hello");
  const { id, room, content } = await peer.next("message");
  assertEquals([room, content], ["lobby", "hello"]);
  assertEquals(person.pending, []);
  await world.clock.advance(300);
  assertEquals(person.pending, ["… hello"]);
  await peer.send({ type: "ok", re: id, seq: 1 });
  await until(() => person.pending.length === 0);
  await leave(person, peer);
});

Deno.test("chat: offline the prompt shows that, and pending messages are shown, then sent", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  peer.close();
  await settle();
  for (let n = 1; n <= 5; n++) person.type(`text ${n}`);
  assertEquals(person.line, "#lobby (offline)> ");
  assertEquals(person.pending, ["… text 1", "… text 2", "… text 3", "… and 2 more messages"]);
  person.type("/who");
  assertStringIncludes(person.texts.at(-1) ?? "", "Not connected");
  await world.clock.advance(1_000);
  const again = await world.server.accept();
  await again.hello(belongingTo("lobby"));
  const received = [{ room: "lobby", recovered: true, missed: 0, last: 0 }];
  await again.answer("resume", { type: "resumed", rooms: received });
  for (let n = 1; n <= 5; n++) {
    const printed = await again.answer("message", { type: "ok", seq: n });
    assertEquals(printed.content, `text ${n}`);
  }
  await until(() => person.pending.length === 0);
  assertEquals(person.line, "#lobby> ");
  await leave(person, again);
});

Deno.test("chat: a cut before the first room was entered enters it on the next connection", async () => {
  await using world = await fakeWorld();
  const person = new Person(world);
  const first = await world.server.accept();
  await first.hello();
  await first.next("join");
  first.close();
  await settle();
  await world.clock.advance(1_000);
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("join", ROOM);
  await settle();
  assertEquals(person.line, "#lobby> ");
  await leave(person, peer);
});

Deno.test("chat: messages of an earlier run are sent before any that is typed now", async () => {
  await using world = await fakeWorld();
  const first = await enter(world);
  first.person.type("early");
  await first.peer.next("message");
  first.person.leave("end");
  await world.clock.advance(2_000);
  await first.person.over;
  assertStringIncludes(first.person.texts.at(-1) ?? "", "1 message kept for the next run");
  first.peer.close();

  const { person, peer } = await enter(world);
  person.type("now");
  assertEquals((await peer.answer("message", { type: "ok", seq: 1, dup: true })).content, "early");
  assertEquals((await peer.answer("message", { type: "ok", seq: 2 })).content, "now");
  await until(() => person.texts.some((text) => text.includes("to #lobby is stored (message 1)")));
  await leave(person, peer);
});

Deno.test("chat: commands become requests, and a wrong one none", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  const commands: readonly (readonly [string, object])[] = [
    ["/join ops", { type: "join", room: "ops" }],
    ["/create dev", { type: "join", room: "dev", create: true }],
    ["/rooms", { type: "rooms" }],
    ["/who", { type: "members", room: "lobby" }],
    ["/who ops", { type: "members", room: "ops" }],
    ["/history 7", { type: "history", room: "lobby", limit: 7, before: 1 }],
    ["/queue", { type: "queue", limit: 20 }],
    ["/leave", { type: "leave", room: "lobby" }],
  ];
  for (const [typed, request] of commands) {
    person.type("/wrong");
    person.type("");
    person.type(typed);
    const { id: _, ...asked } = await peer.find() ?? {};
    assertEquals(asked, request, typed);
  }
  person.type("/help");
  assert(person.texts.some((text) => text.startsWith("/quit")));
  person.type("/quit");
  await person.over;
  peer.close();
});

Deno.test("chat: a question is asked, and its answer is shown after a cut, once", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/ask may I?");
  const ok = { type: "ok", room: "?42", inquiry: 42, seq: 1, position: 1 };
  assertEquals((await peer.answer("inquiry", ok)).content, "may I?");
  await until(() => person.texts.includes("Asked as ?42 · next in the queue"));
  peer.close();
  await settle();
  await world.clock.advance(1_000);
  const again = await world.server.accept();
  await again.hello(belongingTo("lobby", "?42"));
  const received = [
    { room: "lobby", recovered: true, missed: 0, last: 0 },
    { room: "?42", recovered: true, missed: 2, last: 2 },
  ];
  const { rooms } = await again.answer("resume", { type: "resumed", rooms: received });
  assertEquals(rooms, [{ room: "lobby", seq: 0 }, { room: "?42", seq: 0 }]);
  const answer = { ...message(2, { room: "?42", content: "yes" }), type: "response" };
  await again.send(message(1, { room: "?42", content: "may I?" }), answer, answer);
  await settle();
  assertEquals(person.texts.slice(-2), ["may I?", "yes"]);
  await world.clock.advance(1_000);
  const { room, seq } = await again.next("read");
  assertEquals([room, seq], ["?42", 2]);
  await leave(person, again);
});

Deno.test("chat: an answer that came between two runs is shown at the next start", async () => {
  await using world = await fakeWorld();
  const person = new Person(world);
  const peer = await world.server.accept();
  const rooms = [
    { room: "?7", first: 1, last: 5, read: 3, unread: 1 },
    { room: "?8", first: 1, last: 500, read: 0, unread: 1 },
    { room: "ops", first: 1, last: 9, read: 3, unread: 6 },
  ];
  await peer.hello({ rooms });
  assertEquals((await peer.next("resume")).rooms, [
    { room: "?7", seq: 3 },
    { room: "?8", seq: 480 },
    { room: "ops", seq: 9 },
  ]);
  await peer.answer("join", ROOM);
  await settle();
  await leave(person, peer);
});

Deno.test("chat: an operator sees that there are open inquiries, answers, and sees the answer", async () => {
  await using world = await fakeWorld();
  const person = new Person(world);
  const peer = await world.server.accept();
  await peer.hello({ you: { user: 7, name: "ada", role: "operator" } });
  await peer.answer("join", ROOM);
  const waiting = {
    inquiry: 42,
    room: "?42",
    user: 9,
    from: "ann",
    state: "open",
    since: 5,
    last: 1,
  };
  const queue = { type: "queue", inquiries: [{ ...waiting, content: "may I?" }], more: false };
  await peer.answer("queue", queue);
  await until(() => person.texts.includes("There are open inquiries: /queue lists them"));
  person.type("/answer 42 yes");
  const ok = { type: "ok", room: "?42", inquiry: 42, seq: 2, time: 9 };
  const { inquiry, content } = await peer.answer("respond", ok);
  assertEquals([inquiry, content], [42, "yes"]);
  await until(() => person.pending.length === 0 && person.texts.at(-1) === "yes");
  await leave(person, peer);
});

Deno.test("chat: a server out of reach at first is waited for, and has what was typed meanwhile", async () => {
  await using world = await fakeWorld();
  world.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  const person = new Person(world);
  await until(() => person.line === "#lobby (offline)> ");
  await until(() => person.texts.some((text) => text.startsWith("Cannot reach chat:1; trying")));
  for (const line of ["early", "/ask may I?"]) person.type(line);
  assertEquals(person.pending, ["… early", "… may I?"]);
  world.server.fault = undefined;
  await world.clock.advance(1_000);
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("join", ROOM);
  const ok = { type: "ok", room: "lobby", seq: 1, time: 9 };
  const { room, content } = await peer.answer("message", ok);
  assertEquals([room, content], ["lobby", "early"]);
  const asked = { type: "ok", room: "?1", inquiry: 1, seq: 1, time: 9, position: 1 };
  assertEquals((await peer.answer("inquiry", asked)).content, "may I?");
  await until(() => person.pending.length === 0);
  await leave(person, peer);
});

Deno.test("chat: a command typed while the first connection is opened is run in the room", async () => {
  await using world = await fakeWorld();
  const person = new Person(world);
  const peer = await world.server.accept();
  for (const line of ["early", "/who"]) person.type(line);
  await peer.hello();
  await peer.answer("join", ROOM);
  const members = { type: "members", room: "lobby", members: [], more: false };
  assertEquals((await peer.answer("members", members)).room, "lobby");
  const ok = { type: "ok", room: "lobby", seq: 1, time: 9 };
  assertEquals((await peer.answer("message", ok)).content, "early");
  await until(() => person.pending.length === 0);
  await leave(person, peer);
  world.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  const other = new Person(world);
  other.type("/who");
  await until(() => other.texts.some((text) => text.startsWith("Not connected: try again")));
  await leave(other);
});

Deno.test("chat: what an earlier run has left is shown before there is a connection, and can be taken back", async () => {
  await using world = await fakeWorld();
  world.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  const first = new Person(world);
  for (const line of ["one", "two"]) first.type(line);
  await leave(first);
  const person = new Person(world);
  await until(() => person.pending.length === 2);
  assertEquals(person.pending, ["… one", "… two"]);
  person.type("/outbox");
  assert(
    person.texts.slice(-2).every((text) => /^waits, from \d\d:\d\d: #lobby: (one|two)$/.test(text)),
  );
  person.press("alt-q");
  await until(() => person.texts.includes("Not sent by this run: #lobby: two"));
  assertEquals([person.draft.text, person.pending], ["two", ["… one"]]);
  person.type("/queue-drop");
  await until(() => person.pending.length === 0);
  person.type("/outbox");
  assertEquals(person.texts.at(-1), "Everything is sent");
  await leave(person);
});

Deno.test("chat: many messages of an earlier run are settled with one line", async () => {
  await using world = await fakeWorld();
  world.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  const first = new Person(world);
  for (let number = 1; number <= 5; number++) first.type(`text ${number}`);
  await leave(first);
  world.server.fault = undefined;
  const { person, peer } = await enter(world);
  for (let seq = 1; seq <= 5; seq++) {
    await peer.answer("message", { type: "ok", room: "lobby", seq, time: 9 });
  }
  const about = () => person.texts.filter((text) => text.includes("earlier run"));
  await until(() => about().length > 0);
  assertEquals(about(), ["Kept by earlier runs: 5 messages are stored now"]);
  await leave(person, peer);
});

Deno.test("chat: a text that no server takes is refused by the client", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("x".repeat(32_769));
  assertStringIncludes(person.texts.at(-1) ?? "", "not sent: The text is too long");
  person.type("/leave");
  await peer.answer("leave", { type: "ok" });
  await settle();
  person.type("hello?");
  assertStringIncludes(person.texts.at(-1) ?? "", "You are in no room");
  await leave(person, peer);
});

Deno.test("chat: shown messages are marked as read, now and then", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  await peer.send(message(1, { room: "lobby" }), message(2, { room: "lobby" }));
  await settle();
  await world.clock.advance(1_000);
  assertEquals((await peer.next("read")).seq, 2);
  await leave(person, peer);
});

Deno.test("chat: another epoch enters the rooms again, and keeps messages typed for the old one", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("for the old one");
  await peer.next("message");
  peer.close();
  await settle();
  await world.clock.advance(1_000);
  const again = await world.server.accept();
  await again.hello({ epoch: "epoch-2" });
  assertEquals((await again.answer("join", ROOM)).room, "lobby");
  await until(() => person.pending.length === 0);
  assert(person.texts.some((text) => text.includes("starting over")));
  assert(person.texts.some((text) => text.includes("for the old one") && text.includes("kept in")));
  await leave(person, again);
});

Deno.test("chat: Ctrl-C twice and SIGINT leave with 130, a kick with 1", async () => {
  await using world = await fakeWorld();
  const ways: readonly (readonly [number, (person: Person, peer: FakePeer) => unknown])[] = [
    [130, (person) => person.leave("interrupt")],
    [1, (_, peer) => peer.send({ type: "bye", code: "kicked", message: "out", reconnect: false })],
    [130, () => world.stop.abort(new Failure("interrupted", "Interrupted"))],
  ];
  for (const [code, end] of ways) {
    const { person, peer } = await enter(world);
    await end(person, peer);
    assertEquals((await person.over)?.exitCode, code);
    peer.close();
  }
});
