// How many members a room has is kept in its row, by whatever way they come and go.

import { assertEquals } from "@std/assert";
import type { SqlDriver } from "../../lib/store/sql.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import { openMigrated, testEachStore } from "../support/stores/databases.ts";
import {
  createGuest,
  createRoom,
  LOBBY,
  newTokenHash,
  openInquiry,
} from "../support/stores/store_facts.ts";
import { roomId, userId } from "../../lib/store/records.ts";

const DAY = 24 * 3_600_000;

/** What the rooms' rows say, by name, where that is what the memberships say; else both. */
async function countsOf(driver: SqlDriver): Promise<Readonly<Record<string, unknown>>> {
  const rows = await driver.query(
    "SELECT r.name, r.member_count AS kept, " +
      "(SELECT COUNT(*) FROM Members m WHERE m.room_id = r.room_id) AS counted FROM Rooms r WHERE r.kind NOT IN ('desk', 'signals')",
  );
  return Object.fromEntries(
    rows.map(({ name, kept, counted }) => [name, kept === counted ? kept : { kept, counted }]),
  );
}

testEachStore("member counts: they follow who joins and leaves, also at once", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const { members } = repository;
  const room = (await createRoom(repository, "ops")).id;
  const users: number[] = [];
  for (let n = 0; n < 5; n++) users.push((await createGuest(repository, `guest${n}`)).id);
  const join = (user: number) => members.add({ room, user: userId(user), read: 0, now: 0 });
  await Promise.all([...users, ...users].map(join));
  assertEquals(await countsOf(driver), { lobby: 0, ops: 5 });
  assertEquals(await members.count(room), 5);
  assertEquals((await repository.rooms.find("ops"))?.members, 5);
  const [first = 0, second = 0] = users;
  const leave = (user: number) => members.remove({ room, user: userId(user) });
  const left = await Promise.all([first, first, second, first].map(leave));
  assertEquals(left.filter(Boolean).length, 2);
  assertEquals(await countsOf(driver), { lobby: 0, ops: 3 });
  await join(first);
  assertEquals(await countsOf(driver), { lobby: 0, ops: 4 });
});

testEachStore("member counts: an inquiry has its asker", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const { id: asker } = await createGuest(repository);
  const { room } = await openInquiry(repository, asker);
  assertEquals(room.members, 1);
  assertEquals(await countsOf(driver), { lobby: 0, "?1": 1 });
  // What one asks is no room that one has joined.
  assertEquals(await repository.members.countOf(asker), 0);
});

testEachStore(
  "member counts: guests who cannot come back are members no more",
  async (database) => {
    const driver = await openMigrated(database);
    await using repository = await openRepository(driver, { now: () => 1_000 });
    const { members, users } = repository;
    const gone = await createGuest(repository, "gone");
    const here = await createGuest(repository, "here");
    const without = await users.createPassingGuest(() => "without");
    const rooms = [LOBBY];
    // More than end in one transaction.
    for (let n = 0; n < 70; n++) rooms.push((await createRoom(repository, `room${n}`)).id);
    for (const room of rooms) {
      await members.add({ room: roomId(room), user: gone.id, read: 0, now: 0 });
    }
    for (const { id: user } of [here, without]) {
      await members.add({ room: LOBBY, user, read: 0, now: 0 });
    }
    await users.addToken(here.id, { tokenHash: newTokenHash(), now: 30 * DAY });
    await users.expire({ now: 31 * DAY });
    const counts = await countsOf(driver);
    assertEquals(counts.lobby, 2);
    assertEquals(Object.values(counts).reduce((sum: number, count) => sum + Number(count), 0), 2);
    assertEquals(await users.hasToken(gone.id), false);
    assertEquals(await users.hasToken(here.id), true);
  },
);
