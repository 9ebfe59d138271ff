// Protocol 6.3 to 6.5: rooms are heard again from where a client's cursors stand; every event above
// the boundary arrives, in order, once.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { StoreError } from "../../lib/store/repository.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { comeBack, enter, greet, range, say, take, texts, UNHURRIED } from "./scene.ts";

function resume(client: RawClient, rooms: object[], epoch?: string): Promise<Frame> {
  return client.ask({ type: "resume", epoch, rooms });
}

const seqs = (events: readonly Frame[]) => events.map((event) => event.seq);

Deno.test("protocol 6.3: what was missed follows the reply, oldest first, then what is said", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: texts(5) });
  const resumed = await resume(bob, [{ room: "LOBBY", seq: 2 }]);
  assertEquals(resumed.rooms, [{ room: "lobby", recovered: true, missed: 3, last: 5 }]);
  assertEquals(seqs([await bob.next(), await bob.next(), await bob.next()]), [3, 4, 5]);
  await say(ada, { texts: ["live"] });
  assertEquals((await bob.next()).seq, 6);
  await bob.quiet();
});

Deno.test("protocol 6.3: an event is the same object live, in a page and in a replay", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: ["the same"] });
  const live = await ada.until("message");
  await resume(bob, [{ room: "lobby", seq: 0 }]);
  const { events } = await bob.ask({ type: "history", room: "lobby" });
  assertEquals(events, [live]);
});

Deno.test("protocol 6.3: a cursor that has everything recovers nothing, and hears what comes", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: texts(2) });
  assertEquals((await resume(bob, [{ room: "lobby", seq: 2 }])).rooms, [
    { room: "lobby", recovered: true, missed: 0, last: 2 },
  ]);
  await bob.quiet();
  await say(ada, { texts: ["live"] });
  assertEquals((await bob.next()).seq, 3);
});

Deno.test("protocol 6.3: resuming makes nobody a member, and needs no membership", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await resume(bob, [{ room: "lobby", seq: 0 }]);
  await ada.quiet();
  assertEquals((await ada.ask({ type: "members", room: "lobby" })).members.length, 1);
});

Deno.test("protocol 6.3: more than may be replayed is too_many, and live events begin after last", async () => {
  await using server = await startTestServer({ limits: { ...UNHURRIED, resume: 5 } });
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: texts(10) });
  const exactly = await resume(bob, [{ room: "lobby", seq: 5 }]);
  assertEquals(exactly.rooms[0].recovered, true);
  assertEquals(seqs(await take(bob, { n: 5 })), range(6, 10));
  const carl = await greet(server, "carl");
  assertEquals((await resume(carl, [{ room: "lobby", seq: 4 }])).rooms, [
    { room: "lobby", recovered: false, missed: 6, last: 10, reason: "too_many" },
  ]);
  await carl.quiet();
  await say(ada, { texts: ["live"] });
  assertEquals((await carl.next()).seq, 11);
});

Deno.test("protocol 6.3: a cursor of another epoch, or above the last event, is void", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await server.connect()];
  const { epoch } = await bob.hello("bob");
  await say(ada, { texts: texts(3) });
  const entry = { room: "lobby", recovered: false, last: 3, reason: "epoch" };
  assertEquals((await resume(bob, [{ room: "lobby", seq: 1 }], `${epoch}x`)).rooms, [
    { ...entry, missed: 2 },
  ]);
  assertEquals((await resume(bob, [{ room: "lobby", seq: 4 }], epoch)).rooms, [
    { ...entry, missed: 0 },
  ]);
  assertEquals((await resume(bob, [{ room: "lobby", seq: Number.MAX_SAFE_INTEGER }])).rooms, [
    { ...entry, missed: 0 },
  ]);
  await bob.quiet();
  await say(ada, { texts: ["live"] });
  assertEquals((await bob.next()).seq, 4);
  await bob.quiet();
});

Deno.test("protocol 6.3: a room that is not there fails alone", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: texts(1) });
  const { rooms } = await resume(bob, [
    { room: "nowhere", seq: 3 },
    { room: "@bob", seq: 0 },
    { room: "lobby", seq: 0 },
  ]);
  assertEquals(rooms, [
    { room: "nowhere", error: "no_such_room" },
    { room: "@bob", error: "no_such_room" },
    { room: "lobby", recovered: true, missed: 1, last: 1 },
  ]);
  assertEquals((await bob.next()).seq, 1);
});

Deno.test("protocol 6.3: at most 200 cursors, each held to its types", async () => {
  await using server = await startTestServer();
  const bob = await greet(server, "bob");
  const many = (n: number) => Array.from({ length: n }, () => ({ room: "lobby", seq: 0 }));
  assertEquals((await resume(bob, many(200))).rooms.length, 200);
  for (
    const [rooms, field] of [
      [many(201), "rooms"],
      [[{ room: "lobby", seq: 0 }, { room: "lobby", seq: -1 }], "rooms.1.seq"],
      [[{ room: "lobby", seq: 0 }, 7], "rooms.1"],
      [[{ seq: 0 }], "rooms.0.room"],
    ] as const
  ) {
    const { code, field: named } = await bob.ask({ type: "resume", rooms });
    assertEquals([code, named], ["bad_field", field]);
  }
  assertEquals((await bob.ask({ type: "resume" })).field, "rooms");
});

Deno.test("protocol 6.3: a room that is heard already begins anew from the cursor", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await enter(server, "bob")];
  await say(ada, { texts: texts(4) });
  assertEquals(seqs(await take(bob, { n: 4 })), range(1, 4));
  await resume(bob, [{ room: "lobby", seq: 2 }]);
  assertEquals(seqs([await bob.next(), await bob.next()]), [3, 4]);
  await say(ada, { texts: ["live"] });
  assertEquals((await bob.next()).seq, 5);
  await bob.quiet();
});

Deno.test("protocol 6.3: many rooms with much missed are replayed room by room, within the queue", async () => {
  await using server = await startTestServer({ limits: { ...UNHURRIED, rooms_owned: 40 } });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  const rooms = Array.from({ length: 40 }, (_, at) => `room${at}`);
  for (const room of rooms) {
    await ada.ask({ type: "join", room, create: true });
    await say(ada, { room, texts: texts(10, { bytes: 4_000 }) });
  }
  await resume(bob, rooms.map((room) => ({ room, seq: 0 })));
  const events = await take(bob, { n: 40 * 10 });
  assertEquals(
    events.map(({ room, seq }) => `${room} ${seq}`),
    rooms.flatMap((room) => range(1, 10).map((seq) => `${room} ${seq}`)),
  );
  await bob.quiet();
});

Deno.test("protocol 6.3: a replay of megabytes waits for a slow reader, who misses nothing", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: texts(280, { bytes: 30_000 }) });
  await bob.send({ type: "resume", id: "r", rooms: [{ room: "lobby", seq: 0 }] });
  // Meanwhile bob reads nothing: what the kernel does not take waits in the store, not in a queue.
  for (let n = 0; n < 10; n++) await say(ada, { texts: ["live"] });
  const admin = await comeBack(server, server.adminToken);
  const { counters } = await admin.ask({ type: "stats" });
  assert(counters.queued_bytes < 500_000, `${counters.queued_bytes} bytes are queued`);
  assertEquals((await bob.next()).rooms[0].missed, 280);
  assertEquals(seqs(await take(bob, { n: 290 })), range(1, 290));
  await bob.quiet();
});

Deno.test("protocol 6.3: a resume that the store cannot answer has done nothing", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: texts(2) });
  const { rooms } = server.repository;
  Object.assign(rooms, {
    findFor: () => {
      throw new StoreError("unavailable", "the database is away");
    },
  });
  const refused = await resume(bob, [{ room: "lobby", seq: 0 }, { room: "away", seq: 0 }]);
  assertEquals([refused.code, refused.retry], ["unavailable", true]);
  assertMatch(refused.fault, /^[0-9a-f]{8}$/);
  await say(ada, { texts: ["unheard"] });
  await bob.quiet();
});

Deno.test("protocol 6.4: under concurrent sending every event arrives in order, once", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const writers = [await greet(server, "ada"), await greet(server, "bob")];
  await say(writers[0] as RawClient, { texts: texts(20) });
  const total = 20 + 2 * 150;
  const writing = Promise.all(writers.map(async (writer) => {
    for (let n = 0; n < 150; n += 3) await say(writer, { texts: texts(3) });
  }));
  // Readers begin one after the other while it is being written, each from another cursor.
  const readers: Promise<void>[] = [];
  for (let n = 0; n < 12; n++) {
    const reader = await greet(server, `reader${n + 1}x`);
    const seq = n % 3 === 0 ? 0 : 5 * n;
    const { last } = (await resume(reader, [{ room: "lobby", seq }])).rooms[0];
    assert(last >= seq);
    readers.push(
      take(reader, { n: total - seq }).then((events) => {
        assertEquals(seqs(events), range(seq + 1, total), `reader ${n} from ${seq}`);
        return reader.quiet();
      }),
    );
  }
  await Promise.all([writing, ...readers]);
});

Deno.test("protocol 6.4: after too_many the live events begin right after last, also under sending", async () => {
  await using server = await startTestServer({ limits: { ...UNHURRIED, resume: 1 } });
  const ada = await greet(server, "ada");
  await say(ada, { texts: texts(10) });
  const writing = (async () => {
    for (let n = 0; n < 100; n++) await say(ada, { texts: texts(2) });
  })();
  const readers: Promise<void>[] = [];
  for (let n = 0; n < 8; n++) {
    const reader = await greet(server, `reader${n + 1}x`);
    const { recovered, last } = (await resume(reader, [{ room: "lobby", seq: 0 }])).rooms[0];
    assertEquals(recovered, false);
    readers.push(
      take(reader, { n: 210 - last }).then((events) => {
        assertEquals(seqs(events), range(last + 1, 210));
      }),
    );
  }
  await Promise.all([writing, ...readers]);
});

Deno.test("protocol 6.4: leaving during a replay ends it", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: texts(250, { bytes: 30_000 }) });
  await bob.send({ type: "resume", rooms: [{ room: "lobby", seq: 0 }] });
  await bob.send({ type: "leave", id: "leave", room: "lobby" });
  await bob.until("resumed");
  const replayed: Frame[] = [];
  for (let frame = await bob.next(); frame.re !== "leave"; frame = await bob.next()) {
    replayed.push(frame);
  }
  assertEquals(seqs(replayed), range(1, replayed.length));
  assert(replayed.length < 250, "the replay was over before the room was left");
  await say(ada, { texts: ["unheard"] });
  await bob.quiet();
});

Deno.test("protocol 6.4: joining during a replay changes nothing of it, and tells how far it is", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: texts(250, { bytes: 30_000 }) });
  await bob.send({ type: "resume", rooms: [{ room: "lobby", seq: 0 }] });
  await bob.send({ type: "join", id: "join", room: "lobby" });
  await bob.until("resumed");
  const events: Frame[] = [];
  let last = -1;
  while (events.length < 250) {
    const frame = await bob.next();
    if (frame.re === "join") last = frame.last;
    else events.push(frame);
  }
  assertEquals(seqs(events), range(1, 250));
  assert(last >= 0 && last < 250, `last was ${last}`);
  await say(ada, { texts: ["live"] });
  assertEquals((await bob.until("message")).seq, 251);
});

Deno.test("protocol 6.5: a client that comes back misses nothing and sends nothing twice", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await server.connect()];
  const { token, epoch, you } = await bob.hello("bob");
  await bob.ask({ type: "join", room: "lobby" });
  await say(ada, { texts: texts(2) });
  assertEquals(seqs(await take(bob, { n: 2 })), [1, 2]);
  const unsure = { type: "message", room: "lobby", content: "mine", cid: "c1" };
  await bob.ask(unsure);
  bob.close();
  await say(ada, { texts: ["missed"] });
  const again = await server.connect();
  const welcome = await again.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  assertEquals([welcome.you, welcome.epoch], [you, epoch]);
  await resume(again, [{ room: "lobby", seq: 2 }], epoch);
  const { dup, seq } = await again.ask(unsure);
  assertEquals([dup, seq], [true, 3]);
  await again.quiet();
});

Deno.test("protocol 6.3: as many rooms are heard as one may join, of inquiries as many besides", async () => {
  await using server = await startTestServer({ limits: { ...UNHURRIED, rooms_joined: 2 } });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  for (const room of ["one", "two"]) await ada.ask({ type: "join", room, create: true });
  const cursors = (...rooms: string[]) => rooms.map((room) => ({ room, seq: 0 }));
  const { rooms } = await resume(bob, cursors("one", "two", "lobby", "one"));
  assertEquals(rooms, [
    { room: "one", recovered: true, missed: 0, last: 0 },
    { room: "two", recovered: true, missed: 0, last: 0 },
    { room: "lobby", error: "forbidden" },
    { room: "one", recovered: true, missed: 0, last: 0 },
  ]);
  assertEquals((await bob.ask({ type: "join", room: "lobby" })).code, "forbidden");
  assertEquals((await bob.ask({ type: "join", room: "one" })).type, "room");
  assertEquals((await bob.ask({ type: "inquiry", content: "May I?" })).type, "ok");
  assertEquals((await bob.ask({ type: "leave", room: "two" })).type, "ok");
  assertEquals((await bob.ask({ type: "join", room: "lobby" })).type, "room");
});

Deno.test("protocol 6.3: a replay is charged as pages of history are, and waits for its turn", async () => {
  const limits = { ...UNHURRIED, history_burst: 1, history_per_s: 0.01 };
  await using server = await startTestServer({ limits });
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: texts(250) });
  await resume(bob, [{ room: "lobby", seq: 0 }]);
  const received = await take(bob, { n: 150 });
  // A page and a half of one that may be sent at once: the rest, and other pages, have to wait.
  assertEquals(seqs(received), range(1, 150));
  const page = await bob.ask({ type: "history", room: "lobby", limit: 1 });
  assertEquals([page.code, page.retry], ["rate_limited", true]);
  assert(page.after_ms > 100_000, `${page.after_ms}`);
  await bob.quiet();
});
