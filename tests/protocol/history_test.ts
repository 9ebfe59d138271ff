// Protocol 6.1 and 6.2: pages of a room's events, and how far one has read.

import { assert, assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { comeBack, enter, greet, JumpingClock, range, say, texts, UNHURRIED } from "./scene.ts";

async function page(client: RawClient, where: object = {}): Promise<Frame> {
  return await client.ask({ type: "history", room: "lobby", ...where });
}

/** A page as its seqs and its two edges. */
async function shape(client: RawClient, where: object = {}): Promise<unknown[]> {
  const { events, more_before, more_after } = await page(client, where);
  return [events.map((event: Frame) => event.seq), more_before, more_after];
}

const ROOMY = { limits: UNHURRIED };

Deno.test("protocol 6.1: without a place it is the newest page, 50 events unless said otherwise", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  await say(ada, { texts: texts(120) });
  assertEquals(await shape(ada), [range(71, 120), true, false]);
  assertEquals(await shape(ada, { limit: 3 }), [[118, 119, 120], true, false]);
});

Deno.test("protocol 6.1: more than a page may hold is a whole page", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  await say(ada, { texts: texts(120) });
  assertEquals(await shape(ada, { limit: 1_000_000 }), [range(21, 120), true, false]);
});

Deno.test("protocol 6.1: before and after give the nearest events, oldest first", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  await say(ada, { texts: texts(10) });
  assertEquals(await shape(ada, { before: 8, limit: 3 }), [[5, 6, 7], true, true]);
  assertEquals(await shape(ada, { before: 4 }), [[1, 2, 3], false, true]);
  assertEquals(await shape(ada, { before: 99, limit: 2 }), [[9, 10], true, false]);
  assertEquals(await shape(ada, { after: 2, limit: 3 }), [[3, 4, 5], true, true]);
  assertEquals(await shape(ada, { after: 7 }), [[8, 9, 10], true, false]);
  assertEquals(await shape(ada, { after: 0, limit: 2 }), [[1, 2], false, true]);
});

Deno.test("protocol 6.1: around gives the event itself and its neighbours on both sides", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  await say(ada, { texts: texts(10) });
  assertEquals(await shape(ada, { around: 5, limit: 1 }), [[5], true, true]);
  assertEquals(await shape(ada, { around: 5, limit: 4 }), [[3, 4, 5, 6], true, true]);
  assertEquals(await shape(ada, { around: 5, limit: 5 }), [[3, 4, 5, 6, 7], true, true]);
  assertEquals(await shape(ada, { around: 1, limit: 4 }), [[1, 2, 3, 4], false, true]);
  assertEquals(await shape(ada, { around: 10, limit: 4 }), [[7, 8, 9, 10], true, false]);
  assertEquals(await shape(ada, { around: 99, limit: 2 }), [[9, 10], true, false]);
  assertEquals(await shape(ada, { around: 0, limit: 2 }), [[1, 2], false, true]);
});

Deno.test("protocol 6.1: at begins with the first event at or after a time", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ ...ROOMY, clock });
  const ada = await greet(server, "ada");
  for (const time of [1_000, 2_000, 2_000, 3_000]) {
    clock.setWall(time);
    await say(ada, { texts: [`at ${time}`] });
  }
  assertEquals(await shape(ada, { at: 0 }), [[1, 2, 3, 4], false, false]);
  assertEquals(await shape(ada, { at: 2_000, limit: 2 }), [[2, 3], true, true]);
  assertEquals(await shape(ada, { at: 2_001 }), [[4], true, false]);
  assertEquals(await shape(ada, { at: 3_001 }), [[], true, false]);
});

Deno.test("protocol 6.1: an empty page says what lies on either side", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  for (const where of [{}, { before: 5 }, { after: 0 }, { around: 1 }, { at: 0 }]) {
    assertEquals(await shape(ada, where), [[], false, false]);
  }
});

Deno.test("protocol 6.1: a page before the first or after the last event is empty, with its edge", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  await say(ada, { texts: texts(3) });
  for (const before of [0, 1]) assertEquals(await shape(ada, { before }), [[], false, true]);
  for (const after of [3, 99]) assertEquals(await shape(ada, { after }), [[], true, false]);
});

Deno.test("protocol 6.1: at most one place, and a limit from 1 on", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  for (
    const [where, field] of [
      [{ before: 1, after: 1 }, "after"],
      [{ at: 1, around: 1 }, "at"],
      [{ limit: 0 }, "limit"],
      [{ limit: 1.5 }, "limit"],
      [{ limit: "5" }, "limit"],
      [{ limit: null }, "limit"],
      [{ before: -1 }, "before"],
      [{ after: 2 ** 53 }, "after"],
      [{ around: "1" }, "around"],
      [{ at: [1] }, "at"],
    ] as const
  ) {
    const refused = await page(ada, where);
    assertEquals([refused.code, refused.field], ["bad_field", field], JSON.stringify(where));
  }
});

Deno.test("protocol 6.1: one reads without being a member, but not what is not there", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada", "ops"), await greet(server, "bob")];
  await say(ada, { room: "ops", texts: ["hello"] });
  assertEquals((await page(bob, { room: "OPS" })).events[0].content, "hello");
  assertEquals((await page(bob, { room: "nowhere" })).code, "no_such_room");
});

for (
  const [what, text] of [
    ["large", "x".repeat(30_000)],
    ["doubled by its quotes", '"'.repeat(29_000)],
    ["six-fold by its escapes", "\u2028".repeat(9_990)],
  ] as const
) {
  Deno.test(`protocol 6.1: pages of texts that are ${what} end early, and paging on skips nothing`, async () => {
    await using server = await startTestServer(ROOMY);
    const ada = await greet(server, "ada");
    await say(ada, { texts: range(1, 9).map((n) => `${n}${text}`) });

    const forwards: number[] = [];
    for (let more = true; more;) {
      const { events, more_after } = await sized(ada, { after: forwards.at(-1) ?? 0 });
      forwards.push(...events.map((event: Frame) => event.seq));
      more = more_after;
    }
    assertEquals(forwards, range(1, 9));

    const backwards: number[] = [];
    for (let more = true; more;) {
      const { events, more_before } = await sized(ada, { before: backwards[0] ?? 99 });
      backwards.unshift(...events.map((event: Frame) => event.seq));
      more = more_before;
    }
    assertEquals(backwards, range(1, 9));

    for (const around of range(1, 9)) {
      const { events } = await sized(ada, { around });
      const seqs: number[] = events.map((event: Frame) => event.seq);
      assert(seqs.includes(around), `${seqs} holds ${around}`);
      assertEquals(seqs, range(seqs[0] ?? 0, seqs.at(-1) ?? 0));
    }
  });
}

/** A page, and the proof that its frame is no larger than a frame may be. */
async function sized(client: RawClient, where: object): Promise<Frame> {
  const before = client.raw.length;
  const frame = await page(client, where);
  const bytes = new TextEncoder().encode(client.raw.slice(before)).length;
  assert(bytes <= 65_536, `a page of ${bytes} bytes`);
  assert(frame.events.length > 0);
  return frame;
}

Deno.test("protocol 6.2: a read position moves forward only, and never past the last event", async () => {
  await using server = await startTestServer(ROOMY);
  const [ada, bob] = [await enter(server, "ada"), await enter(server, "bob")];
  await say(ada, { texts: texts(5) });
  const read = async (seq: number) => {
    const reply = await bob.ask({ type: "read", room: "lobby", seq });
    assertEquals([reply.type, reply.room, reply.seq], ["ok", "lobby", undefined]);
    const { rooms } = await bob.ask({ type: "rooms", joined: true });
    return [rooms[0].read, rooms[0].unread];
  };
  assertEquals(await read(2), [2, 3]);
  assertEquals(await read(1), [2, 3]);
  assertEquals(await read(99), [5, 0]);
});

Deno.test("protocol 6.2: only a member has a read position", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  assertEquals((await ada.ask({ type: "read", room: "lobby", seq: 0 })).code, "not_in_room");
  assertEquals((await ada.ask({ type: "read", room: "nowhere", seq: 0 })).code, "no_such_room");
  for (const seq of [-1, 0.5, "1", null]) {
    assertEquals((await ada.ask({ type: "read", room: "lobby", seq })).field, "seq");
  }
});

Deno.test("protocol 6.2: what others have said since is unread, and what names one a mention", async () => {
  await using server = await startTestServer(ROOMY);
  const [ada, bob] = [await enter(server, "ada"), await server.connect()];
  const { token } = await bob.hello("bob");
  await say(ada, { texts: ["before bob was there"] });
  await bob.ask({ type: "join", room: "lobby" });
  await say(ada, { texts: ["hello", "@BOB look", "@bobby no", "mail@bob.example"] });
  const again = await comeBack(server, token);
  const { rooms } = await again.ask({ type: "rooms", joined: true });
  assertEquals(rooms, [
    {
      room: "lobby",
      kind: "public",
      first: 1,
      last: 5,
      joined: true,
      read: 1,
      unread: 4,
      mentions: 2,
    },
  ]);
  await say(bob, { texts: ["mine do not count, @bob, and I have read what was before"] });
  await say(ada, { texts: ["@bob once more"] });
  const { rooms: later } = await again.ask({ type: "rooms" });
  assertEquals(later, [{
    room: "lobby",
    kind: "public",
    topic: "",
    first: 1,
    last: 7,
    count: 2,
    joined: true,
    read: 6,
    unread: 1,
    mentions: 1,
  }]);
});
