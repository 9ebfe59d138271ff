// The contract of Members, against every store.

import { assertEquals } from "@std/assert";
import { openTestRepository, testEachStore } from "../support/stores/databases.ts";
import { createGuest, createRoom, LOBBY, say } from "../support/stores/store_facts.ts";
import { type RoomId, roomId } from "../../lib/store/records.ts";

testEachStore("members: one becomes a member once", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  const { id: user } = await createGuest(repository);
  const join = { room: LOBBY, user, read: 7, now: 0 };
  assertEquals(await members.add(join), { read: 7, added: true });
  assertEquals(await members.add({ ...join, read: 9 }), { read: 7, added: false });
  assertEquals(await members.count(LOBBY), 1);
});

testEachStore("members: of two who join as one at once, one is added", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  const { id: user } = await createGuest(repository);
  const join = { room: LOBBY, user, read: 0, now: 0 };
  const results = await Promise.all([1, 2, 3, 4].map(() => members.add(join)));
  assertEquals(results.filter(({ added }) => added).length, 1);
});

testEachStore("members: a membership ends once", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  const { id: user } = await createGuest(repository);
  await members.add({ room: LOBBY, user, read: 0, now: 0 });
  assertEquals(await members.remove({ room: LOBBY, user }), true);
  assertEquals(await members.remove({ room: LOBBY, user }), false);
  assertEquals(await members.countOf(user), 0);
});

testEachStore(
  "members: a list is in pages, by name without case and then by user",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { members } = repository;
    // Guests without a token may bear one name.
    for (const name of ["dora", "ada", "Zoe", "bob", "ada"]) {
      const { id: user } = await repository.users.createPassingGuest(() => name);
      await members.add({ room: LOBBY, user, read: 0, now: 0 });
    }
    const first = await members.list(LOBBY, { limit: 3 });
    assertEquals(first.map((user) => [user.name, user.role]), [
      ["ada", "guest"],
      ["ada", "guest"],
      ["bob", "guest"],
    ]);
    assertEquals(first.map((user) => user.id), [2, 5, 4]);
    const next = await members.list(LOBBY, { after: "bob", limit: 3 });
    assertEquals(next.map((user) => user.name), ["dora", "Zoe"]);
  },
);

testEachStore("members: memberships come with the latest activity first", async (database) => {
  let now = 1_000;
  await using repository = await openTestRepository(database, { now: () => now });
  const { members } = repository;
  const { id: user } = await createGuest(repository);
  const rooms: RoomId[] = [];
  for (const name of ["a", "b", "c"]) {
    const { id: room } = await createRoom(repository, name);
    rooms.push(room);
    await members.add({ room, user, read: 0, now });
  }
  for (const index of [1, 2, 0]) {
    now += 10;
    await say(repository, { user, room: rooms[index] ?? LOBBY, texts: ["x"] });
  }
  const names = async (options: { order: "activity" | "key"; after?: string; limit: number }) =>
    (await members.ofUser(user, options)).map(({ room }) => room.name);
  assertEquals(await names({ order: "activity", limit: 10 }), ["a", "c", "b"]);
  assertEquals(await names({ order: "activity", limit: 2 }), ["a", "c"]);
  assertEquals(await names({ order: "key", limit: 2 }), ["a", "b"]);
  assertEquals(await names({ order: "key", after: "b", limit: 2 }), ["c"]);
});

testEachStore("members: memberships among some rooms come by room", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  const { id: user } = await createGuest(repository);
  const [a, b, c] = [
    await createRoom(repository, "a"),
    await createRoom(repository, "b"),
    await createRoom(repository, "c"),
  ];
  await members.add({ room: a.id, user, read: 4, now: 0 });
  await members.add({ room: c.id, user, read: 5, now: 0 });
  const among = await members.among(user, [a.id, b.id, roomId(999)]);
  const room = { ...a, members: 1 };
  assertEquals([...among], [[a.id, { room, standing: "member", read: 4, unread: 0, mentions: 0 }]]);
  assertEquals(await members.among(user, []), new Map());
  assertEquals(await members.countOf(user), 2);
});

testEachStore("members: a read position never moves back", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  const { id: user } = await createGuest(repository);
  assertEquals(await members.markRead({ room: LOBBY, user, seq: 1 }), false);
  await members.add({ room: LOBBY, user, read: 3, now: 0 });
  for (const [seq, read] of [[5, 5], [2, 5], [5, 5], [6, 6]] as const) {
    assertEquals(await members.markRead({ room: LOBBY, user, seq }), true);
    assertEquals((await members.ofUser(user, { order: "key", limit: 1 }))[0]?.read, read);
  }
});
