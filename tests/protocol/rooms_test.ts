// Protocol 4.1 to 4.4: rooms, who belongs to them, and what is told of it.

import { assert, assertEquals } from "@std/assert";
import { startTestServer } from "../support/server.ts";
import { comeBack, enter, greet, join, range, say, UNHURRIED } from "./scene.ts";

const ROOMY = { limits: UNHURRIED };

Deno.test("protocol 4.1: the lobby is there from the first moment", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  assertEquals((await join(ada, "lobby")).room, "lobby");
});

Deno.test("protocol 4.1: a room is the same in any case, and is written as it was made", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  assertEquals((await join(ada, "Ops-1", { create: true })).room, "Ops-1");
  assertEquals((await join(bob, "oPS-1", { create: true })).count, 2);
  assertEquals((await bob.ask({ type: "message", room: "OPS-1", content: "x" })).room, "Ops-1");
  assertEquals((await ada.until("message")).room, "Ops-1");
});

Deno.test("protocol 4.1: nobody makes a room that would sound like the server", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  for (const room of ["system", "Server", "ALL", "here"]) {
    const refused = await join(ada, room, { create: true });
    assertEquals([refused.code, refused.field], ["name_taken", "room"], room);
  }
});

Deno.test("protocol 4.1: names of rooms of other kinds are well formed, but made by nobody", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  for (const create of [undefined, true]) {
    assertEquals((await join(ada, "@bob", { create })).code, "no_such_room");
  }
});

Deno.test("protocol 4.1: what is no name is bad_name, what is no string bad_field", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  for (const room of ["", "1", "-a", "a-", "a".repeat(65), "a b", "a\n", "\u0430", "a/b", "#ops"]) {
    assertEquals((await join(ada, room, { create: true })).code, "bad_name", room);
  }
  for (const room of [undefined, null, 7, ["ops"], { name: "ops" }, true]) {
    const refused = await ada.ask({ type: "join", room });
    assertEquals([refused.code, refused.field], ["bad_field", "room"]);
  }
  for (const room of ["a", "A", "a".repeat(64), "a_-9"]) {
    assertEquals((await join(ada, room, { create: true })).type, "room", room);
  }
});

Deno.test("protocol 4.2: a missing room is no_such_room, unless it is to be made", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  for (const create of [undefined, false]) {
    const refused = await join(ada, "ops", { create });
    assertEquals([refused.code, refused.field], ["no_such_room", "room"]);
  }
  assertEquals((await join(ada, "ops", { create: "yes" })).field, "create");
  const { re: _re, ...created } = await join(ada, "ops", { create: true });
  assertEquals(created, {
    type: "room",
    room: "ops",
    kind: "public",
    standing: "owner",
    topic: "",
    first: 1,
    last: 0,
    read: 0,
    count: 1,
  });
});

Deno.test("protocol 4.2: joining tells where the room stands, and hears what comes above", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await say(ada, { texts: ["one", "two"] });
  const { last, read, count } = await join(bob, "lobby");
  assertEquals([last, read, count], [2, 2, 2]);
  await say(ada, { texts: ["three"] });
  assertEquals((await bob.next()).seq, 3);
});

Deno.test("protocol 4.2: under concurrent sending, every event above last arrives, none below", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  const writing = (async () => {
    for (let n = 0; n < 100; n++) await say(ada, { texts: ["a", "b"] });
  })();
  const joining: Promise<void>[] = [];
  for (let n = 0; n < 8; n++) {
    const reader = await greet(server, `reader${n + 1}x`);
    const { last } = await join(reader, "lobby");
    joining.push((async () => {
      for (const seq of range(last + 1, 200)) {
        assertEquals((await reader.until("message")).seq, seq);
      }
    })());
  }
  await Promise.all([writing, ...joining]);
});

Deno.test("protocol 4.2: joining again changes nothing and is told to nobody", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await enter(server, "bob")];
  await ada.until("joined");
  assertEquals((await join(bob, "lobby")).count, 2);
  await ada.quiet();
  await say(ada, { texts: ["once"] });
  assertEquals((await bob.next()).seq, 1);
  await bob.quiet();
});

Deno.test("protocol 4.2: a membership outlives the connection, the hearing does not", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await server.connect()];
  const { token } = await bob.hello("bob");
  await join(bob, "lobby");
  await ada.until("joined");
  bob.close();
  const again = await comeBack(server, token);
  await say(ada, { texts: ["unheard"] });
  await again.quiet();
  const { read, count } = await join(again, "lobby");
  assertEquals([read, count], [0, 2]);
  await ada.until("message");
  await ada.quiet();
});

Deno.test("protocol 4.2: a server may let only some make rooms; existing ones are joined all the same", async () => {
  await using server = await startTestServer({ createRooms: "operators" });
  const ada = await greet(server, "ada");
  const refused = await join(ada, "ops", { create: true });
  assertEquals([refused.code, refused.field], ["forbidden", "create"]);
  assertEquals((await join(ada, "lobby", { create: true })).type, "room");
  const admin = await comeBack(server, server.adminToken);
  assertEquals((await join(admin, "ops", { create: true })).type, "room");
  assertEquals((await join(ada, "ops", { create: true })).type, "room");
});

Deno.test("protocol 4.2: one makes only so many rooms", async () => {
  await using server = await startTestServer({ limits: { rooms_owned: 2 } });
  const [ada, bob] = [await greet(server, "ada"), await greet(server, "bob")];
  await join(ada, "one", { create: true });
  await join(ada, "two", { create: true });
  const refused = await join(ada, "three", { create: true });
  assertEquals([refused.code, refused.field], ["forbidden", "create"]);
  await join(bob, "three", { create: true });
  assertEquals((await join(ada, "three", { create: true })).type, "room");
});

Deno.test("protocol 4.2: one belongs to only so many rooms, and makes none beyond", async () => {
  await using server = await startTestServer({ limits: { rooms_joined: 2 } });
  const [ada, bob] = [await greet(server, "ada"), await enter(server, "bob", "other")];
  await join(ada, "lobby");
  await join(ada, "own", { create: true });
  for (const [room, create] of [["other", false], ["other", true], ["new", true]] as const) {
    const refused = await join(ada, room, { create });
    assertEquals([refused.code, refused.field], ["forbidden", "room"], room);
  }
  // Neither has the refused room been made, nor is one kept out of those one belongs to.
  assertEquals((await join(bob, "new")).code, "no_such_room");
  assertEquals((await join(ada, "lobby")).type, "room");
  await ada.ask({ type: "leave", room: "own" });
  assertEquals((await join(ada, "other")).type, "room");
});

Deno.test("protocol 4.2: a room has only so many members", async () => {
  await using server = await startTestServer({ limits: { room_members: 2 } });
  const [ada, bob] = [await enter(server, "ada"), await enter(server, "bob")];
  const carl = await greet(server, "carl");
  const refused = await join(carl, "lobby");
  assertEquals([refused.code, refused.field], ["forbidden", "room"]);
  assertEquals((await join(bob, "lobby")).count, 2);
  await ada.ask({ type: "leave", room: "lobby" });
  assertEquals((await join(carl, "lobby")).count, 2);
});

Deno.test("protocol 4.3: leaving ends membership and hearing on every connection of the user", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await server.connect()];
  const { token } = await bob.hello("bob");
  await join(bob, "lobby");
  const second = await comeBack(server, token);
  await join(second, "lobby");
  const { re: _re, ...left } = await second.ask({ type: "leave", room: "LOBBY" });
  assertEquals(left, { type: "ok", room: "lobby" });
  await say(ada, { texts: ["unheard"] });
  assertEquals((await bob.next()).type, "left");
  await bob.quiet();
  await second.quiet();
  assertEquals((await bob.ask({ type: "leave", room: "lobby" })).code, "not_in_room");
  assertEquals((await bob.ask({ type: "leave", room: "nowhere" })).code, "no_such_room");
});

Deno.test("protocol 4.3: no event of the room comes after the reply", async () => {
  await using server = await startTestServer(ROOMY);
  const [ada, bob] = [await greet(server, "ada"), await enter(server, "bob")];
  const writing = (async () => {
    for (let n = 0; n < 40; n++) await say(ada, { texts: ["a", "b", "c"] });
  })();
  await bob.until("message");
  await bob.ask({ type: "leave", room: "lobby" });
  await writing;
  await bob.quiet();
});

Deno.test("protocol 4.3: one who hears a room without being a member may leave it, untold", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await bob.ask({ type: "resume", rooms: [{ room: "lobby", seq: 0 }] });
  assertEquals((await bob.ask({ type: "leave", room: "lobby" })).type, "ok");
  await ada.quiet();
});

Deno.test("protocol 4.4: those who hear a room are told who has come and gone, the connection that does it is not", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada");
  const bob = await server.connect();
  const { you, token } = await bob.hello("bob");
  const second = await comeBack(server, token);
  await second.ask({ type: "resume", rooms: [{ room: "lobby", seq: 0 }] });
  await join(bob, "lobby");
  const joined = await ada.next();
  assert(Math.abs(joined.time - Date.now()) < 10_000);
  const expected = { room: "lobby", user: you.user, from: "bob", guest: true };
  assertEquals(joined, { type: "joined", time: joined.time, ...expected });
  assertEquals((await second.next()).type, "joined");
  await bob.ask({ type: "leave", room: "lobby" });
  const left = await ada.next();
  assertEquals(left, { type: "left", time: left.time, ...expected });
  assertEquals(await second.next(), left);
  await bob.quiet();
  await second.quiet();
});

Deno.test("protocol 4.4: an account is told without guest", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada");
  const admin = await comeBack(server, server.adminToken);
  await join(admin, "lobby");
  const { type, from, guest } = await ada.next();
  assertEquals([type, from, guest], ["joined", "admin", undefined]);
});

Deno.test("protocol 4.4: a room that more than 100 connections hear tells a count instead", async () => {
  await using server = await startTestServer({
    limits: { ...UNHURRIED, sessions_per_user: 200 },
    pace: 20,
  });
  const ada = await server.connect();
  const { token } = await ada.hello("ada");
  await join(ada, "lobby");
  for (let n = 0; n < 99; n++) await join(await comeBack(server, token), "lobby");
  // A hundred connections hear the room: the next member is still told by name.
  const bob = await enter(server, "bob");
  assertEquals((await ada.next()).from, "bob");
  const carl = await enter(server, "carl");
  assertEquals(await ada.next(), { type: "count", room: "lobby", count: 3 });
  assertEquals(await bob.next(), { type: "count", room: "lobby", count: 3 });
  await carl.ask({ type: "leave", room: "lobby" });
  assertEquals(await ada.next(), { type: "count", room: "lobby", count: 2 });
  await ada.quiet();
});

Deno.test("protocol 4.4: what one connection joins or leaves, all others of the same user are told", async () => {
  await using server = await startTestServer(ROOMY);
  const one = await server.connect();
  const { token, you } = await one.hello("ada");
  const [other, third] = [await comeBack(server, token), await comeBack(server, token)];
  const bob = await enter(server, "bob", "ops");
  assertEquals((await join(one, "ops")).type, "room");
  const own = { user: you.user, from: "ada", guest: true };
  for (const client of [other, third, bob]) {
    const { type, room, user, from, guest } = await client.next();
    assertEquals([type, room, { user, from, guest }], ["joined", "ops", own]);
  }
  // Joined again it is no news; who hears the room is told once, like everybody there.
  await join(other, "ops");
  await Promise.all([one.quiet(), third.quiet(), bob.quiet()]);
  assertEquals((await third.ask({ type: "leave", room: "ops" })).type, "ok");
  for (const client of [one, other, bob]) {
    const { type, room, user } = await client.next();
    assertEquals([type, room, user], ["left", "ops", you.user]);
  }
  await say(bob, { texts: ["unheard"], room: "ops" });
  await Promise.all([one.quiet(), other.quiet(), third.quiet()]);
});

Deno.test("protocol 4.4: a connection that hears a room without belonging to it is told that it hears it no more", async () => {
  await using server = await startTestServer(ROOMY);
  const one = await server.connect();
  const { token } = await one.hello("ada");
  const other = await comeBack(server, token);
  await other.ask({ type: "resume", rooms: [{ room: "lobby", seq: 0 }] });
  await one.ask({ type: "leave", room: "lobby" });
  const { type, room } = await other.next();
  assertEquals([type, room], ["left", "lobby"]);
});

Deno.test("protocol 4.4: in a room too large to tell each of it, one's own connections are told all the same", async () => {
  await using server = await startTestServer({ limits: { ...UNHURRIED, sessions_per_user: 200 } });
  const crowd = await server.connect();
  const { token: many } = await crowd.hello("crowd");
  await join(crowd, "lobby");
  for (const _ of range(1, 101)) await join(await comeBack(server, many), "lobby");
  const one = await server.connect();
  const { token } = await one.hello("ada");
  const other = await comeBack(server, token);
  await other.ask({ type: "resume", rooms: [{ room: "lobby", seq: 0 }] });
  await join(one, "lobby");
  assertEquals((await other.next()).type, "joined");
  await one.ask({ type: "leave", room: "lobby" });
  assertEquals((await other.next()).type, "left");
});

Deno.test("protocol 4.4: an inquiry that one connection opens, the others of the asker are told", async () => {
  await using server = await startTestServer(ROOMY);
  const one = await server.connect();
  const { token, you } = await one.hello("ada");
  const other = await comeBack(server, token);
  await one.ask({ type: "inquiry", content: "may I?", cid: "a" });
  const { type, room, user } = await other.next();
  assertEquals([type, room, user], ["joined", "?1", you.user]);
  await one.ask({ type: "inquiry", content: "may I?", cid: "a" });
  await one.ask({ type: "message", room: "?1", content: "or not?" });
  await other.quiet();
});
