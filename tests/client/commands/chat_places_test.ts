import { assert, assertEquals } from "@std/assert";
import { Attention } from "../../../lib/client/places/attention.ts";
import { Draft } from "../../../lib/terminal/input/draft.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { type FakePeer, message } from "../../support/clients/fake_peer.ts";
import { Person } from "../../support/clients/person.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";
import { until } from "../../support/waiting.ts";

const LOBBY = { type: "room", room: "lobby", topic: "", first: 1, last: 0, read: 0, count: 1 };
const OPS = { room: "ops", first: 1, last: 30, read: 4, unread: 26, topic: "deploys", count: 3 };

/** A person in the lobby who is a member of #ops, too, where 26 messages are new. */
async function enter(world: FakeWorld): Promise<{ person: Person; peer: FakePeer }> {
  const person = new Person(world);
  const peer = await world.server.accept();
  await peer.hello({ rooms: [OPS] });
  const rooms = [{ room: "ops", recovered: true, missed: 0, last: 30 }];
  await peer.answer("resume", { type: "resumed", rooms });
  await peer.answer("join", LOBBY);
  await settle();
  return { person, peer };
}

async function leave(person: Person, ...peers: readonly FakePeer[]): Promise<void> {
  person.leave("end");
  await settle();
  for (const peer of peers) peer.close();
  await person.over;
}

/** The messages that the page before `before` holds. */
function page(before: number, room = "ops"): object {
  const events = Array.from({ length: 20 }, (_, n) => message(before - 20 + n, { room }));
  return { type: "page", room, events, more_before: true, more_after: true };
}

Deno.test("places: a message elsewhere is counted, one that names the person is shown with a mark", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  const count = person.lines.length;
  await peer.send(
    message(31),
    message(1, { room: "lobby" }),
    message(32, { content: "ada: look" }),
  );
  await settle();
  assertEquals(person.texts.slice(count), ["text 1", "ada: look"]);
  const last = person.lines.at(-1);
  assert(last?.kind === "event" && last.isCall === true);
  assertEquals(person.status, "[1:ops 28!]  ada@chat · lag 0.0 s");
  await leave(person, peer);
});

Deno.test("places: Alt-1 goes there: a header, the last messages, and how many are new", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  const count = person.lines.length;
  assertEquals(person.press("alt-1"), true);
  await peer.send(message(31));
  const asked = await peer.answer("history", page(31));
  assertEquals([asked.room, asked.before], ["ops", 31]);
  await until(() => person.line === "#ops> " && person.texts.includes("text 31"));
  assertEquals(person.texts.slice(count, count + 3), [
    "#ops · 3 members · deploys",
    "27 new: the last 21 messages of them · /history shows older ones",
    "text 11",
  ]);
  assertEquals(person.texts.at(-1), "text 31");
  assertEquals(person.status, "ada@chat · lag 0.0 s");
  await world.clock.advance(1_000);
  assertEquals((await peer.next("read")).seq, 31);
  assertEquals(person.press("alt-9"), true);
  assertEquals(person.texts.at(-1), "None of your rooms is number 9: /room lists them");
  await leave(person, peer);
});

Deno.test("places: a room entered again shows its last messages at once, offline too", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/room ops");
  await peer.answer("history", page(31));
  await until(() => person.texts.at(-1) === "text 30");
  await peer.send(message(1, { room: "lobby" }), message(2, { room: "lobby" }));
  await settle();
  assertEquals(person.status, "[2:lobby 2]  ada@chat · lag 0.0 s");
  peer.close();
  await settle();
  const count = person.lines.length;
  assertEquals(person.press("alt-a"), true);
  assertEquals(person.texts.slice(count), ["#lobby · 1 member", "2 new", "text 1", "text 2"]);
  assertEquals(person.line, "#lobby (offline)> ");
  person.press("alt-a");
  assertEquals(person.texts.at(-1), "Nothing new elsewhere");
  await leave(person);
});

Deno.test("places: /say writes to a room without going there, /room lists, and names what is wrong", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/say ops on my way");
  const { id, room, content } = await peer.next("message");
  assertEquals([room, content], ["ops", "on my way"]);
  await peer.send({ type: "ok", re: id, room: "ops", seq: 31, time: 1 });
  await until(() => person.texts.at(-1) === "Sent to #ops");
  person.type("/room");
  assertEquals(person.texts.slice(-2), ["1 #ops · 26 new", "2 #lobby · you are here"]);
  person.type("/room dev");
  assertEquals(person.texts.at(-1), "You are not in dev: /join dev enters it");
  assertEquals(person.line, "#lobby> ");
  await leave(person, peer);
});

Deno.test("places: /show all is one stream in which every line has its room", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  assertEquals(person.prompt.current, "lobby");
  person.type("/show all");
  assertEquals(person.prompt.current, undefined);
  await peer.send(message(31), message(1, { room: "lobby" }));
  await settle();
  assertEquals(person.texts.slice(-2), ["text 31", "text 1"]);
  person.type("/show room");
  await peer.send(message(32));
  await settle();
  assert(!person.texts.includes("text 32"));
  assertEquals(person.prompt.current, "lobby");
  await leave(person, peer);
});

Deno.test("places: each room has its draft, and a later run has them, too", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.write("for the lobby");
  person.press("alt-1");
  await peer.answer("history", page(31));
  await until(() => person.line === "#ops> ");
  assertEquals(person.draft.text, "");
  person.write("for ops");
  person.press("alt-2");
  assertEquals(person.draft.text, "for the lobby");
  await leave(person, peer);

  const later = await enter(world);
  await until(() => later.person.draft.text === "for the lobby");
  later.person.draft = Draft.EMPTY;
  later.person.press("alt-1");
  assertEquals(later.person.draft.text, "for ops");
  await leave(later.person, later.peer);
});

Deno.test("calls: a message that names the person rings and counts in the title, once a second", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  await peer.send(message(31), message(32, { content: "ada?" }), message(33, { content: "ada!" }));
  await settle();
  assertEquals(person.rings, ["#ops bob: ada?"]);
  assertEquals(person.prompt.title, "(2!) #lobby · Parley");
  await world.clock.advance(1_000);
  await peer.send(message(34, { content: "@ada" }));
  await settle();
  assertEquals(person.rings.length, 2);
  await leave(person, peer);
});

Deno.test("calls: /notify sets what rings in a room, and a later run keeps it", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/notify all");
  assertEquals(person.texts.at(-1), "#lobby: every message rings");
  await peer.send(message(1, { room: "lobby" }));
  await settle();
  assertEquals(person.rings, ["#lobby bob: text 1"]);
  person.press("alt-1");
  await peer.answer("history", page(31));
  await until(() => person.line === "#ops> ");
  person.type("/notify none");
  person.press("alt-2");
  await leave(person, peer);

  const later = await enter(world);
  const count = later.person.lines.length;
  await later.peer.send(message(31, { content: "ada!" }));
  await settle();
  assertEquals([later.person.rings, later.person.lines.length], [[], count]);
  assertEquals(later.person.status, "[1:ops 27]  ada@chat · lag 0.0 s");
  await leave(later.person, later.peer);
});

Deno.test("reading: what is shown to a window without focus counts as new until a key is pressed", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.attend("blur");
  await peer.send(message(1, { room: "lobby" }), message(2, { room: "lobby" }));
  await settle();
  assertEquals(person.texts.at(-1), "text 2");
  assertEquals(person.status, "[1:ops 26] [2:lobby 2]  ada@chat · lag 0.0 s");
  person.attend("key");
  assertEquals(person.status, "[1:ops 26]  ada@chat · lag 0.0 s");
  await world.clock.advance(1_000);
  assertEquals((await peer.next("read")).seq, 2);
  await leave(person, peer);
});

Deno.test("reading: a person without a key for five minutes is away, and one who sets another mode reads otherwise", async () => {
  const clock = new FakeClock();
  const attention = new Attention(clock);
  assertEquals(attention.reads("shown"), true);
  assertEquals([attention.reads("key"), attention.reads("manual")], [false, false]);
  await clock.advance(5 * 60_000);
  assertEquals(attention.reads("shown"), false);
  attention.note("key");
  assertEquals(attention.reads("shown"), true);
  attention.note("blur");
  assertEquals(attention.reads("shown"), false);
  attention.note("focus");
  assertEquals(attention.reads("shown"), true);
});

Deno.test("reading: manual is by /read alone", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/read manual");
  await peer.send(message(1, { room: "lobby" }));
  await settle();
  person.attend("key");
  assertEquals(person.status, "[1:ops 26] [2:lobby 1]  ada@chat · lag 0.0 s");
  person.type("/read");
  assertEquals(person.status, "[1:ops 26]  ada@chat · lag 0.0 s");
  await world.clock.advance(1_000);
  const { room, seq } = await peer.next("read");
  assertEquals([room, seq], ["lobby", 1]);
  await leave(person, peer);
});

Deno.test("reading: what another terminal of the person has read is not new here", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  await peer.send(message(31), { type: "read", room: "ops", seq: 30 });
  await settle();
  assertEquals(person.status, "[1:ops 1]  ada@chat · lag 0.0 s");
  await peer.send({ type: "read", room: "ops", seq: 31 }, { type: "read", room: "ops", seq: 9 });
  await settle();
  assertEquals(person.status, "ada@chat · lag 0.0 s");
  await leave(person, peer);
});

Deno.test("own messages: what was refused is sent again by /retry, or forgotten by /discard", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("one");
  await peer.answer("message", { type: "error", code: "forbidden", message: "You are muted" });
  await until(() => person.texts.at(-1)?.startsWith("not sent: You are muted") === true);
  person.type("/outbox");
  assertEquals(person.texts.at(-1), "not sent: #lobby: one");
  person.type("/retry");
  const again = await peer.answer("message", { type: "ok", room: "lobby", seq: 1, time: 1 });
  assertEquals(again.content, "one");
  person.type("/discard");
  assertEquals(person.texts.at(-1), "Nothing was refused");
  await leave(person, peer);
});

Deno.test("own messages: one that waits for another room than that of the line has its room", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  peer.close();
  await settle();
  for (const line of ["/say ops elsewhere", "/ask may I?", "here"]) person.type(line);
  assertEquals(person.pending, ["… #ops: elsewhere", "… may I?", "… here"]);
  person.type("/room ops");
  assertEquals(person.pending, ["… elsewhere", "… may I?", "… #lobby: here"]);
  person.type("/show all");
  assertEquals(person.pending, ["… #ops: elsewhere", "… may I?", "… #lobby: here"]);
  await leave(person);
});

Deno.test("own messages: offline, Alt-Q takes back the newest of which nothing was sent", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("on its way");
  await peer.next("message");
  peer.close();
  await settle();
  person.type("not yet");
  assertEquals(person.pending, ["… on its way", "… not yet"]);
  assertEquals(person.press("alt-q"), true);
  assertEquals(person.draft.text, "not yet");
  assertEquals(person.pending, ["… on its way"]);
  person.type("/queue-drop");
  assertEquals(person.texts.at(-1), "Nothing waits that can be taken back");
  await leave(person);
});

Deno.test("own messages: /me tells what one does, /nick how a name is chosen", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/me waves");
  const { content } = await peer.answer("message", { type: "ok", room: "lobby", seq: 1, time: 1 });
  assertEquals(content, "/me waves");
  person.type("/nick eve");
  assertEquals(
    person.texts.at(-1),
    "You are ada. A name is chosen at the start: /quit, then --name eve",
  );
  person.type("/open k1");
  assertEquals(person.texts.at(-1), "There is no folded message k1");
  await leave(person, peer);
});

Deno.test("calls: the first message of a direct conversation is shown, counted and rings", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  await peer.send(message(1, { room: "@bob", content: "psst" }));
  await settle();
  assertEquals(person.texts.at(-1), "psst");
  assertEquals(person.rings, ["@bob bob: psst"]);
  assertEquals(person.status, "[1:ops 26] [3:@bob 1!]  ada@chat · lag 0.0 s");
  await leave(person, peer);
});

Deno.test("calls: one that came while the connection was cut is shown after it", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  peer.close();
  await settle();
  await world.clock.advance(1_000);
  const again = await world.server.accept();
  await again.hello({
    rooms: [
      { ...OPS, last: 31, unread: 27 },
      { room: "lobby", first: 1, last: 0, read: 0, unread: 0 },
    ],
  });
  await again.answer("resume", {
    type: "resumed",
    rooms: [
      { room: "ops", recovered: true, missed: 1, last: 31 },
      { room: "lobby", recovered: true, missed: 0, last: 0 },
    ],
  });
  await again.send(message(31, { content: "ada, are you there?" }));
  await until(() => person.texts.includes("ada, are you there?"));
  assertEquals(person.rings, ["#ops bob: ada, are you there?"]);
  assertEquals(person.status, "[1:ops 27]  ada@chat · lag 0.0 s");
  await leave(person, again);
});

Deno.test("places: in place of a room that is left another is entered: its header, its messages, what is new", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  const count = person.lines.length;
  person.type("/leave");
  await peer.answer("leave", { type: "ok", room: "lobby" });
  const asked = await peer.answer("history", page(31));
  assertEquals([asked.room, asked.before], ["ops", 31]);
  await until(() => person.line === "#ops> " && person.texts.at(-1) === "text 30");
  assertEquals(person.texts.slice(count, count + 4), [
    "You left #lobby",
    "#ops · 3 members · deploys",
    "26 new: the last 20 messages of them · /history shows older ones",
    "text 11",
  ]);
  await leave(person, peer);
});

Deno.test("places: a room that was left and is entered again shows its messages again", async () => {
  await using world = await fakeWorld();
  const person = new Person(world);
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("join", LOBBY);
  await settle();
  person.type("/leave");
  await peer.answer("leave", { type: "ok", room: "lobby" });
  await until(() => person.line === "> ");
  person.type("/join lobby");
  await peer.answer("join", { ...LOBBY, last: 20 });
  await peer.answer("history", page(21, "lobby"));
  await until(() => person.texts.at(-1) === "text 20");
  assertEquals(person.rings, []);
  await leave(person, peer);
});

Deno.test("places: a room that could not be resumed has no counts of before when it is entered later", async () => {
  await using world = await fakeWorld();
  const person = new Person(world);
  const peer = await world.server.accept();
  await peer.hello({ rooms: [{ room: "ops", first: 1, last: 4, read: 4 }] });
  const rooms = [{ room: "ops", error: "no_such_room" }];
  await peer.answer("resume", { type: "resumed", rooms });
  const room = { type: "room", topic: "", first: 1, read: 0, count: 1 };
  await peer.answer("join", { ...room, room: "lobby", last: 0 });
  await settle();
  person.type("/join ops");
  await peer.answer("join", { ...room, room: "ops", last: 3 });
  const page = { type: "page", room: "ops", more_before: false, more_after: false };
  await peer.answer("history", { ...page, events: [1, 2, 3].map((seq) => message(seq)) });
  await peer.send(message(4));
  await settle();
  await world.clock.advance(1_000);
  const { seq } = await peer.next("read");
  assertEquals(seq, 4);
  await leave(person, peer);
});
