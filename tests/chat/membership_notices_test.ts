// What other servers say of comings and goings, with a store that answers when the test wants it to.

import { assertEquals } from "@std/assert";
import type { MembershipChange } from "../../lib/cluster/bus.ts";
import { Fanout } from "../../lib/chat/fanout.ts";
import { MembershipNotices } from "../../lib/chat/membership_notices.ts";
import { Room } from "../../lib/chat/room.ts";
import type { Membership, RoomRecord, UserId, UserRecord } from "../../lib/store/repository.ts";
import { FakeMessages } from "../support/fake_messages.ts";

const OPS: RoomRecord = {
  id: 7,
  name: "ops",
  kind: "public",
  topic: "",
  first: 1,
  last: 0,
  owner: undefined,
  members: 0,
};
const PEOPLE: readonly UserRecord[] = [
  { id: 1, name: "ada", role: "guest" },
  { id: 2, name: "console", role: "operator" },
];

interface Scene {
  readonly notices: MembershipNotices;
  readonly room: Room;
  /** Those that the store has as members. */
  readonly members: Set<UserId>;
  /** Answers what was asked of the store so far. */
  answer(): Promise<void>;
  readonly told: string[];
  readonly stopped: UserId[];
  /** Who hears the room here. */
  readonly hearing: Set<UserId>;
}

function makeScene(): Scene {
  const room = new Room(OPS, { messages: new FakeMessages(), fanout: new Fanout(() => {}) });
  const members = new Set<UserId>();
  const hearing = new Set<UserId>();
  const [told, stopped] = [[] as string[], [] as UserId[]];
  let waiting: (() => void)[] = [];
  const among = (user: UserId) =>
    new Promise<ReadonlyMap<number, Membership>>((resolve) => {
      const found = members.has(user)
        ? [[OPS.id, { room: OPS, read: 0, unread: 0, mentions: 0 }] as const]
        : [];
      waiting.push(() => resolve(new Map(found)));
    });
  const findMany = (users: readonly UserId[]) => {
    const found = PEOPLE.filter(({ id }) => users.includes(id));
    return Promise.resolve(new Map(found.map((user) => [user.id, user])));
  };
  const notices = new MembershipNotices({
    // deno-lint-ignore no-explicit-any
    repository: { members: { among }, users: { findMany } } as any,
    monotonic: () => 0,
    findRoom: (id) => id === OPS.id ? room : undefined,
    stopHearing: (user) => {
      stopped.push(user);
      return hearing.delete(user);
    },
    announce: (_room, { change, account: { name, role } }) =>
      void told.push(`${name} (${role}) ${change}`),
  });
  const answer = async () => {
    const due = waiting;
    waiting = [];
    for (const resolve of due) resolve();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { notices, room, members, answer, told, stopped, hearing };
}

/** As another server, or somebody who says so, tells it: under whatever name. */
function notice(change: "joined" | "left", user: UserId, name = "ada"): MembershipChange {
  return { room: OPS.id, change, user, name, role: "guest" };
}

Deno.test("membership notices: who has come is told once, under the name and role of the store", async () => {
  const { notices, members, answer, told } = makeScene();
  members.add(1);
  const notes = [notices.note(notice("joined", 1, "console")), notices.note(notice("joined", 1))];
  await answer();
  await Promise.all(notes);
  assertEquals(told, ["ada (guest) joined"]);
});

Deno.test("membership notices: nobody comes whom the store does not have as a member, or at all", async () => {
  const { notices, members, answer, told } = makeScene();
  members.add(99);
  const notes = [1, 2, 99].map((user) => notices.note(notice("joined", user, "console")));
  await answer();
  await Promise.all(notes);
  assertEquals(told, []);
});

Deno.test("membership notices: a leaving that the store does not confirm ends nothing", async () => {
  const { notices, members, answer, told, stopped } = makeScene();
  members.add(1);
  const noted = notices.note(notice("left", 1));
  await answer();
  await noted;
  assertEquals([told, stopped], [[], []]);
});

Deno.test("membership notices: who has left stops hearing, and is told to have left, once", async () => {
  const { notices, room, answer, told, hearing } = makeScene();
  hearing.add(1);
  room.noteMember(1);
  for (let time = 0; time < 2; time++) {
    const noted = notices.note(notice("left", 1));
    await answer();
    await noted;
  }
  assertEquals([told, hearing.size], [["ada (guest) left"], 0]);
});

Deno.test("membership notices: a late leaving does not end the hearing of one who is back", async () => {
  const { notices, room, members, answer, told, stopped } = makeScene();
  const noted = notices.note(notice("left", 1));
  // The store has answered that they left; before the answer is here, they join again.
  members.add(1);
  notices.noteBack(room, 1);
  await answer();
  await noted;
  assertEquals([told, stopped], [[], []]);
});

Deno.test("membership notices: nobody who was not there leaves, whatever they are called", async () => {
  const { notices, answer, told } = makeScene();
  const notes = [1, 2, 99].map((user) => notices.note(notice("left", user, "console")));
  await answer();
  await Promise.all(notes);
  assertEquals(told, []);
});

Deno.test("membership notices: a flood of them asks the store at a pace", async () => {
  const { notices, members, answer } = makeScene();
  members.add(1);
  let asked = 0;
  const has = members.has.bind(members);
  members.has = (user) => {
    asked++;
    return has(user);
  };
  const notes = Array.from({ length: 5_000 }, () => notices.note(notice("left", 1)));
  await answer();
  await Promise.all(notes);
  assertEquals(asked, 200);
});
