// The contract of private rooms and direct conversations, against every store.

import { assert, assertEquals } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import type { Repository } from "../../lib/store/repository.ts";
import type { UserId } from "../../lib/store/records.ts";
import { openMigrated, openTestRepository, testEachStore } from "../support/stores/databases.ts";

async function account({ users }: Repository, name: string): Promise<UserId> {
  return (await users.ensureAccount({ name: userNameOf(name), role: "member", now: 0 })).id;
}

testEachStore(
  "direct rooms: of many who begin one at once, on two servers, there is one",
  async (database) => {
    await using one = await openTestRepository(database);
    const [ann, bob] = [await account(one, "ann"), await account(one, "bob")];
    const isShared = database.url.startsWith("mysql");
    await using other = isShared
      ? await openRepository(await openMigrated(database), { now: () => 1_000 })
      : undefined;
    const key = `@${ann}:${bob}`;
    const begun = await Promise.all(
      Array.from({ length: 8 }, (_, n) => {
        const { rooms } = n % 2 === 0 || other === undefined ? one : other;
        return rooms.createDirect({ key, users: n % 3 === 0 ? [bob, ann] : [ann, bob], now: 0 });
      }),
    );
    const [first] = begun;
    assert(first !== undefined);
    assertEquals(new Set(begun.map(({ id }) => id)).size, 1);
    assertEquals([first.kind, first.owner, first.members], ["direct", undefined, 2]);
    assertEquals(first.pair, [{ user: ann, name: "ann" }, { user: bob, name: "bob" }]);
    assertEquals(
      await one.members.usersAmong(first.id, [ann, bob, 99 as UserId]),
      new Set([ann, bob]),
    );
    const { ids, last } = await one.rooms.directsAbove(0);
    assertEquals([ids, last], [[first.id], first.id]);
    assertEquals((await one.rooms.directsAbove(last)).ids, []);
    assertEquals((await one.rooms.directsAbove(undefined)).ids, []);
  },
);

testEachStore(
  "private rooms: found with the membership, listed for members, and a removal is counted",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { rooms, members } = repository;
    const [ann, bob] = [await account(repository, "ann"), await account(repository, "bob")];
    const room = { name: "Secret", key: "secret", kind: "private", owner: ann, now: 0 } as const;
    const { id } = await rooms.create(room);
    const isMember = async (user: UserId) =>
      (await rooms.findFor(user, ["secret", "none"])).get("secret")?.isMember;
    assertEquals([await isMember(ann), await isMember(bob)], [false, false]);
    await members.add({ room: id, user: bob, read: 0, now: 0 });
    assertEquals([await isMember(ann), await isMember(bob)], [false, true]);
    const listed = async (member?: UserId) =>
      (await rooms.list({ limit: 10, member })).map(({ name }) => name);
    assertEquals([await listed(), await listed(ann), await listed(bob)], [
      ["lobby"],
      ["lobby"],
      ["lobby", "Secret"],
    ]);
    assertEquals((await rooms.list({ limit: 1, member: bob, after: "lobby" })).length, 1);
    assertEquals(await rooms.countOwned(ann), 1);
    await members.remove({ room: id, user: bob });
    assertEquals(await rooms.removals([id]), new Map([[id, 1]]));
    await members.remove({ room: id, user: bob });
    assertEquals(await rooms.removals([id]), new Map([[id, 1]]));
    assertEquals((await rooms.find("secret"))?.removals, 1);
  },
);
