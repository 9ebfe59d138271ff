// The contract of Users, against every store.

import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import { NameHeldError, StoreError, type Users } from "../../lib/store/repository.ts";
import { roomId, userId } from "../../lib/store/records.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import { newTokenHash } from "../support/stores/store_facts.ts";
import { openMigrated, openTestRepository, testEachStore } from "../support/stores/databases.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_800_000_000_000;

function ensureAdmin(users: Users): ReturnType<Users["ensureAccount"]> {
  return users.ensureAccount({ name: userNameOf("Admin"), role: "admin", now: NOW });
}

testEachStore("users: a guest is found by their token", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const tokenHash = newTokenHash();
  const ada = await users.createGuest({ name: userNameOf("ada"), tokenHash, now: NOW });
  assertEquals([ada.name, ada.role], ["ada", "guest"]);
  assertEquals((await users.findByToken(tokenHash, { now: NOW }))?.id, ada.id);
  assertEquals(await users.findByToken(newTokenHash(), { now: NOW }), undefined);
});

testEachStore(
  "users: a guest's name is theirs while a token lives, and no one's after",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { users } = repository;
    const generate = (name: string, now = NOW) =>
      users.createGuest({ name: userNameOf(name), tokenHash: newTokenHash(), now });
    const first = await generate("Bob");
    for (const name of ["Bob", "bob", "BOB", "B0b"]) {
      await assertRejects(() => generate(name), NameHeldError, undefined, name);
    }
    await users.expire({ now: NOW + 30 * DAY });
    await assertRejects(() => generate("bob"), NameHeldError);
    await users.expire({ now: NOW + 30 * DAY + 1 });
    const next = await generate("bob", NOW + 31 * DAY);
    assertEquals([next.name, next.id === first.id], ["bob", false]);
  },
);

testEachStore("users: of guests who ask for one name at once, one has it", async (database) => {
  await using repository = await openTestRepository(database);
  const asked = ["ada", "ADA", "ada", "Ada"].map((name) =>
    repository.users.createGuest({ name: userNameOf(name), tokenHash: newTokenHash(), now: NOW })
      .then(() => "made", (error) => error instanceof NameHeldError ? "held" : `${error}`)
  );
  assertEquals((await Promise.all(asked)).toSorted(), ["held", "held", "held", "made"]);
});

testEachStore("users: guests without a token hold no name", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const [one, other] = [
    await users.createPassingGuest(() => "legacy-1"),
    await users.createPassingGuest(() => "legacy-1"),
  ];
  assertNotEquals(one.id, other.id);
  assertEquals((await users.findHeld([userNameOf("legacy-1")])).size, 0);
});

testEachStore("users: a guest whose token cannot be kept is not made", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => NOW });
  const { users } = repository;
  const tokenHash = newTokenHash();
  const ada = await users.createGuest({ name: userNameOf("ada"), tokenHash, now: NOW });
  await assertRejects(
    () => users.createGuest({ name: userNameOf("eve"), tokenHash, now: NOW }),
    StoreError,
  );
  assertEquals((await users.findByToken(tokenHash, { now: NOW }))?.id, ada.id);
  assertEquals(await driver.query("SELECT username FROM Users"), [{ username: "ada" }]);
});

testEachStore("users: a guest's new name is theirs, and the old one free", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const tokenHash = newTokenHash();
  const ada = await users.createGuest({ name: userNameOf("ada"), tokenHash, now: NOW });
  await users.createGuest({ name: userNameOf("eve"), tokenHash: newTokenHash(), now: NOW });
  await assertRejects(() => users.holdName(ada.id, userNameOf("EVE")), NameHeldError);
  await users.holdName(ada.id, userNameOf("Ada2"));
  const found = await users.findByToken(tokenHash, { now: NOW });
  assertEquals([found?.name, found?.holdsName], ["Ada2", true]);
  const names = ["ada", "ada2", "eve", "nobody"].map(userNameOf);
  const held = await users.findHeld(names);
  assertEquals([...held].map(({ name }) => name), ["ada2", "eve"]);
});

testEachStore("users: a token lives for 30 days after its last use", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const tokenHash = newTokenHash();
  const { id } = await users.createGuest({ name: userNameOf("ada"), tokenHash, now: NOW });
  // The first use is noted, so the 30 days begin again.
  assertEquals((await users.findByToken(tokenHash, { now: NOW + 20 * DAY }))?.id, id);
  assertEquals((await users.findByToken(tokenHash, { now: NOW + 50 * DAY }))?.id, id);
  assertEquals(await users.findByToken(tokenHash, { now: NOW + 80 * DAY + 1 }), undefined);
});

testEachStore("users: the use of a token is noted once an hour", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const tokenHash = newTokenHash();
  await users.createGuest({ name: userNameOf("ada"), tokenHash, now: NOW });
  await users.findByToken(tokenHash, { now: NOW + HOUR - 1 });
  assertEquals(await users.findByToken(tokenHash, { now: NOW + 30 * DAY + 1 }), undefined);
});

testEachStore("users: a clock that steps back ends no token", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const tokenHash = newTokenHash();
  const { id } = await users.createGuest({ name: userNameOf("ada"), tokenHash, now: NOW });
  assertEquals((await users.findByToken(tokenHash, { now: NOW - 40 * DAY }))?.id, id);
});

testEachStore("users: an account is made once and its name is taken", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const isTaken = async () => (await users.findHeld([userNameOf("admin")])).size > 0;
  assertEquals(await isTaken(), false);
  const [first, second] = await Promise.all([ensureAdmin(users), ensureAdmin(users)]);
  assertEquals(first, second);
  assertEquals([first.name, first.role], ["Admin", "admin"]);
  assert(await isTaken());
});

testEachStore(
  "users: no guest gets an account's name, or one that looks like it",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { users } = repository;
    await users.ensureAccount({ name: userNameOf("Bob"), role: "member", now: NOW });
    for (const name of ["bob", "B0b"]) {
      const tokenHash = newTokenHash();
      await assertRejects(
        () => users.createGuest({ name: userNameOf(name), tokenHash, now: NOW }),
        NameHeldError,
      );
      assertEquals(await users.findByToken(tokenHash, { now: NOW }), undefined);
    }
  },
);

testEachStore("users: account keys that differ in a byte are different names", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  await users.ensureAccount({ name: userNameOf("strasse"), role: "member", now: NOW });
  for (const other of ["STRASSE", "straße", "strasse ", "stràsse"]) {
    const name = { name: other, key: other, skeleton: other };
    assertEquals((await users.findHeld([name])).size, 0, other);
  }
});

testEachStore(
  "users: an admin's token does not expire, and a new one ends those it takes the place of",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { users } = repository;
    const admin = await ensureAdmin(users);
    assertEquals(await users.hasToken(admin.id), false);
    const [first, second] = [newTokenHash(), newTokenHash()];
    await users.addToken(admin.id, { tokenHash: first, now: NOW });
    assert(await users.hasToken(admin.id));
    await users.expire({ now: NOW + 400 * DAY });
    assertEquals((await users.findByToken(first, { now: NOW + 400 * DAY }))?.id, admin.id);
    await users.addToken(admin.id, { tokenHash: second, now: NOW });
    for (const tokenHash of [first, second]) {
      assertEquals((await users.findByToken(tokenHash, { now: NOW }))?.id, admin.id);
    }
    const third = newTokenHash();
    await users.addToken(admin.id, {
      tokenHash: third,
      now: NOW,
      instead: [first, newTokenHash()],
    });
    assertEquals(await users.findByToken(first, { now: NOW }), undefined);
    assertEquals([await users.isEndedToken(first), await users.isEndedToken(second)], [
      true,
      false,
    ]);
    assertEquals((await users.findByToken(second, { now: NOW }))?.id, admin.id);
    const last = newTokenHash();
    await users.addToken(admin.id, { tokenHash: last, now: NOW, instead: "all" });
    for (const tokenHash of [second, third]) {
      assertEquals(await users.findByToken(tokenHash, { now: NOW }), undefined);
      assertEquals(await users.isEndedToken(tokenHash), true);
    }
    assertEquals((await users.findByToken(last, { now: NOW }))?.id, admin.id);
  },
);

testEachStore("users: a member has a token for each device", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const bob = await users.ensureAccount({ name: userNameOf("bob"), role: "member", now: NOW });
  const hashes = [newTokenHash(), newTokenHash()];
  for (const tokenHash of hashes) await users.addToken(bob.id, { tokenHash, now: NOW });
  for (const hash of hashes) {
    assertEquals((await users.findByToken(hash, { now: NOW }))?.id, bob.id);
  }
});

testEachStore("users: memberships end with a guest's last token", async (database) => {
  await using repository = await openTestRepository(database);
  const { users, members } = repository;
  const lobby = 1;
  const [kept, gone] = [newTokenHash(), newTokenHash()];
  const [ada, eve] = [
    await users.createGuest({ name: userNameOf("ada"), tokenHash: kept, now: NOW }),
    await users.createGuest({ name: userNameOf("eve"), tokenHash: gone, now: NOW }),
  ];
  const bob = await users.ensureAccount({ name: userNameOf("bob"), role: "member", now: NOW });
  await users.addToken(bob.id, { tokenHash: newTokenHash(), now: NOW });
  for (const { id } of [ada, eve, bob]) {
    await members.add({ room: roomId(lobby), user: id, read: 0, now: NOW });
  }
  // One device more for ada, and not as old.
  await users.addToken(ada.id, { tokenHash: newTokenHash(), now: NOW + 20 * DAY });
  await users.expire({ now: NOW + 30 * DAY + 1 });
  const left = await members.list(roomId(lobby), { limit: 10 });
  assertEquals(left.map((user) => user.name), ["ada", "bob"]);
  assertEquals(await users.hasToken(eve.id), false);
  assertEquals(await users.hasToken(ada.id), true);
});

testEachStore("users: any number of tokens expires at once", async (database) => {
  await using repository = await openTestRepository(database);
  const { users, members } = repository;
  const guests = [];
  for (let n = 0; n < 300; n++) {
    const guest = await users.createGuest({
      name: userNameOf(`guest${n}`),
      tokenHash: newTokenHash(),
      now: NOW,
    });
    await members.add({ room: roomId(1), user: guest.id, read: 0, now: NOW });
    guests.push(guest);
  }
  assertEquals(await members.count(roomId(1)), 300);
  await users.expire({ now: NOW + 31 * DAY });
  assertEquals(await members.count(roomId(1)), 0);
});

testEachStore("users: more are asked for than one statement takes", async (database) => {
  await using repository = await openTestRepository(database);
  const { users } = repository;
  const ada = { name: userNameOf("ada"), tokenHash: newTokenHash(), now: NOW };
  const { id } = await users.createGuest(ada);
  // SQLite takes 32,766 values, MySQL 65,535.
  const many = Array.from({ length: 70_000 }, (_, n) => userId(n + id + 1));
  assertEquals([...(await users.findMany([...many, id])).keys()], [id]);
  const names = many.map((n) => userNameOf(`guest-${n}`));
  const held = await users.findHeld([...names, userNameOf("Ada")]);
  assertEquals([...held].map(({ name }) => name), ["Ada"]);
});
