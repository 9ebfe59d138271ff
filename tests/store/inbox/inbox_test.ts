// Inbox and bookmarks in every store: what reading, deleting, expiry and removed messages leave of them.

import { assert, assertEquals } from "@std/assert";
import type { Repository } from "../../../lib/store/repository.ts";
import type { UserRecord } from "../../../lib/store/records.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { openMigrated, openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import { createGuest, createRoom, draft, LOBBY } from "../../support/stores/store_facts.ts";

const ALL = { from: 0, limit: 1_000 };

/** The seqs that make entries in the inbox, room by room. */
async function unreadOf({ inbox }: Repository, { id }: UserRecord): Promise<readonly number[]> {
  const found: number[] = [];
  for (const room of await inbox.rooms(id, ALL)) {
    for (let after = room.read; after < room.last;) {
      const step = await inbox.entries(id, { room, after, limit: 2 });
      found.push(...step.entries.map(({ at }) => at));
      assert(step.reached > after, "A step goes on");
      after = step.reached;
    }
  }
  return found;
}

async function join({ members }: Repository, ...users: readonly UserRecord[]): Promise<void> {
  for (const { id } of users) await members.add({ room: LOBBY, user: id, read: 0, now: 1 });
}

testEachStore(
  "inbox: what one has just written is read, however fast one writes",
  async (database) => {
    await using repository = await openTestRepository(database);
    const [ada, bob] = [await createGuest(repository, "ada"), await createGuest(repository, "bob")];
    await join(repository, ada, bob);
    for (let round = 0; round < 2; round++) {
      await repository.messages.append([draft(bob.id, { from: "bob", content: "@ada look" })]);
      await repository.messages.append([draft(ada.id, { content: "I do" })]);
    }
    assertEquals(await unreadOf(repository, ada), []);
    await repository.messages.append([draft(bob.id, { from: "bob", content: "@ada again" })]);
    assertEquals(await unreadOf(repository, ada), [5]);
  },
);

testEachStore("inbox: a step looks at a bounded number of events", async (database) => {
  await using repository = await openTestRepository(database);
  const [ada, bob] = [await createGuest(repository, "ada"), await createGuest(repository, "bob")];
  await join(repository, ada, bob);
  const drafts = Array.from({ length: 300 }, () => draft(bob.id, { from: "bob", content: "@ada" }));
  await repository.messages.append(drafts);
  await repository.ignores.add(ada.id, bob.id, 10);
  const [room] = await repository.inbox.rooms(ada.id, ALL);
  assert(room !== undefined);
  const step = await repository.inbox.entries(ada.id, { room, after: 0, limit: 100 });
  assertEquals([step.entries.length, step.reached], [0, 32]);
  assertEquals(await unreadOf(repository, ada), []);
  await repository.ignores.remove(ada.id, bob.id);
  assertEquals((await unreadOf(repository, ada)).length, 300);
});

testEachStore(
  "bookmarks: a deleted message counts for none, and a guest's go with the guest",
  async (database) => {
    let now = 1_000;
    await using repository = await openTestRepository(database, { now: () => now });
    const { bookmarks, messages, users } = repository;
    const ada = await createGuest(repository, "ada");
    await messages.append([draft(ada.id), draft(ada.id)]);
    const add = (seq: number) => bookmarks.add({ user: ada.id, room: LOBBY, seq, now, most: 1 });
    assertEquals([await add(1), await add(1), await add(2)], ["added", "added", "too many"]);
    await messages.append([draft(ada.id, { kind: "delete", content: "", of: 1 })]);
    assertEquals([await add(1), await add(9), await add(2)], ["gone", "gone", "added"]);
    const seqs = async () =>
      (await bookmarks.list(ada.id, { below: undefined, limit: 9 })).map(({ event }) => event.seq);
    assertEquals(await seqs(), [2]);
    now += 31 * 86_400_000;
    await users.expire({ now });
    assertEquals(await seqs(), []);
  },
);

testEachStore("bookmarks: one that a deleted message still has is not listed", async (database) => {
  const driver = await database.open();
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const { bookmarks, messages } = repository;
  const ada = await createGuest(repository, "ada");
  await messages.append([draft(ada.id), draft(ada.id)]);
  await messages.append([draft(ada.id, { kind: "delete", content: "", of: 1 })]);
  // As a server left it that did not lock the room for a bookmark.
  for (const seq of [1, 2]) {
    await driver.execute(
      "INSERT INTO Bookmarks (user_id, room_id, seq, added) VALUES (?, ?, ?, ?)",
      [ada.id, LOBBY, seq, 1],
    );
  }
  const listed = await bookmarks.list(ada.id, { below: undefined, limit: 9 });
  assertEquals(listed.map(({ event }) => event.seq), [2]);
});

testEachStore(
  "inbox, bookmarks, search: messages that were removed from the store are in none",
  async (database) => {
    let monotonic = 0;
    const options = { now: () => 1_000, monotonic: () => monotonic };
    const driver = await openMigrated(database);
    await using repository = await openRepository(driver, options);
    const [ada, bob] = [await createGuest(repository, "ada"), await createGuest(repository, "bob")];
    await join(repository, ada, bob);
    await createRoom(repository, "ops");
    const texts = ["@ada old disk", "@ada new disk"];
    await repository.messages.append(
      texts.map((content) => draft(bob.id, { from: "bob", content })),
    );
    for (const seq of [1, 2]) {
      await repository.bookmarks.add({ user: ada.id, room: LOBBY, seq, now: 1, most: 9 });
    }
    await repository.search.index();
    monotonic += 600_000;
    while (!(await repository.search.index()).isDone);
    await driver.execute("DELETE FROM Messages WHERE room_id = ? AND seq = 1", [LOBBY]);
    await driver.execute("UPDATE Rooms SET first_seq = 2 WHERE room_id = ?", [LOBBY]);
    assertEquals(await unreadOf(repository, ada), [2]);
    const kept = await repository.bookmarks.list(ada.id, { below: undefined, limit: 9 });
    assertEquals(kept.map(({ event }) => event.seq), [2]);
    const reader = {
      user: ada.id,
      name: "ada",
      all: ["public"],
      others: [],
      own: [],
      joined: [],
    } as const;
    const page = await repository.search.find({
      all: ["disk"],
      none: [],
      mentionsReader: false,
      reader,
      limit: 9,
    });
    assertEquals(page?.hits.map(({ seq }) => seq), [2]);
  },
);

testEachStore(
  "bookmarks: one is added while its user writes in the same room",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { bookmarks, messages } = repository;
    const ada = await createGuest(repository, "ada");
    await messages.append([draft(ada.id)]);
    for (let round = 0; round < 60; round++) {
      const added = bookmarks.add({ user: ada.id, room: LOBBY, seq: 1, now: 1, most: 9 });
      const written = messages.append([
        draft(ada.id, { kind: "edit", content: `${round}`, of: 1 }),
      ]);
      assertEquals(await added, "added");
      await written;
      await bookmarks.remove({ user: ada.id, room: LOBBY, seq: 1 });
    }
  },
);
