// Where a text goes that is typed between a command that enters a room and its reply: to that room, or
// nowhere, and never to the room in which the person still is.

import { assertEquals } from "@std/assert";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { belongingTo, type FakePeer, message } from "../../support/clients/fake_peer.ts";
import { Person } from "../../support/clients/person.ts";
import { settle } from "../../support/fakes/fake_clock.ts";
import { until } from "../../support/waiting.ts";

const LOBBY = { type: "room", room: "lobby", topic: "", first: 1, last: 0, read: 0, count: 1 };
const BOB = { type: "whois", user: 9, name: "bob", role: "member", here: true, rooms: [] };

async function enter(
  world: FakeWorld,
  role: "member" | "operator" = "member",
): Promise<{ person: Person; peer: FakePeer }> {
  const person = new Person(world);
  const peer = await world.server.accept();
  await peer.hello({ you: { user: 7, name: "ada", role } });
  await peer.answer("join", LOBBY);
  if (role === "operator") {
    await peer.answer("queue", { type: "queue", inquiries: [], more: false });
  }
  await settle();
  return { person, peer };
}

async function leave(person: Person, peer: FakePeer): Promise<void> {
  person.leave("end");
  await settle();
  peer.close();
  await person.over;
}

/** Takes a message, and stores it. */
async function store(peer: FakePeer, seq: number): Promise<readonly unknown[]> {
  const { id, room, content } = await peer.next("message");
  await peer.send({ type: "ok", re: id, room, seq, time: 1 });
  return [room, content];
}

Deno.test("heading: what is typed before a join is answered is for that room, the half line, too", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.write("for the lobby");
  person.write("");
  for (const line of ["/join dev", "hello dev", "/me waves"]) person.type(line);
  person.write("half a li");
  const join = await peer.next("join");
  assertEquals(await store(peer, 1), ["dev", "hello dev"]);
  assertEquals(await store(peer, 2), ["dev", "/me waves"]);
  await peer.send({ ...LOBBY, room: "dev", re: join.id });
  await until(() => person.line === "#dev> ");
  assertEquals(person.draft.text, "half a li");
  person.type("/room lobby");
  assertEquals(person.draft.text, "");
  person.type("hello lobby");
  assertEquals(await store(peer, 1), ["lobby", "hello lobby"]);
  await leave(person, peer);
});

Deno.test("heading: what is typed behind /query is for that person, until it is refused", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  for (const line of ["/query bob", "a secret"]) person.type(line);
  const whois = await peer.next("whois");
  assertEquals(await store(peer, 1), ["@bob", "a secret"]);
  await peer.send({ ...BOB, re: whois.id });
  const join = await peer.next("join");
  assertEquals(join.room, "@bob");
  person.type("another secret");
  assertEquals(await store(peer, 2), ["@bob", "another secret"]);
  await peer.send({ ...LOBBY, room: "@bob", re: join.id });
  await until(() => person.line === "@bob> ");
  person.type("/room lobby");
  person.type("/query eve");
  const refusal = { type: "error", code: "no_such_user", message: "There is no user eve" };
  await peer.answer("whois", refusal);
  await until(() => person.texts.at(-1) === "There is no user eve");
  await settle();
  person.type("for all");
  assertEquals(await store(peer, 1), ["lobby", "for all"]);
  await leave(person, peer);
});

Deno.test("heading: a join that is to be asked again, or that a cut has ended", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/join dev");
  const limited = { type: "error", code: "rate_limited", message: "slowly", retry: true };
  await peer.answer("join", { ...limited, after_ms: 100 });
  await settle();
  person.type("hello dev");
  assertEquals(await store(peer, 1), ["dev", "hello dev"]);
  peer.close();
  await until(() => person.line === "#lobby (offline)> ");
  person.type("hello lobby");
  await world.clock.advance(1_000);
  const again = await world.server.accept();
  await again.hello({ you: { user: 7, name: "ada", role: "member" }, ...belongingTo("lobby") });
  await again.answer("resume", { type: "resumed", rooms: [] });
  assertEquals(await store(again, 1), ["lobby", "hello lobby"]);
  await leave(person, again);
});

Deno.test("heading: a text behind /claim is an answer to that inquiry; to one that is not known yet nothing goes", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world, "operator");
  const asked = {
    inquiry: 42,
    room: "?42",
    user: 9,
    from: "bob",
    state: "open",
    since: 5,
    last: 1,
  };
  for (const line of ["/claim", "go ahead"]) person.type(line);
  assertEquals(
    person.texts.at(-1),
    "Nothing was sent: which room you are going to is not known yet",
  );
  await peer.answer("queue", {
    type: "queue",
    inquiries: [{ ...asked, content: "?" }],
    more: false,
  });
  const claim = await peer.next("claim");
  person.type("go ahead");
  assertEquals([claim.inquiry, await store(peer, 2)], [42, ["?42", "go ahead"]]);
  await leave(person, peer);
});

Deno.test("heading: /query of oneself enters nothing", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/query ada");
  await peer.answer("whois", { ...BOB, user: 7, name: "ada" });
  await until(() => person.texts.at(-1) === "ada is you");
  await peer.send(message(1, { room: "lobby" }));
  await until(() => person.texts.at(-1) === "text 1");
  assertEquals(person.line, "#lobby> ");
  await leave(person, peer);
});
