// The contract of Codes, against every store.

import { assertEquals, assertRejects } from "@std/assert";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import { NameHeldError, type Repository } from "../../../lib/store/repository.ts";
import type { RoomId, UserId } from "../../../lib/store/records.ts";
import type { NewCode } from "../../../lib/store/repository.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { newTokenHash } from "../../support/stores/store_facts.ts";
import { openMigrated, openTestRepository, testEachStore } from "../../support/stores/databases.ts";

const NOW = 1_800_000_000_000;

async function addAdmin({ users }: Repository): Promise<UserId> {
  const { id } = await users.ensureAccount({ name: userNameOf("boss"), role: "admin", now: NOW });
  return id;
}

async function addCode(
  repository: Repository,
  more: Partial<NewCode> & { creator: UserId },
): Promise<{ id: number; codeHash: Uint8Array }> {
  const codeHash = newTokenHash();
  const code = {
    codeHash,
    kind: "join",
    uses: 1,
    now: NOW,
    expires: NOW + 1_000,
    ...more,
  } as const;
  return { id: await repository.codes.add(code), codeHash };
}

function redeem(
  { codes }: Repository,
  { code, name, rooms = [] }: { code: number; name: string; rooms?: readonly RoomId[] },
): ReturnType<Repository["codes"]["redeemForAccount"]> {
  const token = { tokenHash: newTokenHash(), now: NOW };
  return codes.redeemForAccount({ code, name: userNameOf(name), role: "member", rooms, token });
}

testEachStore("codes: one is found as it was stored, by its hash alone", async (database) => {
  await using repository = await openTestRepository(database);
  const { codes, rooms } = repository;
  const creator = await addAdmin(repository);
  const room = await rooms.create({ name: "ops", key: "ops", kind: "public", now: NOW });
  const given = { role: "operator", rooms: [room.id], uses: 3 } as const;
  const { id, codeHash } = await addCode(repository, { creator, ...given });
  const boss = { id: creator, name: "boss", role: "admin" } as const;
  const record = {
    id,
    kind: "join",
    creator: boss,
    user: undefined,
    ...given,
    used: 0,
    created: NOW,
    expires: NOW + 1_000,
  } as const;
  assertEquals(await codes.find(codeHash, { now: NOW }), record);
  assertEquals(await codes.find(newTokenHash(), { now: NOW }), undefined);
  assertEquals(await codes.find(codeHash, { now: NOW + 1_000 }), undefined);
  const device = await addCode(repository, { creator, kind: "device", user: creator });
  assertEquals((await codes.find(device.codeHash, { now: NOW }))?.user, boss);
});

testEachStore(
  "codes: an account is stored with its token and its rooms, or not at all",
  async (database) => {
    const driver = await openMigrated(database);
    await using repository = await openRepository(driver, { now: () => NOW });
    const { members, rooms, users, codes, messages } = repository;
    const creator = await addAdmin(repository);
    const room = await rooms.create({ name: "ops", key: "ops", kind: "public", now: NOW });
    const gone = 999_999 as RoomId;
    const body = { kind: "message", content: "before" } as const;
    await messages.append([{ room: room.id, user: creator, from: "boss", guest: false, body }]);
    const { id, codeHash } = await addCode(repository, { creator });
    await assertRejects(() => redeem(repository, { code: id, name: "B0SS" }), NameHeldError);
    assertEquals((await codes.find(codeHash, { now: NOW }))?.used, 0);

    const ann = await redeem(repository, { code: id, name: "ann", rooms: [room.id, gone] });
    assertEquals([ann?.name, ann?.role, ann?.holdsName], ["ann", "member", true]);
    const own = await members.ofUser(ann?.id as UserId, { order: "activity", limit: 10 });
    assertEquals(own.map(({ room, unread }) => [room.name, unread]), [["ops", 0]]);
    assertEquals(await members.count(room.id), 1);
    assertEquals((await users.findHeld([userNameOf("ann")])).size, 1);

    assertEquals(await redeem(repository, { code: id, name: "bob" }), undefined);
    assertEquals((await users.findHeld([userNameOf("bob")])).size, 0);
  },
);

testEachStore(
  "codes: of twenty who redeem three uses at once, three get an account",
  async (database) => {
    await using repository = await openTestRepository(database);
    const creator = await addAdmin(repository);
    const { id } = await addCode(repository, { creator, uses: 3 });
    const found = await Promise.all(
      Array.from({ length: 20 }, (_, n) => redeem(repository, { code: id, name: `racer-${n}` })),
    );
    assertEquals(found.filter((user) => user !== undefined).length, 3);
    const names = Array.from({ length: 20 }, (_, n) => userNameOf(`racer-${n}`));
    assertEquals((await repository.users.findHeld(names)).size, 3);
  },
);

testEachStore("codes: a token for a further device takes a use, too", async (database) => {
  await using repository = await openTestRepository(database);
  const { codes, users } = repository;
  const creator = await addAdmin(repository);
  const { id } = await addCode(repository, { creator, kind: "device", user: creator });
  const token = { tokenHash: newTokenHash(), now: NOW, client: "example/1.0" };
  const owner = await codes.redeemForToken({ code: id, user: creator, token });
  assertEquals([owner?.id, owner?.holdsName], [creator, true]);
  assertEquals((await users.findByToken(token.tokenHash, { now: NOW }))?.token, owner?.token);
  const again = { ...token, tokenHash: newTokenHash() };
  assertEquals(await codes.redeemForToken({ code: id, user: creator, token: again }), undefined);
  assertEquals(await users.findByToken(again.tokenHash, { now: NOW }), undefined);
});

testEachStore(
  "codes: those that can be redeemed are listed, of one user or of all",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { codes, users } = repository;
    const creator = await addAdmin(repository);
    const { id: mia } = await users.ensureAccount({
      name: userNameOf("mia"),
      role: "member",
      now: 0,
    });
    const [one, used, theirs, expired] = [
      await addCode(repository, { creator }),
      await addCode(repository, { creator }),
      await addCode(repository, { creator: mia }),
      await addCode(repository, { creator, expires: NOW }),
    ];
    await redeem(repository, { code: used.id, name: "ann" });
    const list = async (options: { creator?: UserId; after?: number; limit?: number }) =>
      (await codes.list({ after: 0, limit: 10, now: NOW, ...options })).map(({ id }) => id);
    assertEquals(await list({}), [one.id, theirs.id]);
    assertEquals(await list({ creator }), [one.id]);
    assertEquals(await list({ after: one.id }), [theirs.id]);
    assertEquals(await list({ limit: 1 }), [one.id]);
    assertEquals(await codes.end(one.id, { creator: mia }), false);
    assertEquals(await codes.end(theirs.id, { creator: mia }), true);
    assertEquals(await codes.end(expired.id, {}), true);
    assertEquals(await list({}), [one.id]);
  },
);

testEachStore("codes: those that are over are removed", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => NOW });
  const creator = await addAdmin(repository);
  const { id } = await addCode(repository, { creator });
  await addCode(repository, { creator, expires: NOW });
  const used = await addCode(repository, { creator });
  await redeem(repository, { code: used.id, name: "ann" });
  await repository.codes.expire({ now: NOW });
  assertEquals(await driver.query("SELECT code_id FROM Codes"), [{ code_id: id }]);
});
