// The contract of Moderation and Ignores, against every store.

import { assertEquals, assertRejects } from "@std/assert";
import { BannedError, type Repository } from "../../lib/store/repository.ts";
import type { ActFacts, NewAct } from "../../lib/store/moderation/records.ts";
import type { RoomRecord, UserRecord } from "../../lib/store/records.ts";
import { openTestRepository, testEachStore } from "../support/stores/databases.ts";
import { createGuest, createRoom, LOBBY, say } from "../support/stores/store_facts.ts";

const NOW = 1_000;

interface Scene {
  readonly ann: UserRecord;
  readonly bob: UserRecord;
  readonly room: RoomRecord;
  /** An act of ann about a user in the room. */
  act(act: NewAct["act"], user: UserRecord, more?: Partial<NewAct>): NewAct;
}

/** A room with an owner and a member, and what acts there. */
async function scene(repository: Repository): Promise<Scene> {
  const [ann, bob] = [await createGuest(repository, "ann"), await createGuest(repository, "bob")];
  const { rooms, members } = repository;
  const room = await rooms.create({
    name: "ops",
    key: "ops",
    kind: "public",
    owner: ann.id,
    now: 0,
  });
  for (const { id: user } of [ann, bob]) {
    await members.add({ room: room.id, user, read: 0, now: NOW });
  }
  const act = (act: NewAct["act"], user: UserRecord, more: Partial<NewAct> = {}): NewAct => ({
    act,
    actor: { user: ann.id, name: ann.name },
    room: { id: room.id, name: room.name },
    subject: { user },
    now: NOW,
    ...more,
  });
  return { ann, bob, room, act };
}

testEachStore(
  "moderation: acts are numbered, and follow each other without a gap",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { moderation } = repository;
    const { bob, act } = await scene(repository);
    assertEquals(moderation.start.entry, 0);
    const done = await Promise.all(
      [1, 2, 3, 4].map((at) =>
        moderation.act(act("standing", bob, { detail: "muted", reason: `${at}` }), () => {})
      ),
    );
    assertEquals(done.map(({ record }) => record.entry).toSorted(), [1, 2, 3, 4]);
    const acts = await moderation.actsAfter(1, 2);
    assertEquals(acts.map(({ entry }) => entry), [2, 3]);
    const latest = await moderation.acts({ room: undefined, reader: bob.id, before: 4, limit: 2 });
    assertEquals(latest.map(({ entry }) => entry), [3, 2]);
  },
);

testEachStore("moderation: an act that is refused has changed nothing", async (database) => {
  await using repository = await openTestRepository(database);
  const { moderation, rooms, members } = repository;
  const { bob, room, act } = await scene(repository);
  let facts: ActFacts | undefined;
  const refuse = (seen: ActFacts) => {
    facts = seen;
    throw new RangeError("no");
  };
  await assertRejects(() => moderation.act(act("ban", bob), refuse), RangeError);
  assertEquals([facts?.actor, facts?.subject, facts?.owners], ["owner", "member", 1]);
  assertEquals(await moderation.actsAfter(0, 10), []);
  assertEquals((await rooms.find("ops"))?.sanctions, undefined);
  assertEquals(await members.count(room.id), 2);
});

testEachStore(
  "moderation: a removal ends the membership, and to join ends the removal",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { moderation, rooms, members } = repository;
    const { bob, room, act } = await scene(repository);
    await moderation.act(act("standing", bob, { detail: "muted", ends: NOW + 5 }), () => {});
    await moderation.act(act("kick", bob), () => {});
    assertEquals([await members.count(room.id), await members.countOf(bob.id)], [1, 0]);
    const sanctions = async () => (await rooms.findMany([room.id])).get(room.id)?.sanctions;
    const muted = { user: bob.id, standing: "muted", ends: NOW + 5 } as const;
    const before = await sanctions();
    assertEquals(before?.standings, [{ ...muted, isRemoved: true }]);
    await members.add({ room: room.id, user: bob.id, read: 0, now: NOW });
    const after = await sanctions();
    assertEquals(after?.standings, [{ ...muted, isRemoved: false }]);
    assertEquals((after?.version ?? 0) > (before?.version ?? 0), true);
  },
);

testEachStore(
  "moderation: a banned user becomes no member, until the ban ends",
  async (database) => {
    let now = NOW;
    await using repository = await openTestRepository(database, { now: () => now });
    const { moderation, rooms, members } = repository;
    const { bob, room, act } = await scene(repository);
    const { ban } = await moderation.act(
      act("ban", bob, { ends: NOW + 5, reason: "flood" }),
      () => {},
    );
    const join = () => members.add({ room: room.id, user: bob.id, read: 0, now });
    await assertRejects(join, BannedError);
    assertEquals(await members.count(room.id), 1);
    const bans = (await rooms.find("ops"))?.sanctions?.bans;
    assertEquals(bans?.map(({ id, name, reason }) => [id, name, reason]), [[ban, "bob", "flood"]]);
    now = NOW + 5;
    assertEquals((await rooms.find("ops"))?.sanctions?.bans, []);
    assertEquals(await moderation.bans({ room: room.id, after: undefined, limit: 9 }), []);
    assertEquals((await join()).added, true);
  },
);

testEachStore(
  "moderation: a further ban takes the place of the one before; unban ends it",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { moderation } = repository;
    const { bob, act } = await scene(repository);
    const onServer = { room: undefined };
    const network = { ...onServer, subject: { network: "192.0.2.0/24" } };
    for (const more of [onServer, onServer, network, network]) {
      await moderation.act(act("ban", bob, more), () => {});
    }
    const list = async () =>
      (await moderation.serverSanctions()).bans.map(({ name, network }) => name ?? network);
    assertEquals((await list()).toSorted(), ["192.0.2.0/24", "bob"]);
    const facts: ActFacts[] = [];
    for (const more of [onServer, network, network]) {
      await moderation.act(act("unban", bob, more), (seen) => void facts.push(seen));
    }
    assertEquals(facts.map(({ isBanned, bans }) => [isBanned, bans]), [
      [true, 2],
      [true, 1],
      [false, 0],
    ]);
    assertEquals(await list(), []);
  },
);

testEachStore("moderation: what holds is read when the store is opened again", async (database) => {
  {
    await using repository = await openTestRepository(database);
    const { moderation } = repository;
    const { bob, act } = await scene(repository);
    await moderation.act(act("ban", bob, { room: undefined }), () => {});
    const panic = { room: undefined, subject: undefined, detail: "on" };
    await moderation.act(act("panic", bob, panic), () => {});
  }
  await using repository = await openTestRepository(database);
  const { start } = repository.moderation;
  assertEquals([start.entry, start.isPanic, start.bans.length], [2, true, 1]);
});

testEachStore("moderation: of private rooms the log shows members alone", async (database) => {
  await using repository = await openTestRepository(database);
  const { moderation, rooms, members } = repository;
  const { ann, bob, act } = await scene(repository);
  const secret = await rooms.create({ name: "x", key: "x", kind: "private", now: 0 });
  await members.add({ room: secret.id, user: ann.id, read: 0, now: 0 });
  const room = { id: secret.id, name: "x" };
  await moderation.act(act("standing", bob, { room, detail: "muted" }), () => {});
  const seenBy = async ({ id: reader }: UserRecord) =>
    (await moderation.acts({ room: undefined, reader, before: undefined, limit: 9 })).length;
  assertEquals([await seenBy(ann), await seenBy(bob)], [1, 0]);
});

testEachStore(
  "moderation: a user is found by name, a guest by number by that",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { moderation, users } = repository;
    const { id, name, role } = await createGuest(repository, "Ann");
    const ann = { id, name, role };
    const numbered = await users.createPassingGuest((id) => `legacy-${id}`);
    assertEquals(await moderation.findUser("ann"), ann);
    assertEquals(await moderation.findUser(numbered.name), numbered);
    assertEquals(await moderation.findUser("legacy-999999"), undefined);
    assertEquals(await moderation.findUser("bob"), undefined);
  },
);

testEachStore("moderation: an unused room goes with what was decided in it", async (database) => {
  await using repository = await openTestRepository(database);
  const { moderation, rooms } = repository;
  const { bob, room, act } = await scene(repository);
  await moderation.act(act("ban", bob), () => {});
  assertEquals(await rooms.removeUnused([{ id: room.id, uses: 0 }]), [room.id]);
  assertEquals((await moderation.actsAfter(0, 9)).length, 1);
});

testEachStore(
  "ignores: a list is bounded, and messages of ignored users do not count",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { ignores, members } = repository;
    const [ann, bob] = [await createGuest(repository, "ann"), await createGuest(repository, "bob")];
    const eve = await createGuest(repository, "eve");
    assertEquals(await ignores.add(ann.id, bob.id, 1), true);
    assertEquals(await ignores.add(ann.id, bob.id, 1), true);
    assertEquals(await ignores.add(ann.id, eve.id, 1), false);
    assertEquals((await ignores.list(ann.id)).map(({ name }) => name), ["bob"]);
    const room = await createRoom(repository, "ops");
    await members.add({ room: room.id, user: ann.id, read: 0, now: 0 });
    await say(repository, { user: bob.id, room: room.id, texts: ["@ann 1", "2"] });
    await say(repository, { user: eve.id, room: room.id, texts: ["@ann 3"] });
    const counts = async () => {
      const own = (await members.among(ann.id, [room.id])).get(room.id);
      return [own?.unread, own?.mentions];
    };
    assertEquals(await counts(), [1, 1]);
    await ignores.remove(ann.id, bob.id);
    assertEquals(await counts(), [3, 1]);
    assertEquals(await members.among(ann.id, [LOBBY]), new Map());
  },
);

testEachStore("moderation: what has ended, and a plain member, takes no row", async (database) => {
  let now = NOW;
  await using repository = await openTestRepository(database, { now: () => now });
  const { moderation, rooms } = repository;
  const { ann, bob, room, act } = await scene(repository);
  const eve = await createGuest(repository, "eve");
  const rows = async () => {
    const sanctions = (await rooms.findMany([room.id])).get(room.id)?.sanctions;
    return sanctions?.standings.map(({ user, standing }) => [user, standing]);
  };
  const set = (user: UserRecord, detail: string, more = {}) =>
    moderation.act(act("standing", user, { detail, now, ...more }), () => {});
  await set(bob, "muted");
  await set(eve, "muted", { ends: NOW + 5 });
  assertEquals(await rows(), [[bob.id, "muted"], [eve.id, "muted"]]);
  await set(bob, "member");
  now = NOW + 5;
  await set(ann, "member");
  // The creator is not the owner again.
  assertEquals(await rows(), [[ann.id, "member"]]);
});

testEachStore("moderation: who has added a member is logged with it, once", async (database) => {
  await using repository = await openTestRepository(database);
  const { moderation, members } = repository;
  const { ann, room } = await scene(repository);
  const eve = await createGuest(repository, "eve");
  const by = { user: ann.id, name: "ann" };
  for (let time = 0; time < 2; time++) {
    await members.add({ room: room.id, user: eve.id, read: 0, now: NOW, by });
  }
  const acts = await moderation.actsAfter(0, 9);
  assertEquals(
    acts.map(({ entry, act, from, targetName, roomName }) => {
      return [entry, act, from, targetName, roomName];
    }),
    [[1, "add", "ann", "eve", "ops"]],
  );
});
