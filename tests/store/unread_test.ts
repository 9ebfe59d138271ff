// What is unread, and who is named, against every store: known when it is asked for, not counted.

import { assertEquals } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import type { Repository } from "../../lib/store/repository.ts";
import { roomId, userId } from "../../lib/store/records.ts";
import {
  openTestRepository,
  type TestDatabase,
  testEachStore,
} from "../support/stores/databases.ts";
import {
  createGuest,
  createRoom,
  draft,
  LOBBY,
  openInquiry,
  say,
} from "../support/stores/store_facts.ts";

interface Standing {
  readonly read: number;
  readonly unread: number;
  readonly mentions: number;
}

async function standing(
  { members }: Repository,
  user: number,
  room = LOBBY,
): Promise<Standing | undefined> {
  const membership = (await members.among(userId(user), [roomId(room)])).get(roomId(room));
  if (membership === undefined) return undefined;
  const { read, unread, mentions } = membership;
  return { read, unread, mentions };
}

/** ada and bob, members of the lobby. */
async function openPair(
  database: TestDatabase,
): Promise<{ repository: Repository; ada: number; bob: number }> {
  const repository = await openTestRepository(database, { limits: { pending: 20_000 } });
  const [ada, bob] = [await createGuest(repository, "ada"), await createGuest(repository, "bob")];
  for (const { id: user } of [ada, bob]) {
    await repository.members.add({ room: LOBBY, user, read: 0, now: 0 });
  }
  return { repository, ada: ada.id, bob: bob.id };
}

testEachStore("unread: as many as there are above the read position", async (database) => {
  const { repository, ada, bob } = await openPair(database);
  await using _repository = repository;
  await say(repository, { user: bob, texts: ["1", "2", "3", "4", "5"] });
  assertEquals(await standing(repository, ada), { read: 0, unread: 5, mentions: 0 });
  for (const [seq, read, unread] of [[2, 2, 3], [1, 2, 3], [5, 5, 0]] as const) {
    await repository.members.markRead({ room: LOBBY, user: userId(ada), seq });
    assertEquals(await standing(repository, ada), { read, unread, mentions: 0 });
  }
  await say(repository, { user: bob, texts: Array.from({ length: 1_500 }, () => "@ada") });
  assertEquals(await standing(repository, ada), { read: 5, unread: 1_500, mentions: 1_500 });
});

testEachStore("unread: a message of one's own moves one's read position", async (database) => {
  const { repository, ada, bob } = await openPair(database);
  await using _repository = repository;
  await say(repository, { user: bob, texts: ["1", "2 @ada"] });
  await say(repository, { user: ada, texts: ["3"] });
  assertEquals(await standing(repository, ada), { read: 3, unread: 0, mentions: 0 });
  await say(repository, { user: bob, texts: ["4 @ada", "5"] });
  assertEquals(await standing(repository, ada), { read: 3, unread: 2, mentions: 1 });
  // Together, and again so soon that it is not written at once.
  await repository.messages.append([
    draft(ada, { content: "6" }),
    draft(bob, { content: "7 @ada" }),
    draft(ada, { content: "8" }),
    draft(bob, { content: "9" }),
  ]);
  assertEquals(await standing(repository, ada), { read: 8, unread: 1, mentions: 0 });
  await say(repository, { user: ada, texts: ["10"] });
  const [first] = await repository.members.ofUser(userId(ada), { order: "key", limit: 1 });
  assertEquals([first?.read, first?.unread], [10, 0]);
});

testEachStore("unread: who has joined has read what there was", async (database) => {
  const { repository, bob } = await openPair(database);
  await using _repository = repository;
  await say(repository, { user: bob, texts: ["1 @eve", "2"] });
  const { id: eve } = await createGuest(repository, "eve");
  assertEquals(await standing(repository, eve), undefined);
  await repository.members.add({ room: LOBBY, user: eve, read: 2, now: 0 });
  assertEquals(await standing(repository, eve), { read: 2, unread: 0, mentions: 0 });
  await say(repository, { user: bob, texts: ["3 @eve"] });
  assertEquals(await standing(repository, eve), { read: 2, unread: 1, mentions: 1 });
  // Left and back again: the mention before is read.
  await repository.members.remove({ room: LOBBY, user: eve });
  await repository.members.add({ room: LOBBY, user: eve, read: 3, now: 0 });
  assertEquals(await standing(repository, eve), { read: 3, unread: 0, mentions: 0 });
});

testEachStore("unread: each room has its own, answers at the desk count", async (database) => {
  const { repository, ada, bob } = await openPair(database);
  await using _repository = repository;
  const ops = await createRoom(repository, "ops");
  await repository.members.add({ room: ops.id, user: userId(ada), read: 0, now: 0 });
  await say(repository, { user: bob, texts: ["1", "2"] });
  await say(repository, { user: bob, room: ops.id, texts: ["1 @ada"] });
  const { id: inquiry, room } = await openInquiry(repository, ada);
  await repository.messages.append([
    draft(ada, { room: room.id, inquiry, content: "May I?" }),
    draft(bob, { room: room.id, inquiry, kind: "response", content: "@ada no" }),
  ]);
  const listed = await repository.members.ofUser(userId(ada), { order: "key", limit: 10 });
  assertEquals(listed.map(({ room, unread, mentions }) => [room.name, unread, mentions]), [
    ["?1", 1, 1],
    ["lobby", 2, 0],
    ["ops", 1, 1],
  ]);
});

testEachStore("mentions: @ and the whole name, ASCII letters alike", async (database) => {
  await using repository = await openTestRepository(database);
  const [ada, bob] = [await createGuest(repository, "a_Da"), await createGuest(repository, "bob")];
  await repository.members.add({ room: LOBBY, user: ada.id, read: 0, now: 0 });
  const mentions = async (content: string): Promise<number> => {
    const [answer] = await repository.messages.append([draft(bob.id, { content })]);
    const found = await standing(repository, ada.id);
    assertEquals(found?.unread, 1);
    const seq = answer !== undefined && "seq" in answer ? answer.seq : 0;
    await repository.members.markRead({ room: LOBBY, user: ada.id, seq });
    return found?.mentions ?? 0;
  };
  for (
    const text of ["@a_da", "hi @A_DA!", "@a_da2 or @a_Da", "😀@a_da: ß", "x@a_da.", "@a_da @a_da"]
  ) assertEquals(await mentions(text), 1, text);
  for (const text of ["a_da", "@a_dax", "@a_da-1", "@a_da_", "@axda", "@ a_da", "@a_d\u00e4"]) {
    assertEquals(await mentions(text), 0, text);
  }
});

testEachStore(
  "mentions: of oneself, of nobody and of one without the room are none",
  async (database) => {
    const { repository, ada, bob } = await openPair(database);
    await using _repository = repository;
    const { id: eve } = await createGuest(repository, "eve");
    await say(repository, { user: bob, texts: ["@bob @nobody @eve"] });
    await repository.members.add({ room: LOBBY, user: eve, read: 0, now: 0 });
    for (const user of [ada, eve]) assertEquals((await standing(repository, user))?.mentions, 0);
    assertEquals((await standing(repository, bob))?.mentions, 0);
  },
);

testEachStore(
  "mentions: 50 names of a message are looked for, in one batch many",
  async (database) => {
    const { repository, ada, bob } = await openPair(database);
    await using _repository = repository;
    const others = Array.from({ length: 49 }, (_, n) => `@nobody${n}`).join(" ");
    await repository.messages.append([
      draft(bob, { content: `${others} @ada` }),
      draft(bob, { content: `${others} @nobody @ada` }),
      ...Array.from({ length: 100 }, (_, n) => draft(bob, { content: `@ada @other${n}` })),
    ]);
    assertEquals((await standing(repository, ada))?.mentions, 101);
  },
);

testEachStore("mentions: who is called otherwise is named otherwise", async (database) => {
  const { repository, ada, bob } = await openPair(database);
  await using _repository = repository;
  await repository.users.holdName(userId(ada), userNameOf("Ada2"));
  await say(repository, { user: bob, texts: ["@ada", "@ada2"] });
  assertEquals((await standing(repository, ada))?.mentions, 1);
  const listed = await repository.members.list(LOBBY, { after: "ada", limit: 10 });
  assertEquals(listed.map(({ name }) => name), ["Ada2", "bob"]);
});
