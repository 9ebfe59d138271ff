// Moderation on two servers of one store: what one of them has answered holds on the other, by the notice
// or by the poll; and a removal that coincides with a join, a resume or a message leaves the user outside
// or a new member, never between the two.

import { assert, assertEquals } from "@std/assert";
import type { Repository } from "../../lib/store/repository.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";
import {
  byToken,
  comeBack,
  enter,
  greet,
  guest,
  hello,
  join,
  UNHURRIED,
} from "../protocol/scene.ts";

interface Pair extends AsyncDisposable {
  readonly net: MemoryNet;
  readonly one: TestServer;
  readonly other: TestServer;
}

/** @param pace how many times as often as usual the store is polled: by default hardly ever */
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

/** The owner on the one server, a member on the other. */
async function people({ one, other }: Pair): Promise<{ ann: RawClient; bob: RawClient }> {
  const ann = await enter(one, "ann", "ops");
  const bob = await enter(other, "bob", "ops");
  await ann.until("joined");
  return { ann, bob };
}

async function codeOf(reply: Promise<Frame>): Promise<string> {
  const { type, code } = await reply;
  return code ?? type;
}

const send = (content: string) => ({ type: "message", room: "ops", content });

Deno.test("two servers: a kick on one ends the subscription on the other, and what comes later is not sent", async () => {
  await using pair = await startPair();
  const { ann, bob } = await people(pair);
  assertEquals(
    await codeOf(ann.ask({ type: "kick", room: "ops", user: "bob", reason: "spam" })),
    "ok",
  );
  await ann.ask(send("secret"));
  const left = await bob.until("left");
  assertEquals([left.code, left.by, left.reason], ["kicked", "ann", "spam"]);
  await eventually(() => pair.other.server.hub.subscriptions, (count) => count === 0);
  await bob.quiet();
  const resumed = await bob.ask({ type: "resume", rooms: [{ room: "ops", seq: 0 }] });
  assertEquals(resumed.rooms, [{ room: "ops", error: "not_in_room" }]);
  assert(!bob.raw.includes("secret"));
});

for (const lost of ["acted", "nothing"] as const) {
  Deno.test(`two servers: mutes, bans and a panic hold on the other when ${lost} is lost`, async () => {
    await using pair = await startPair(lost === "acted" ? 20 : 0.01);
    pair.net.loses = ({ type }) => type === lost;
    const { ann, bob } = await people(pair);
    const boss = await comeBack(pair.one, pair.one.adminToken);
    await ann.ask({ type: "standing", room: "ops", user: "bob", standing: "muted" });
    await eventually(() => codeOf(bob.ask(send("hi"))), (code) => code === "muted");
    await ann.ask({ type: "standing", room: "ops", user: "bob", standing: "member" });
    await eventually(() => codeOf(bob.ask(send("hi"))), (code) => code === "ok");
    await boss.ask({ type: "panic", on: true });
    await eventually(() => codeOf(bob.ask(send("hi"))), (code) => code === "muted");
    assertEquals((await hello(await pair.other.connect(), guest("eve"))).code, "forbidden");
    await boss.ask({ type: "panic", on: false });
    await ann.ask({ type: "ban", room: "ops", user: "bob" });
    assertEquals((await bob.until("left")).code, "banned");
    assertEquals(await codeOf(join(bob, "ops")), "banned");
    await boss.ask({ type: "ban", user: "bob" });
    assertEquals((await bob.untilEnd()).at(-1)?.code, "banned");
  });
}

Deno.test("two servers: who joins again on the other server may read on both", async () => {
  await using pair = await startPair();
  const ann = await enter(pair.one, "ann", "ops");
  const bob = await pair.one.connect();
  const { token } = await hello(bob, guest("bob"));
  await join(bob, "ops");
  await ann.ask({ type: "kick", room: "ops", user: "bob" });
  await bob.until("left");
  const again = await comeBack(pair.other, token);
  assertEquals(await codeOf(join(again, "ops")), "room");
  // The one server knows of the removal, and asks the store before it refuses.
  const resumed = await bob.ask({ type: "resume", rooms: [{ room: "ops", seq: 0 }] });
  assertEquals(resumed.rooms[0].recovered, true);
  await ann.ask(send("welcome back"));
  assertEquals((await bob.until("message")).content, "welcome back");
  assertEquals((await again.until("message")).content, "welcome back");
});

Deno.test("two servers: a message is refused to who was removed, on a server that was not notified", async () => {
  await using pair = await startPair();
  pair.net.loses = ({ type }) => type === "acted";
  const ann = await enter(pair.one, "ann", "ops");
  const bob = await pair.other.connect();
  await hello(bob, guest("bob"));
  await join(bob, "ops");
  await ann.ask({ type: "ban", room: "ops", user: "bob" });
  // Nobody has told the other server; the store refuses the membership.
  await bob.ask({ type: "leave", room: "ops" });
  assertEquals(await codeOf(join(bob, "ops")), "banned");
  const { repository } = pair.one;
  const room = await repository.rooms.find("ops");
  assertEquals(room?.members, 1);
});

/** Holds back the answers of one method of the store until they are released. */
function hold<K extends "members" | "rooms" | "messages">(
  repository: Repository,
  noun: K,
  method: keyof Repository[K] & string,
): { readonly waiting: () => number; release(): void } {
  const store = repository[noun] as unknown as Record<string, (...args: unknown[]) => unknown>;
  const original = store[method]?.bind(store);
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  store[method] = async (...args: unknown[]) => {
    const answer = await original?.(...args);
    waiting++;
    await promise;
    return answer;
  };
  return {
    waiting: () => waiting,
    release: () => {
      if (original !== undefined) store[method] = original;
      resolve();
    },
  };
}

/** The reply to a request that was sent before. */
async function replyTo(client: RawClient, id: string): Promise<Frame> {
  for (;;) {
    const frame = await client.next();
    if (frame.re === id) return frame;
  }
}

/** What is true of a user who is outside, and of one who is a member: nothing else may be. */
async function assertWhole(
  { one, other }: Pair,
  { ann, bob, token }: { ann: RawClient; bob: RawClient; token: string },
): Promise<void> {
  const room = await one.repository.rooms.find("ops");
  assert(room !== undefined);
  const user = (await one.repository.moderation.findUser("bob"))?.id;
  assert(user !== undefined);
  const isMember = (await one.repository.members.among(user, [room.id])).has(room.id);
  const content = `after ${crypto.randomUUID()}`;
  await ann.ask(send(content));
  for (const server of [one, other]) {
    const third = await comeBack(server, token);
    const history = await codeOf(third.ask({ type: "history", room: "ops" }));
    assertEquals(history, isMember ? "page" : "not_in_room");
    third.close();
  }
  await bob.ask({ type: "ping" });
  const received = bob.raw.includes(content);
  assert(isMember || !received, "a user who is no member was sent an event");
}

for (
  const [what, noun, method, request] of [
    ["a join", "members", "add", { type: "join", room: "ops" }],
    ["a resume", "rooms", "lastSeqs", { type: "resume", rooms: [{ room: "ops", seq: 9 }] }],
    ["a page", "messages", "before", { type: "history", room: "ops" }],
  ] as const
) {
  Deno.test(`two servers: a kick during ${what} on the other leaves no half member`, async () => {
    await using pair = await startPair();
    const ann = await enter(pair.one, "ann", "ops");
    const bob = await pair.other.connect();
    const { token } = await hello(bob, guest("bob"));
    await join(bob, "ops");
    await ann.ask(send("one"));
    if (what === "a join") {
      await bob.ask({ type: "leave", room: "ops" });
      await ann.until("left");
    }
    const held = hold(pair.one.repository, noun, method as never);
    await bob.send({ ...request, id: "held" });
    try {
      await eventually(() => held.waiting(), (waiting) => waiting > 0);
      assertEquals(await codeOf(ann.ask({ type: "kick", room: "ops", user: "bob" })), "ok");
      await bob.until("left");
    } finally {
      held.release();
    }
    const answer = await replyTo(bob, "held");
    assertEquals(answer.rooms?.[0]?.error ?? answer.code, "not_in_room");
    await pair.one.server.hub.poll("all");
    await pair.other.server.hub.poll("all");
    await assertWhole(pair, { ann, bob, token });
  });
}

Deno.test("two servers: kicks, joins and resumes at random leave members and strangers alone", async () => {
  await using pair = await startPair();
  const ann = await enter(pair.one, "ann", "ops");
  const bob = await pair.other.connect();
  const { token } = await hello(bob, guest("bob"));
  const also = await comeBack(pair.one, token);
  await join(bob, "ops");
  for (let round = 0; round < 40; round++) {
    const requests = [
      { type: "join", room: "ops" },
      { type: "resume", rooms: [{ room: "ops", seq: 0 }] },
      send(`${round}`),
    ];
    const inTurn = async (client: RawClient, first: number) => {
      for (let at = 0; at < 2; at++) await client.ask(requests[(first + at) % 3] ?? {});
    };
    await Promise.all([
      ann.ask({ type: "kick", room: "ops", user: "bob" }),
      inTurn(bob, round % 3),
      inTurn(also, (round >> 1) % 3),
    ]);
    await pair.one.server.hub.poll("all");
    await pair.other.server.hub.poll("all");
    await assertWhole(pair, { ann, bob, token });
    await assertWhole(pair, { ann, bob: also, token });
  }
});

Deno.test("two servers: a user of the other server is found by name and kept out", async () => {
  await using pair = await startPair();
  const boss = await comeBack(pair.one, pair.one.adminToken);
  const eve = await greet(pair.other, "eve");
  assertEquals(await codeOf(boss.ask({ type: "kick", user: "eve" })), "ok");
  assertEquals((await eve.untilEnd()).at(-1)?.code, "kicked");
  const bob = await pair.other.connect();
  const { token } = await hello(bob, guest("bob"));
  assertEquals(await codeOf(boss.ask({ type: "ban", user: "bob" })), "ok");
  await bob.untilEnd();
  assertEquals((await hello(await pair.one.connect(), byToken(token))).code, "banned");
});
