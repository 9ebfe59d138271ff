// Two servers on one store that tell each other things. Their own looks into the store are put off for
// so long that what is heard in time was told by the bus, unless a test is about those looks.

import { assertEquals } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import { hashToken, newToken } from "../../lib/server/tokens.ts";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { byToken, enter, greet, hello, speak, take, UNHURRIED } from "../protocol/scene.ts";
import { roomId, userId } from "../../lib/store/records.ts";
import { eventually } from "../support/waiting.ts";

interface Pair extends AsyncDisposable {
  readonly net: MemoryNet;
  readonly one: TestServer;
  readonly other: TestServer;
}

/** @param pace how many times as often as usual everything comes round */
async function startPair(pace = 0.01): Promise<Pair> {
  const net = new MemoryNet();
  const one = await startTestServer({ bus: net.join(), pace, limits: UNHURRIED });
  const other = await startTestServer({ bus: net.join(), beside: one, pace, limits: UNHURRIED });
  return {
    net,
    one,
    other,
    async [Symbol.asyncDispose](): Promise<void> {
      await other[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

async function stats(server: TestServer): Promise<Record<string, number>> {
  const admin = await server.connect();
  await hello(admin, byToken(server.adminToken));
  const { counters } = await admin.ask({ type: "stats" });
  admin.close();
  return counters;
}

Deno.test("two servers: messages to one are delivered by the other, in order", async () => {
  await using pair = await startPair();
  const readers = [await enter(pair.one, "ada"), await enter(pair.other, "bob")];
  const eve = await enter(pair.one, "eve");
  const lan = await enter(pair.other, "lan");
  for (const content of ["1", "2", "3"]) await speak(eve, content);
  await speak(lan, "4");
  await speak(eve, "5");
  for (const reader of readers) {
    const received = await take(reader, { n: 5 });
    assertEquals(received.map(({ seq, content }) => [seq, content]), [
      [1, "1"],
      [2, "2"],
      [3, "3"],
      [4, "4"],
      [5, "5"],
    ]);
  }
});

Deno.test("two servers: one room's messages of a turn are one notice", async () => {
  await using pair = await startPair();
  const ada = await enter(pair.one, "ada");
  const texts = Array.from({ length: 20 }, (_, at) => `${at}`);
  await ada.send(...texts.map((content) => ({ type: "message", room: "lobby", content })));
  await take(ada, { n: 20 });
  const hints = pair.net.reported.filter(({ type }) => type === "grown");
  assertEquals(hints.length < 20, true, `${hints.length}`);
  assertEquals(hints.at(-1), { type: "grown", rooms: [[roomId(1), 20]] });
});

Deno.test("two servers: the store's poll makes up for a lost notice", async () => {
  await using pair = await startPair(50);
  pair.net.loses = ({ type }) => type === "grown";
  const bob = await enter(pair.other, "bob");
  await speak(await enter(pair.one, "ada"), "unheard of");
  const [received] = await take(bob, { n: 1 });
  assertEquals(received?.content, "unheard of");
});

Deno.test("two servers: a guest's name is theirs on both, with or without a notice, connected or not", async () => {
  await using pair = await startPair();
  pair.net.loses = () => true;
  const ada = await pair.one.connect();
  const { token, you } = await ada.hello("ada");
  const other = await pair.other.connect();
  assertEquals((await other.hello("Ada")).code, "name_taken");
  ada.close();
  await eventually(() => pair.one.server.hub.names.connectionsOf(you.user), (n) => n === 0);
  assertEquals((await other.hello("ada")).code, "name_taken");
  assertEquals((await hello(other, byToken(token))).you, you);
});

Deno.test("two servers: of two guests who ask for one name at once, one gets it", async () => {
  await using pair = await startPair();
  pair.net.loses = () => true;
  const clients = await Promise.all(
    [pair.one, pair.other, pair.one, pair.other].map((server) => server.connect()),
  );
  const types = await Promise.all(clients.map(async (client) => (await client.hello("ada")).type));
  assertEquals(types.toSorted(), ["error", "error", "error", "welcome"]);
});

Deno.test("two servers: an answer of one carries its question's seq on the other", async () => {
  await using pair = await startPair();
  const op = await pair.other.connect();
  await hello(op, byToken(pair.one.adminToken));
  const ann = await greet(pair.one, "ann");
  await ann.ask({ type: "inquiry", content: "one?" });
  await op.question();
  await ann.ask({ type: "message", room: "?1", content: "two?" });
  assertEquals((await op.question()).seq, 2);
  await op.ask({ type: "respond", inquiry: 1, to: 1, content: "yes" });
  await op.ask({ type: "respond", inquiry: 1, content: "no" });
  const answers = [await ann.until("response"), await ann.until("response")];
  assertEquals(answers.map(({ seq, to, content }) => [seq, to, content]), [
    [3, 1, "yes"],
    [4, 2, "no"],
  ]);
});

Deno.test("two servers: a user of one may come to the other under the same name", async () => {
  await using pair = await startPair();
  const ada = await pair.one.connect();
  const { token, you } = await ada.hello("ada");
  await eventually(() => pair.other.server.hub.names.connectionsOf(you.user), (n) => n === 1);
  const again = await pair.other.connect();
  assertEquals((await hello(again, byToken(token))).you, you);
});

Deno.test("two servers: a subscriber of one is shown as here on the other", async () => {
  await using pair = await startPair();
  const ada = await enter(pair.one, "ada");
  const bob = await enter(pair.other, "bob");
  const ask = async () => (await bob.ask({ type: "members", room: "lobby" })).members;
  const isHere = (members: { name: string; here: boolean }[]) =>
    members.find(({ name }) => name === "ada")?.here;
  await eventually(ask, (members) => isHere(members) === true);
  ada.close();
  await eventually(ask, (members) => isHere(members) === false);
});

Deno.test("two servers: joined and left are delivered by both, and leaving ends the subscriptions on both", async () => {
  await using pair = await startPair();
  const bob = await enter(pair.other, "bob");
  const ada = await pair.one.connect();
  const { token } = await ada.hello("ada");
  await ada.ask({ type: "join", room: "lobby" });
  assertEquals((await bob.until("joined")).from, "ada");
  const again = await pair.other.connect();
  await hello(again, byToken(token));
  await again.ask({ type: "join", room: "lobby" });
  await ada.ask({ type: "leave", room: "lobby" });
  assertEquals((await bob.until("left")).from, "ada");
  await speak(bob, "are they gone?");
  await bob.until("message");
  await again.ask({ type: "ping" });
  assertEquals(again.raw.includes("are they gone?"), false);
});

Deno.test("two servers: the next pulse makes up for a lost notice of presence", async () => {
  await using pair = await startPair(50);
  const { names } = pair.other.server.hub;
  await eventually(() => pair.other.server.hub.cluster.servers, (servers) => servers === 1);
  pair.net.loses = ({ type }) => type === "people";
  await greet(pair.one, "ada");
  await eventually(
    () => names.connectedUsers(),
    (people) => people.some(({ name }) => name === "ada"),
  );
});

Deno.test("two servers: no subscription ends because of a notice alone", async () => {
  await using pair = await startPair();
  const ada = await enter(pair.one, "ada");
  const bob = await enter(pair.other, "bob");
  const { members } = await bob.ask({ type: "members", room: "lobby" });
  const { user } = members.find(({ name }: { name: string }) => name === "bob");
  const lobby = (await pair.one.repository.rooms.find("lobby"))?.id ?? 0;
  pair.net.carry("nobody0000000000", {
    type: "membership",
    room: roomId(lobby),
    change: "left",
    user,
    name: "bob",
    role: "guest",
  });
  await speak(ada, "are you there?");
  assertEquals((await bob.until("message")).content, "are you there?");
  await speak(ada, "still?");
  assertEquals((await bob.until("message")).content, "still?");
});

Deno.test("two servers: a server that was silent, or has left, is forgotten with all its people", async () => {
  await using pair = await startPair();
  await greet(pair.one, "ada");
  assertEquals((await eventually(() => stats(pair.other), ({ servers }) => servers === 2)).bus, 1);
  const { names } = pair.other.server.hub;
  const isThere = () => names.connectedUsers().some(({ name }) => name === "ada");
  await eventually(isThere, (is) => is);
  await pair.one.server.stop("restarting");
  await eventually(isThere, (is) => !is);
  assertEquals((await stats(pair.other)).servers, 1);
});

Deno.test("two servers: one that comes later learns who is there", async () => {
  const net = new MemoryNet();
  await using one = await startTestServer({ bus: net.join(), pace: 0.01 });
  await enter(one, "ada");
  await using other = await startTestServer({ bus: net.join(), beside: one, pace: 0.01 });
  await eventually(
    () => other.server.hub.names.connectedUsers(),
    (people) => people.some(({ name }) => name === "ada"),
  );
});

Deno.test("two servers: a question to one reaches the operators of the other", async () => {
  await using pair = await startPair();
  const operator = await pair.other.connect();
  await hello(operator, byToken(pair.other.adminToken));
  const ada = await greet(pair.one, "ada");
  const asked = await ada.ask({ type: "inquiry", content: "Is anybody there?" });
  const reported = await operator.question();
  assertEquals([reported.inquiry, reported.content], [asked.inquiry, "Is anybody there?"]);
});

Deno.test("two servers: what one's connection to one joins or leaves, those to the other are told, and only what is so", async () => {
  await using pair = await startPair();
  const one = await pair.one.connect();
  const { token, you } = await one.hello("ada");
  const other = await pair.other.connect();
  await hello(other, byToken(token));
  const events = async () => {
    const { type, room, user, from } = await other.next();
    return [type, room, user, from];
  };
  // Nobody hears the room on the other server: it is not in its memory.
  await one.ask({ type: "join", room: "ops", create: true });
  assertEquals(await events(), ["joined", "ops", you.user, "ada"]);
  await one.ask({ type: "leave", room: "ops" });
  assertEquals(await events(), ["left", "ops", you.user, "ada"]);
  await one.ask({ type: "inquiry", content: "may I?" });
  assertEquals(await events(), ["joined", "?1", you.user, "ada"]);
  // Heard on both, left on one.
  await one.ask({ type: "join", room: "lobby" });
  assertEquals(await events(), ["joined", "lobby", you.user, "ada"]);
  await other.ask({ type: "join", room: "lobby" });
  await one.ask({ type: "leave", room: "lobby" });
  assertEquals(await events(), ["left", "lobby", you.user, "ada"]);
  await one.ask({ type: "join", room: "lobby" });
  assertEquals(await events(), ["joined", "lobby", you.user, "ada"]);
  // Late, or again, or forged: the store says otherwise.
  const notice = {
    type: "membership",
    room: roomId(1),
    user: userId(you.user),
    name: "x",
    role: "guest",
  } as const;
  const forger = pair.net.join();
  forger.publish({ ...notice, change: "left" });
  forger.publish({ ...notice, change: "joined" });
  await eventually(() => stats(pair.other), () => true);
  await other.quiet();
});

Deno.test("two servers: a role and a topic that change in the store are found by the polls", async () => {
  await using pair = await startPair(4);
  const { users, rooms } = pair.one.repository;
  const account = { name: userNameOf("otto"), role: "operator", now: 0 } as const;
  const { id } = await users.ensureAccount(account);
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  const otto = await pair.other.connect();
  await hello(otto, byToken(token));
  await otto.ask({ type: "join", room: "lobby" });
  assertEquals((await otto.ask({ type: "queue" })).type, "queue");

  // As another program would change them.
  const [findUsers, findRooms] = [users.findMany.bind(users), rooms.findMany.bind(rooms)];
  users.findMany = async (ids) =>
    new Map(
      (await findUsers(ids)).entries().map(([id, user]) => [id, { ...user, role: "member" }]),
    );
  rooms.findMany = async (ids) =>
    new Map((await findRooms(ids)).entries().map(([id, room]) => [id, { ...room, topic: "new" }]));
  await eventually(() => otto.ask({ type: "queue" }), ({ code }) => code === "forbidden");
  await eventually(
    () => otto.ask({ type: "join", room: "lobby" }),
    ({ topic }) => topic === "new",
  );
});

Deno.test("two servers: what one terminal of a person has read, the other is sent", async () => {
  await using pair = await startPair();
  const first = await pair.one.connect();
  const { token, you } = await first.hello("ada");
  await first.ask({ type: "join", room: "lobby" });
  const bob = await enter(pair.one, "bob");
  await speak(bob, "1");
  const second = await pair.other.connect();
  await hello(second, byToken(token));
  await second.ask({ type: "join", room: "lobby" });
  for (const { server } of [pair.one, pair.other]) {
    await eventually(
      () => server.hub.names.connectionsOf(userId(you.user)),
      (count) => count === 2,
    );
  }
  await first.ask({ type: "read", room: "lobby", seq: 1 });
  assertEquals((await second.until("read")).seq, 1);
  await second.ask({ type: "read", room: "lobby", seq: 1 });
  assertEquals((await first.until("read")).seq, 1);
});
