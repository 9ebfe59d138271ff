// The contract of Members, against every store.

import { assertEquals } from "@std/assert";
import { openTestRepository, testEachStore } from "../support/stores.ts";
import { draft, LOBBY, makeGuest, makeRoom, say } from "../support/store_facts.ts";

testEachStore("members: one becomes a member once", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  const { id: user } = await makeGuest(repository);
  const join = { room: LOBBY, user, read: 7, now: 0 };
  assertEquals(await members.add(join), { read: 7, added: true });
  assertEquals(await members.add({ ...join, read: 9 }), { read: 7, added: false });
  assertEquals(await members.count(LOBBY), 1);
});

testEachStore("members: of two who join as one at once, one is added", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  const { id: user } = await makeGuest(repository);
  const join = { room: LOBBY, user, read: 0, now: 0 };
  const results = await Promise.all([1, 2, 3, 4].map(() => members.add(join)));
  assertEquals(results.filter(({ added }) => added).length, 1);
});

testEachStore("members: a membership ends once", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  const { id: user } = await makeGuest(repository);
  await members.add({ room: LOBBY, user, read: 0, now: 0 });
  assertEquals(await members.remove({ room: LOBBY, user }), true);
  assertEquals(await members.remove({ room: LOBBY, user }), false);
  assertEquals(await members.countOf(user), 0);
});

testEachStore("members: a list is in pages, by name and then by user", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  for (const name of ["dora", "ada", "Zoe", "bob", "ada"]) {
    const { id: user } = await makeGuest(repository, name);
    await members.add({ room: LOBBY, user, read: 0, now: 0 });
  }
  const first = await members.list(LOBBY, { limit: 3 });
  assertEquals(first.map((user) => [user.name, user.role]), [
    ["Zoe", "guest"],
    ["ada", "guest"],
    ["ada", "guest"],
  ]);
  assertEquals(first.map((user) => user.id), [3, 2, 5]);
  const next = await members.list(LOBBY, { after: "ada", limit: 3 });
  assertEquals(next.map((user) => user.name), ["bob", "dora"]);
});

testEachStore("members: memberships come with the latest activity first", async (database) => {
  let now = 1_000;
  await using repository = await openTestRepository(database, { now: () => now });
  const { members } = repository;
  const { id: user } = await makeGuest(repository);
  for (const name of ["a", "b", "c"]) {
    const room = await makeRoom(repository, name);
    await members.add({ room: room.id, user, read: 0, now });
  }
  for (const room of [3, 4, 2]) {
    now += 10;
    await say(repository, { user, room, texts: ["x"] });
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
  const { id: user } = await makeGuest(repository);
  const [a, b, c] = [
    await makeRoom(repository, "a"),
    await makeRoom(repository, "b"),
    await makeRoom(repository, "c"),
  ];
  await members.add({ room: a.id, user, read: 4, now: 0 });
  await members.add({ room: c.id, user, read: 5, now: 0 });
  const among = await members.among(user, [a.id, b.id, 999]);
  assertEquals([...among], [[a.id, { room: a, read: 4 }]]);
  assertEquals(await members.among(user, []), new Map());
  assertEquals(await members.countOf(user), 2);
});

testEachStore("members: a read position never moves back", async (database) => {
  await using repository = await openTestRepository(database);
  const { members } = repository;
  const { id: user } = await makeGuest(repository);
  assertEquals(await members.markRead({ room: LOBBY, user, seq: 1 }), false);
  await members.add({ room: LOBBY, user, read: 3, now: 0 });
  for (const [seq, read] of [[5, 5], [2, 5], [5, 5], [6, 6]] as const) {
    assertEquals(await members.markRead({ room: LOBBY, user, seq }), true);
    assertEquals((await members.ofUser(user, { order: "key", limit: 1 }))[0]?.read, read);
  }
});

testEachStore(
  "members: unread are the messages of others above the read position",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { members } = repository;
    const [ada, bob] = [await makeGuest(repository), await makeGuest(repository, "bob")];
    await say(repository, { user: bob.id, texts: ["1", "2"] });
    await say(repository, { user: ada.id, texts: ["3 @ada"] });
    await say(repository, { user: bob.id, texts: ["4", "5"] });
    const unread = (read: number) =>
      members.unread({ room: LOBBY, user: ada.id, read, name: "ada" });
    assertEquals(await unread(0), { unread: 4, mentions: 0 });
    assertEquals(await unread(1), { unread: 3, mentions: 0 });
    assertEquals(await unread(5), { unread: 0, mentions: 0 });
  },
);

testEachStore(
  "members: a mention is @ and the whole name, ASCII letters alike",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { members } = repository;
    const [ada, bob] = [await makeGuest(repository, "a_da"), await makeGuest(repository, "bob")];
    const mentions = async (text: string) => {
      const [answer] = await repository.messages.append([draft(bob.id, { content: text })]);
      const read = answer !== undefined && "seq" in answer ? answer.seq - 1 : 0;
      const counted = await members.unread({ room: LOBBY, user: ada.id, read, name: "a_da" });
      assertEquals(counted.unread, 1);
      return counted.mentions;
    };
    for (
      const text of [
        "@a_da",
        "hi @A_DA!",
        "@a_da2 or @a_Da",
        "😀@a_da: ß",
        "x@a_da.",
        "@a_da @a_da",
      ]
    ) {
      assertEquals(await mentions(text), 1, text);
    }
    for (const text of ["a_da", "@a_dax", "@a_da-1", "@a_da_", "@axda", "@ a_da", "@a_d\u00e4"]) {
      assertEquals(await mentions(text), 0, text);
    }
  },
);

testEachStore("members: no more than 1,000 unread messages are counted", async (database) => {
  await using repository = await openTestRepository(database);
  const [ada, bob] = [await makeGuest(repository), await makeGuest(repository, "bob")];
  await say(repository, { user: bob.id, texts: Array.from({ length: 1_000 }, () => "@ada") });
  await say(repository, { user: bob.id, texts: ["one more", "@ada and another"] });
  const counted = await repository.members.unread({
    room: LOBBY,
    user: ada.id,
    read: 0,
    name: "ada",
  });
  assertEquals(counted, { unread: 1_000, mentions: 999 });
});

testEachStore("members: one's own messages cost little, however many", async (database) => {
  const limits = { pending: 20_000 };
  await using repository = await openTestRepository(database, { limits });
  const [ada, bob] = [await makeGuest(repository), await makeGuest(repository, "bob")];
  await say(repository, { user: bob.id, texts: ["out of sight", "@ada"] });
  await say(repository, { user: ada.id, texts: Array.from({ length: 9_999 }, () => "x") });
  const counted = await repository.members.unread({
    room: LOBBY,
    user: ada.id,
    read: 0,
    name: "ada",
  });
  assertEquals(counted, { unread: 1, mentions: 1 });
});
