// Protocol 4.5 and 4.6: rooms and members, listed in pages.

import { assert, assertEquals } from "@std/assert";
import type { Frame } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { comeBack, enter, greet, join, range, say, UNHURRIED } from "./scene.ts";
import { eventually } from "../support/waiting.ts";

const ROOMY = { limits: UNHURRIED };

const memberNames = ({ members }: Frame) => members.map((member: Frame) => member.name);
const roomNames = ({ rooms }: Frame) => rooms.map((entry: Frame) => entry.room);

Deno.test("protocol 4.5: rooms are listed by name, with what is one's own", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada", "beta"), await enter(server, "bob", "Alpha")];
  await say(bob, { room: "beta", texts: ["@ada hello"] });
  const { rooms, more } = await ada.ask({ type: "rooms" });
  const own = { read: 0, unread: 1, mentions: 1, joined: true, standing: "owner" };
  assertEquals(rooms, [
    { room: "Alpha", kind: "public", topic: "", first: 1, last: 0, count: 1 },
    { room: "beta", kind: "public", topic: "", first: 1, last: 1, count: 1, ...own },
    { room: "lobby", kind: "public", topic: "", first: 1, last: 0, count: 0 },
  ]);
  assertEquals(more, false);
  assertEquals((await ada.ask({ type: "rooms", joined: true })).rooms, [
    { room: "beta", kind: "public", first: 1, last: 1, ...own },
  ]);
});

Deno.test("protocol 4.5: a list goes on behind the last name of the page before", async () => {
  await using server = await startTestServer({
    limits: { ...UNHURRIED, rooms_owned: 120, rooms_joined: 120 },
  });
  const ada = await greet(server, "ada");
  const created = range(100, 219).map((n) => `${n % 2 === 0 ? "Room" : "room"}${n}`);
  for (const room of created) await join(ada, room, { create: true });
  for (
    const [asked, size, names] of [
      [{}, 50, ["lobby", ...created]],
      [{ limit: 7 }, 7, ["lobby", ...created]],
      [{ limit: 9_999 }, 100, ["lobby", ...created]],
      [{ limit: 7, joined: true }, 7, created],
    ] as const
  ) {
    const listed: string[] = [];
    for (let more = true; more;) {
      const page = await ada.ask({ type: "rooms", ...asked, after: listed.at(-1) });
      assertEquals(page.rooms.length, Math.min(size, names.length - listed.length));
      listed.push(...roomNames(page));
      more = page.more;
    }
    assertEquals(listed, names);
  }
  const { rooms } = await ada.ask({ type: "rooms", after: "ROOM197", limit: 2 });
  assertEquals(rooms.map((entry: Frame) => entry.room), ["Room198", "room199"]);
});

Deno.test("protocol 4.5: a list's fields have their types", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  const cases = [
    [{ limit: 0 }, "limit"],
    [{ limit: 1.5 }, "limit"],
    [{ after: 7 }, "after"],
    [{ after: "a b" }, "after"],
    [{ joined: 1 }, "joined"],
    [{ after: 7, limit: 0 }, "after"],
  ] as const;
  for (const [fields, field] of cases) {
    const refused = await ada.ask({ type: "rooms", ...fields });
    assertEquals([refused.code, refused.field], ["bad_field", field]);
  }
});

Deno.test("protocol 4.6: members are listed by name, with whether they are here", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await enter(server, "bob")];
  const admin = await comeBack(server, server.adminToken);
  await join(admin, "lobby");
  const list = async () => {
    const { room, members, more } = await ada.ask({ type: "members", room: "Lobby" });
    assertEquals([room, more], ["lobby", false]);
    return members.map(({ name, role, here }: Frame) => [name, role, here]);
  };
  assertEquals(await list(), [
    ["ada", "guest", true],
    ["admin", "admin", true],
    ["bob", "guest", true],
  ]);
  bob.close();
  const [, , last] = await eventually(list, (listed) => listed[2][2] === false);
  assertEquals(last, ["bob", "guest", false]);
});

Deno.test("protocol 4.6: one need not be a member to list them, nor is one for hearing the room", async () => {
  await using server = await startTestServer();
  const [, bob] = [await enter(server, "ada"), await greet(server, "bob")];
  await bob.ask({ type: "resume", rooms: [{ room: "lobby", seq: 0 }] });
  assertEquals(memberNames(await bob.ask({ type: "members", room: "lobby" })), ["ada"]);
  assertEquals((await bob.ask({ type: "members", room: "nowhere" })).code, "no_such_room");
});

Deno.test("protocol 4.6: a list of members goes on behind the last name of the page before", async () => {
  await using server = await startTestServer();
  const names = ["ada", "bob", "carl", "dora", "emil"];
  const [ada] = await Promise.all(names.map((name) => enter(server, name)));
  assert(ada !== undefined);
  const listed: string[] = [];
  for (let more = true; more;) {
    const page = await ada.ask({ type: "members", room: "lobby", limit: 2, after: listed.at(-1) });
    listed.push(...memberNames(page));
    more = page.more;
  }
  assertEquals(listed, names);
});
