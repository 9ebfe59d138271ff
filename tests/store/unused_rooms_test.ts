// Rooms that guests made and nobody used, against every store.

import { assertEquals, assertRejects } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import type { Repository } from "../../lib/store/repository.ts";
import { roomId, type RoomRecord, type UnusedRoom, type UserId } from "../../lib/store/records.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import { openMigrated, openTestRepository, testEachStore } from "../support/stores/databases.ts";
import { createGuest, createRoom, draft, LOBBY } from "../support/stores/store_facts.ts";

function createOwned(
  { rooms }: Repository,
  { name, owner }: { name: string; owner: UserId },
): Promise<RoomRecord> {
  return rooms.create({ name, key: name.toLowerCase(), kind: "public", owner, now: 0 });
}

async function allUnused({ rooms }: Repository): Promise<readonly UnusedRoom[]> {
  const found: UnusedRoom[] = [];
  let from: number | undefined = 0;
  while (from !== undefined) {
    const { rooms: some, next }: Awaited<ReturnType<typeof rooms.unused>> = await rooms.unused({
      from,
    });
    found.push(...some);
    from = next;
  }
  return found;
}

testEachStore("unused rooms: those of guests, in which nothing was said", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  const ann = await repository.users.ensureAccount({
    name: userNameOf("ann"),
    role: "member",
    now: 0,
  });
  const [empty, used] = [
    await createOwned(repository, { name: "empty", owner: ada.id }),
    await createOwned(repository, { name: "used", owner: ada.id }),
  ];
  await createOwned(repository, { name: "accounts", owner: ann.id });
  await createRoom(repository, "nobodys");
  await repository.inquiries.open({ asker: ada.id, mostOpen: 9, now: 0 });
  await repository.messages.append([draft(ada.id, { room: used.id })]);
  assertEquals(await allUnused(repository), [{ id: empty.id, uses: 0 }]);
  assertEquals(await repository.rooms.keep([empty.id, LOBBY, roomId(999)]), 2);
  assertEquals(await repository.rooms.keep([]), 0);
  assertEquals(await allUnused(repository), [{ id: empty.id, uses: 1 }]);
});

testEachStore("unused rooms: all of many are found, a stretch at a time", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const ada = await createGuest(repository);
  const low = await createOwned(repository, { name: "low", owner: ada.id });
  // Ids may have holes.
  await driver.execute(
    "INSERT INTO Rooms (room_id, name, name_key, kind, owner_id, created) " +
      "VALUES (2500, 'high', 'high', 'public', ?, 0)",
    [ada.id],
  );
  assertEquals((await allUnused(repository)).map(({ id }) => id), [low.id, 2500]);
});

testEachStore(
  "unused rooms: one that vanishes leaves its name, and nothing of it",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { rooms, members, messages } = repository;
    const [ada, bob] = [await createGuest(repository), await createGuest(repository, "bob")];
    const ops = await createOwned(repository, { name: "Ops", owner: ada.id });
    for (const user of [ada.id, bob.id]) await members.add({ room: ops.id, user, read: 0, now: 0 });
    assertEquals(await rooms.removeUnused([{ id: ops.id, uses: 0 }]), [ops.id]);
    assertEquals(await rooms.removeUnused([{ id: ops.id, uses: 0 }]), []);
    assertEquals([await rooms.find("ops"), (await rooms.findMany([ops.id])).get(ops.id)], [
      undefined,
      undefined,
    ]);
    assertEquals([await members.countOf(ada.id), await rooms.countOwned(ada.id)], [0, 0]);
    // What is still said there is refused, not kept by a room that nobody finds.
    assertEquals(await messages.append([draft(bob.id, { room: ops.id, cid: "c" })]), [
      { refused: "internal" },
    ]);
    assertEquals(await rooms.keep([ops.id]), 0);
    await assertRejects(() => members.add({ room: ops.id, user: bob.id, read: 0, now: 0 }));
    const again = await createOwned(repository, { name: "ops", owner: bob.id });
    assertEquals([again.name, again.last, again.owner], ["ops", 0, bob.id]);
    assertEquals((await messages.append([draft(bob.id, { room: again.id, cid: "c" })]))[0], {
      seq: 1,
      time: 1_000,
      dup: false,
    });
  },
);

testEachStore("unused rooms: none vanishes that was kept or spoken in since", async (database) => {
  await using repository = await openTestRepository(database);
  const { rooms, messages } = repository;
  const ada = await createGuest(repository);
  const [kept, roomsInUse, empty] = [
    await createOwned(repository, { name: "kept", owner: ada.id }),
    await createOwned(repository, { name: "spoken", owner: ada.id }),
    await createOwned(repository, { name: "empty", owner: ada.id }),
  ];
  const seen = await allUnused(repository);
  assertEquals(seen.length, 3);
  await rooms.keep([kept.id]);
  await messages.append([draft(ada.id, { room: roomsInUse.id })]);
  assertEquals(await rooms.removeUnused(seen), [empty.id]);
  assertEquals(((await rooms.findMany([roomsInUse.id])).get(roomsInUse.id))?.last, 1);
  assertEquals(await allUnused(repository), [{ id: kept.id, uses: 1 }]);
});

testEachStore(
  "unused rooms: whoever speaks while one is removed is stored in it, or refused",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { rooms, messages, members } = repository;
    const ada = await createGuest(repository);
    for (let n = 0; n < 40; n++) {
      const { id } = await createOwned(repository, { name: `r${n}`, owner: ada.id });
      // The head of half of them is believed from before, as that of a room one has just made.
      const say = () => messages.append([draft(ada.id, { room: id, cid: `c${n}` })]);
      const remove = () => rooms.removeUnused([{ id, uses: 0 }]);
      const join = async () => {
        if (await rooms.keep([id]) === 0) return false;
        return (await members.add({ room: id, user: ada.id, read: 0, now: 0 })).added;
      };
      const isSending = n % 2 === 0;
      const used = isSending ? say() : join();
      const [outcome, removed] = n % 4 < 2
        ? await Promise.all([used, remove()])
        : (await Promise.all([remove(), used])).toReversed() as [unknown, readonly number[]];
      const has = isSending ? "seq" in (outcome as [object])[0] : outcome as boolean;
      const isThere = (await rooms.findMany([id])).get(id) !== undefined;
      assertEquals([isThere, removed.length === 0], [has, has], `${n}: ${JSON.stringify(outcome)}`);
      if (isSending && has) assertEquals((await messages.after(id, 0, 9)).length, 1);
    }
  },
);
