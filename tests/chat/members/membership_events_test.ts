// What other servers say of memberships, with a store that answers when the test wants it to.

import { assertEquals } from "@std/assert";
import type { MembershipChange } from "../../../lib/cluster/bus.ts";
import { SINGLE_SERVER } from "../../../lib/cluster/cluster.ts";
import { Fanout } from "../../../lib/chat/fanout.ts";
import { MembershipEvents } from "../../../lib/chat/members/membership_events.ts";
import { Room } from "../../../lib/chat/room.ts";
import {
  type Membership,
  roomId,
  type RoomRecord,
  type UserId,
  userId,
  type UserRecord,
} from "../../../lib/store/records.ts";
import { FakeMessages } from "../../support/stores/fake_messages.ts";
import { EMPTY_ROOM } from "../../support/stores/store_facts.ts";

const OPS: RoomRecord = { ...EMPTY_ROOM, id: roomId(7) };
const USERS: readonly UserRecord[] = [
  { id: userId(1), name: "ada", role: "guest" },
  { id: userId(2), name: "console", role: "operator" },
];

class Scene {
  readonly room = new Room(OPS, {
    messages: new FakeMessages(),
    fanout: new Fanout(queueMicrotask),
  });
  /** The members that the store has. */
  readonly members = new Set<UserId>();
  /** The users with a subscription to the room here, and those that have lost it. */
  readonly subscribed = new Set<UserId>();
  readonly unsubscribed: UserId[] = [];
  /** The events of the room. */
  readonly sent: string[] = [];
  /** The events of the users' own connections. */
  readonly sentToOwn: string[] = [];
  /** The users that have a connection here. */
  readonly connected = new Set<UserId>();
  readonly events: MembershipEvents;
  #waiting: (() => void)[] = [];

  constructor({ isLoaded = true }: { isLoaded?: boolean } = {}) {
    this.room.subscribe({
      user: userId(9),
      deliver: ({ events }) => {
        for (const event of events) {
          if (event.type !== "code" && "from" in event) this.sent.push(describe(event));
        }
        return false;
      },
    });
    this.events = new MembershipEvents({
      repository: {
        members: { among: (user: UserId) => this.#among(user) },
        users: { findMany: (users: readonly UserId[]) => Promise.resolve(recordsOf(users)) },
        rooms: { findMany: () => Promise.resolve(new Map([[OPS.id, OPS]])) },
        // deno-lint-ignore no-explicit-any
      } as any,
      clock: { now: () => 0, monotonic: () => 0 },
      cluster: SINGLE_SERVER,
      connections: {
        has: (user) => this.connected.has(user),
        unsubscribe: (user) => {
          this.unsubscribed.push(user);
          return this.subscribed.delete(user);
        },
        send: (_user, event) => {
          if (event.type !== "code" && "from" in event) this.sentToOwn.push(describe(event));
        },
        tokensOf: () => new Set<number>(),
        endToken: () => {},
      },
      onRemoval: () => {},
      findRoom: (id) => isLoaded && id === OPS.id ? this.room : undefined,
    });
  }

  /** Answers what the store has been asked so far. */
  async answer(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      const due = this.#waiting;
      this.#waiting = [];
      for (const resolve of due) resolve();
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
  }

  /** Receives these notices, which the store answers at once. */
  async receive(...notices: readonly MembershipChange[]): Promise<void> {
    const received = notices.map((notice) => this.events.receive(notice));
    await this.answer();
    await Promise.all(received);
  }

  #among(user: UserId): Promise<ReadonlyMap<number, Membership>> {
    return new Promise((resolve) => {
      const found = this.members.has(user)
        ? [[OPS.id, { room: OPS, read: 0, unread: 0, mentions: 0, standing: "member" }] as const]
        : [];
      this.#waiting.push(() => resolve(new Map(found)));
    });
  }
}

function recordsOf(users: readonly UserId[]): ReadonlyMap<UserId, UserRecord> {
  return new Map(USERS.filter(({ id }) => users.includes(id)).map((user) => [user.id, user]));
}

function describe(
  { type, from, guest }: { type: string; from: string; guest?: boolean | undefined },
): string {
  return `${from}${guest === true ? " (guest)" : ""} ${type}`;
}

/** As another server says it, under whatever name. */
function notice(change: "joined" | "left", user: UserId, name = "ada"): MembershipChange {
  return { room: OPS.id, change, user, name, role: "guest" };
}

Deno.test("membership events: a user who has joined is announced once, by the store's name and role", async () => {
  const scene = new Scene();
  scene.members.add(userId(1));
  await scene.receive(notice("joined", userId(1), "console"), notice("joined", userId(1)));
  assertEquals(scene.sent, ["ada (guest) joined"]);
});

Deno.test("membership events: a user who is no member for the store, or no user, is not announced", async () => {
  const scene = new Scene();
  scene.members.add(userId(99));
  await scene.receive(...[1, 2, 99].map((user) => notice("joined", userId(user), "console")));
  assertEquals(scene.sent, []);
});

Deno.test("membership events: a leaving that the store does not confirm ends nothing", async () => {
  const scene = new Scene();
  scene.members.add(userId(1));
  await scene.receive(notice("left", userId(1)));
  assertEquals([scene.sent, scene.unsubscribed], [[], []]);
});

Deno.test("membership events: a user who has left loses the subscription, and is announced once", async () => {
  const scene = new Scene();
  scene.subscribed.add(userId(1));
  scene.room.noteMember(userId(1));
  await scene.receive(notice("left", userId(1)));
  await scene.receive(notice("left", userId(1)));
  assertEquals([scene.sent, scene.subscribed.size], [["ada (guest) left"], 0]);
});

Deno.test("membership events: a late leaving does not end the subscription of a user who is back", async () => {
  const scene = new Scene();
  const received = scene.events.receive(notice("left", userId(1)));
  // The store has answered that they left; before the answer is here, they join again.
  scene.members.add(userId(1));
  scene.events.noteJoined(scene.room, userId(1));
  await scene.answer();
  await received;
  assertEquals([scene.sent, scene.unsubscribed], [[], []]);
});

Deno.test("membership events: a user who was not there does not leave, whatever their name", async () => {
  const scene = new Scene();
  await scene.receive(...[1, 2, 99].map((user) => notice("left", userId(user), "console")));
  assertEquals(scene.sent, []);
});

Deno.test("membership events: a user's own connections are sent each change once, of unloaded rooms too", async () => {
  for (const isLoaded of [true, false]) {
    const scene = new Scene({ isLoaded });
    scene.connected.add(userId(1));
    scene.members.add(userId(1));
    await scene.receive(notice("joined", userId(1)), notice("joined", userId(1)));
    scene.members.delete(userId(1));
    await scene.receive(
      notice("left", userId(1)),
      notice("left", userId(1)),
      notice("joined", userId(1)),
    );
    assertEquals(scene.sentToOwn, ["ada (guest) joined", "ada (guest) left"]);
  }
});

Deno.test("membership events: a flood of notices asks the store at a pace", async () => {
  const scene = new Scene();
  scene.members.add(userId(1));
  let asked = 0;
  const has = scene.members.has.bind(scene.members);
  scene.members.has = (user) => {
    asked++;
    return has(user);
  };
  await scene.receive(...Array.from({ length: 5_000 }, () => notice("left", userId(1))));
  assertEquals(asked, 200);
});
