// The contract of Rooms, against every store.

import { assertEquals, assertNotEquals } from "@std/assert";
import { openTestRepository, testEachStore } from "../support/stores/databases.ts";
import { createGuest, createRoom, LOBBY, say } from "../support/stores/store_facts.ts";
import { roomId } from "../../lib/store/records.ts";

testEachStore("rooms: the lobby is there from the start", async (database) => {
  await using repository = await openTestRepository(database);
  assertEquals(await repository.rooms.find("lobby"), {
    id: LOBBY,
    name: "lobby",
    kind: "public",
    topic: "",
    first: 1,
    last: 0,
    owner: undefined,
    members: 0,
    removals: 0,
    pair: undefined,
  });
});

testEachStore(
  "rooms: a store that is opened again has the same lobby and epoch",
  async (database) => {
    const epochs = [];
    for (let n = 0; n < 2; n++) {
      await using repository = await openTestRepository(database);
      epochs.push(repository.epoch);
      assertEquals((await repository.rooms.list({ limit: 10 })).map((room) => room.id), [LOBBY]);
    }
    assertEquals(epochs[0], epochs[1]);
  },
);

testEachStore(
  "rooms: a store whose epoch was deleted has another from then on",
  async (database) => {
    const epochs = [];
    for (let n = 0; n < 3; n++) {
      {
        await using repository = await openTestRepository(database);
        epochs.push(repository.epoch);
      }
      if (n !== 0) continue;
      // As docs/guarantees.md has it, of a backup that was restored.
      await using driver = await database.open();
      assertEquals((await driver.execute("DELETE FROM Meta WHERE name = 'epoch'")).changes, 1);
    }
    assertNotEquals(epochs[0], epochs[1]);
    assertEquals(epochs[1], epochs[2]);
  },
);

testEachStore("rooms: a created room is found by its key and by its id", async (database) => {
  await using repository = await openTestRepository(database);
  const { rooms } = repository;
  const ada = await createGuest(repository);
  const room = await rooms.create({
    name: "Ops",
    key: "ops",
    kind: "public",
    owner: ada.id,
    now: 5,
  });
  assertEquals([room.name, room.owner, room.first, room.last], ["Ops", ada.id, 1, 0]);
  assertEquals(await rooms.find("ops"), room);
  assertEquals((await rooms.findMany([room.id])).get(room.id), room);
  assertEquals(await rooms.find("Ops"), undefined);
  assertEquals((await rooms.findMany([roomId(room.id + 1)])).get(roomId(room.id + 1)), undefined);
});

testEachStore("rooms: a room created several times at once is one room", async (database) => {
  await using repository = await openTestRepository(database);
  const asked = { name: "ops", key: "ops", kind: "public", now: 0 } as const;
  const newRooms = await Promise.all([1, 2, 3].map(() => repository.rooms.create(asked)));
  assertEquals(new Set(newRooms.map(({ id }) => id)).size, 1);
  assertEquals((await repository.rooms.list({ limit: 10 })).length, 2);
});

testEachStore("rooms: a room that is created again keeps its name", async (database) => {
  await using repository = await openTestRepository(database);
  const { rooms } = repository;
  const first = await rooms.create({ name: "Ops", key: "ops", kind: "public", now: 0 });
  const again = await rooms.create({ name: "OPS", key: "ops", kind: "public", now: 0 });
  assertEquals([again.id, again.name], [first.id, "Ops"]);
});

testEachStore("rooms: keys that differ in a byte are different rooms", async (database) => {
  await using repository = await openTestRepository(database);
  const keys = ["strasse", "straße", "STRASSE", "strasse-"];
  const ids = await Promise.all(keys.map(async (key) => {
    const { id } = await repository.rooms.create({ name: key, key, kind: "public", now: 0 });
    return id;
  }));
  assertEquals(new Set(ids).size, keys.length);
});

testEachStore("rooms: owned rooms are counted", async (database) => {
  await using repository = await openTestRepository(database);
  const { rooms } = repository;
  const [ada, bob] = [await createGuest(repository), await createGuest(repository, "bob")];
  for (const key of ["a", "b"]) {
    await rooms.create({ name: key, key, kind: "public", owner: ada.id, now: 0 });
  }
  assertEquals([await rooms.countOwned(ada.id), await rooms.countOwned(bob.id)], [2, 0]);
});

testEachStore("rooms: a list is in pages, by key, each room once", async (database) => {
  await using repository = await openTestRepository(database);
  for (const name of ["zebra", "Alpha", "m-1", "m_1", "m1"]) await createRoom(repository, name);
  const seen: string[] = [];
  const next = (after?: string) => repository.rooms.list({ after, limit: 2 });
  for (let page = await next(); page.length > 0; page = await next(seen.at(-1)?.toLowerCase())) {
    seen.push(...page.map((room) => room.name));
  }
  assertEquals(seen, ["Alpha", "lobby", "m-1", "m1", "m_1", "zebra"]);
});

testEachStore("rooms: the last seqs of many rooms come at once", async (database) => {
  await using repository = await openTestRepository(database);
  const { rooms } = repository;
  const ada = await createGuest(repository);
  const [a, b, c] = [
    await createRoom(repository, "a"),
    await createRoom(repository, "b"),
    await createRoom(repository, "c"),
  ];
  await say(repository, { user: ada.id, room: a.id, texts: ["1", "2", "3"] });
  await say(repository, { user: ada.id, room: b.id, texts: ["1"] });
  const lasts = await rooms.lastSeqs([c.id, a.id, b.id, roomId(999)]);
  assertEquals([lasts.get(a.id), lasts.get(b.id), lasts.get(c.id), lasts.get(roomId(999))], [
    3,
    1,
    0,
    undefined,
  ]);
  assertEquals(await rooms.lastSeqs([]), new Map());
  assertEquals(((await rooms.findMany([a.id])).get(a.id))?.last, 3);
});

testEachStore("rooms: more are asked for than one statement takes", async (database) => {
  await using repository = await openTestRepository(database);
  const { rooms, members } = repository;
  const { id: user } = await createGuest(repository);
  const ops = await createRoom(repository, "ops");
  await say(repository, { user, room: ops.id, texts: ["1", "2"] });
  await members.add({ room: ops.id, user, read: 0, now: 0 });
  // SQLite takes 32,766 values, MySQL 65,535.
  const ids = Array.from({ length: 70_000 }, (_, n) => roomId(n + 10));
  ids.push(ops.id);
  assertEquals([...await rooms.lastSeqs(ids)], [[ops.id, 2]]);
  assertEquals([...(await members.among(user, ids)).keys()], [ops.id]);
  const found = await rooms.findFor(user, [...ids.map((id) => `room-${id}`), "ops"]);
  assertEquals([...found].map(([key, { room, isMember }]) => [key, room.id, isMember]), [
    ["ops", ops.id, true],
  ]);
});
