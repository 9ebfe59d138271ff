// The contract of Tokens, against every store.

import { assert, assertEquals } from "@std/assert";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import { type NewToken, roomId, type UserId, userId } from "../../../lib/store/records.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { newTokenHash } from "../../support/stores/store_facts.ts";
import { openMigrated, openTestRepository, testEachStore } from "../../support/stores/databases.ts";

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

function newToken(more: Partial<NewToken> = {}): NewToken {
  return { tokenHash: newTokenHash(), now: NOW, ...more };
}

async function addAccount({ users }: Repository, name = "ann"): Promise<UserId> {
  const { id } = await users.ensureAccount({ name: userNameOf(name), role: "member", now: NOW });
  return id;
}

testEachStore("tokens: one is listed as it was stored, in order of number", async (database) => {
  await using repository = await openTestRepository(database);
  const { users, tokens } = repository;
  const ann = await addAccount(repository);
  const other = await addAccount(repository, "bob");
  const first = await users.addToken(ann, newToken({ label: "café", client: "example/1.0" }));
  await users.addToken(other, newToken());
  const scopes = ["read", "send:ops"];
  const second = await users.addToken(ann, newToken({ expires: NOW + 5, scopes }));
  assert(second > first);
  const options = { after: 0, limit: 10, now: NOW };
  assertEquals(await tokens.list(ann, options), [{
    id: first,
    user: ann,
    label: "café",
    client: "example/1.0",
    created: NOW,
    used: NOW,
    expires: NOW + 30 * DAY + 1,
    scopes: undefined,
  }, {
    id: second,
    user: ann,
    label: "",
    client: "",
    created: NOW,
    used: NOW,
    expires: NOW + 5,
    scopes,
  }]);
  assertEquals((await tokens.list(ann, { ...options, limit: 1 })).map(({ id }) => id), [first]);
  assertEquals((await tokens.list(ann, { ...options, after: first })).map(({ id }) => id), [
    second,
  ]);
  assertEquals((await tokens.list(ann, { ...options, now: NOW + 5 })).length, 1);
  assertEquals((await tokens.find(second, { now: NOW }))?.user, ann);
  assertEquals(await tokens.find(second, { now: NOW + 5 }), undefined);
});

testEachStore("tokens: the owner of one comes with its number and its scopes", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const ann = await addAccount(repository);
  const scoped = newToken({ scopes: ["ask"] });
  const id = await users.addToken(ann, scoped);
  const owner = await users.findByToken(scoped.tokenHash, { now: NOW });
  assertEquals([owner?.token, owner?.scopes], [id, ["ask"]]);
  const tokenHash = newTokenHash();
  const guest = await users.createGuest({ name: userNameOf("gus"), tokenHash, now: NOW });
  const found = await users.findByToken(tokenHash, { now: NOW });
  assertEquals([guest.token, guest.scopes], [found?.token, found?.scopes]);
});

testEachStore(
  "tokens: one that was ended is good for nothing, and is told of once",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { users, tokens } = repository;
    const ann = await addAccount(repository);
    const [one, other] = [newToken(), newToken()];
    const id = await users.addToken(ann, one);
    await users.addToken(ann, other);
    const before = await tokens.lastEnding();
    assertEquals(await tokens.end(id, { now: NOW }), true);
    assertEquals(await tokens.end(id, { now: NOW }), false);
    assertEquals(await users.findByToken(one.tokenHash, { now: NOW }), undefined);
    assertEquals((await users.findByToken(other.tokenHash, { now: NOW }))?.id, ann);
    assertEquals((await tokens.list(ann, { after: 0, limit: 10, now: NOW })).length, 1);
    const { tokens: ended, last } = await tokens.endings(before);
    assertEquals(ended, [{ token: id, user: ann }]);
    assertEquals((await tokens.endings(last)).last, last);
    // The number is never another's.
    assert(await users.addToken(ann, newToken()) > id + 1);
  },
);

testEachStore(
  "tokens: an end of its own replaces the 30 days, also for an administrator",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { users } = repository;
    const admin = await users.ensureAccount({ name: userNameOf("boss"), role: "admin", now: NOW });
    const [short, long, open] = [
      newToken({ expires: NOW + DAY }),
      newToken({ expires: NOW + 90 * DAY }),
      newToken(),
    ];
    for (const token of [short, long, open]) await users.addToken(admin.id, token);
    const valid = async (token: NewToken, now: number) =>
      await users.findByToken(token.tokenHash, { now }) !== undefined;
    assertEquals([await valid(short, NOW + DAY - 1), await valid(short, NOW + DAY)], [true, false]);
    for (let round = 0; round < 2; round++) {
      await users.expire({ now: NOW + 80 * DAY });
      assertEquals(await valid(long, NOW + 90 * DAY - 1), true);
      assertEquals(await valid(open, NOW + 9_000 * DAY), true);
      assertEquals(await valid(short, NOW), false);
    }
  },
);

testEachStore(
  "tokens: the end of a guest's last one ends their memberships and their name",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { users, tokens, members, rooms } = repository;
    const name = userNameOf("gus");
    const guest = await users.createGuest({ name, ...newToken() });
    const second = await users.addToken(guest.id, newToken());
    const room = await rooms.create({ name: "ops", key: "ops", kind: "public", now: NOW });
    await members.add({ room: room.id, user: guest.id, read: 0, now: NOW });
    await tokens.end(guest.token ?? 0, { now: NOW });
    assertEquals([await members.count(room.id), (await users.findHeld([name])).size], [1, 1]);
    await tokens.end(second, { now: NOW });
    assertEquals([await members.count(room.id), (await users.findHeld([name])).size], [0, 0]);
  },
);

testEachStore("tokens: ended at once by twenty, one is ended once", async (database) => {
  await using repository = await openTestRepository(database);
  const { users, tokens } = repository;
  const id = await users.addToken(await addAccount(repository), newToken());
  const ended = await Promise.all(
    Array.from({ length: 20 }, () => tokens.end(id, { now: NOW })),
  );
  assertEquals(ended.filter((isEnded) => isEnded).length, 1);
  assertEquals((await tokens.endings(0)).tokens.length, 1);
});

testEachStore("tokens: endings are kept for a day", async (database) => {
  await using repository = await openTestRepository(database);
  const { users, tokens } = repository;
  const id = await users.addToken(await addAccount(repository), newToken());
  await tokens.end(id, { now: NOW });
  await users.expire({ now: NOW + DAY });
  assertEquals((await tokens.endings(0)).tokens.length, 1);
  await users.expire({ now: NOW + DAY + 1 });
  assertEquals((await tokens.endings(0)).tokens.length, 0);
});

testEachStore("tokens: a server of an earlier version can add one", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => NOW });
  const ann = await addAccount(repository);
  const tokenHash = newTokenHash();
  await driver.execute("INSERT INTO Tokens (token_hash, user_id, last_used) VALUES (?, ?, ?)", [
    tokenHash,
    ann,
    NOW,
  ]);
  const owner = await repository.users.findByToken(tokenHash, { now: NOW });
  assertEquals([owner?.id, owner?.scopes], [ann, undefined]);
});

testEachStore("messages: whether a program has written one is kept with it", async (database) => {
  await using repository = await openTestRepository(database);
  const ann = await addAccount(repository);
  const body = { kind: "message", content: "hi" } as const;
  const room = roomId(1);
  const author = { user: userId(ann), from: "ann", guest: false, room, body };
  await repository.messages.append([{ ...author, bot: true }, author]);
  const events = await repository.messages.after(room, 0, 10);
  assertEquals(events.map(({ bot }) => bot), [true, false]);
});

testEachStore("tokens: those in use do not expire, and their use is noted", async (database) => {
  await using repository = await openTestRepository(database);
  const { users, tokens } = repository;
  const name = userNameOf("gus");
  const guest = await users.createGuest({ name, ...newToken() });
  const idle = await users.createGuest({ name: userNameOf("eve"), ...newToken() });
  await tokens.noteUses([guest.token ?? 0, 999_999, guest.token ?? 0], { now: NOW + 30 * DAY });
  await tokens.noteUses([], { now: NOW + 31 * DAY });
  await users.expire({ now: NOW + 31 * DAY });
  assertEquals((await users.findHeld([name])).size, 1);
  const [token] = await tokens.list(guest.id, { after: 0, limit: 1, now: NOW });
  assertEquals(token?.used, NOW + 30 * DAY);
  assertEquals(await tokens.find(idle.token ?? 0, { now: NOW }), undefined);
});
