// join, leave, rooms and members: who belongs where (protocol §4).

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, MemberSummary, RoomSummary } from "../../wire/frame.ts";
import { may } from "../../chat/access.ts";
import { tooManyRooms } from "../../chat/hub.ts";
import { nameKey } from "../../chat/names.ts";
import type { Lease } from "../../chat/room.ts";
import { summarizeMemberships } from "./hello.ts";
import { fitPage } from "./page.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "./command.ts";

const DEFAULT_LIST = 50;

export const join: Command<"join"> = {
  needs: "guest",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub, session } = context;
    const principal = principalOf(context);
    using lease = await openToJoin(frame, context);
    const { room } = lease;
    if (!session.mayHear(room)) {
      throw new ChatError(
        "forbidden",
        `At most ${context.limits.rooms_joined} rooms heard on one connection`,
        { field: "room" },
      );
    }
    const { members } = hub.repository;
    const already = await members.among(principal.user, [room.id]);
    if (!already.has(room.id)) await checkRoomForOneMore(room.id, context);
    const { read, added } = await members.add({
      room: room.id,
      user: principal.user,
      read: room.deliveredSeq,
      now: hub.clock.now(),
    });
    const count = await members.count(room.id);
    hub.noteMember(room, principal.user);
    // The others are told before this connection hears the room: one is not told of oneself.
    if (added) {
      hub.announceMembership(room, { change: "joined", account: principal, asker: session });
    }
    const last = session.subscribe(room);
    const { name, topic, first } = room;
    return { reply: { type: "room", room: name, topic, first, last, read, count } };
  },
};

/** The room, which does not vanish while one joins it; one that had vanished may be made again. */
async function openToJoin(frame: ClientFrame<"join">, context: CommandContext): Promise<Lease> {
  const { hub, session } = context;
  const principal = principalOf(context);
  const onMaking = () => {
    if (principal.role === "guest") session.admission.countRoom();
  };
  for (;;) {
    using stack = new DisposableStack();
    const lease = stack.use(
      frame.create
        ? await hub.openOrMake(frame.room, { principal, onMaking })
        : await hub.open(frame.room, { principal, action: "join" }),
    );
    if (!await hub.keep(lease.room)) continue;
    stack.move();
    return lease;
  }
}

async function checkRoomForOneMore(room: number, context: CommandContext): Promise<void> {
  const { hub, limits } = context;
  const { members } = hub.repository;
  if (await members.countOf(principalOf(context).user) >= limits.rooms_joined) {
    throw tooManyRooms(limits.rooms_joined);
  }
  if (await members.count(room) >= limits.room_members) {
    throw new ChatError("forbidden", `At most ${limits.room_members} members in one room`, {
      field: "room",
    });
  }
}

export const leave: Command<"leave"> = {
  needs: "guest",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub, session, sessions } = context;
    const principal = principalOf(context);
    using lease = await hub.open(frame.room, { principal, action: "see" });
    const { room } = lease;
    const removed = await hub.repository.members.remove({ room: room.id, user: principal.user });
    const heard = sessions.unsubscribe(principal.user, room);
    if (!removed && !heard) {
      throw new ChatError("not_in_room", `You are not in "${room.name}"`, { field: "room" });
    }
    const news = { change: "left", account: principal, asker: session } as const;
    if (removed) hub.announceMembership(room, news);
    else hub.tellDeaf(room, news);
    return { reply: { type: "ok", room: room.name } };
  },
};

export const rooms: Command<"rooms"> = {
  needs: "guest",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { limits } = context;
    const limit = frame.limit ?? DEFAULT_LIST;
    const after = frame.after === undefined ? undefined : nameKey(frame.after);
    const listed = frame.joined
      ? await listJoined(context, { after, limit })
      : await listVisible(context, { after, limit });
    const { items, whole } = fitPage(listed.slice(0, limit), { maxBytes: limits.frame });
    return { reply: { type: "rooms", rooms: items, more: !whole || listed.length > limit } };
  },
};

interface ListPosition {
  readonly after: string | undefined;
  readonly limit: number;
}

/** One's own rooms, one more than asked for if there are more. */
async function listJoined(
  context: CommandContext,
  { after, limit }: ListPosition,
): Promise<RoomSummary[]> {
  const { hub } = context;
  const principal = principalOf(context);
  const memberships = await hub.repository.members.ofUser(principal.user, {
    order: "key",
    after,
    limit: limit + 1,
  });
  const summaries = summarizeMemberships(memberships, { hub, principal });
  return summaries.map((summary) => ({ ...summary, joined: true }));
}

/** The rooms one may see, one more than asked for if there are more. */
async function listVisible(
  context: CommandContext,
  { after, limit }: ListPosition,
): Promise<RoomSummary[]> {
  const { hub } = context;
  const principal = principalOf(context);
  const { rooms, members } = hub.repository;
  const records = (await rooms.list({ after, limit: limit + 1 }))
    .filter((record) => may(principal, "see", record));
  const memberships = await members.among(principal.user, records.map((record) => record.id));
  const own = summarizeMemberships([...memberships.values()], { hub, principal });
  const ownByName = new Map(own.map((summary) => [summary.room, summary]));
  return records.map((record) => {
    const base = {
      room: record.name,
      topic: record.topic,
      first: record.first,
      last: hub.findLoaded(record.name)?.deliveredSeq ?? record.last,
      count: record.members,
    };
    const summary = ownByName.get(record.name);
    return summary === undefined ? base : { ...base, ...summary, joined: true };
  });
}

export const members: Command<"members"> = {
  needs: "guest",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub, limits } = context;
    using lease = await hub.open(frame.room, { principal: principalOf(context), action: "read" });
    const { room } = lease;
    const limit = frame.limit ?? DEFAULT_LIST;
    const listed = await hub.repository.members.list(room.id, {
      after: frame.after === undefined ? undefined : nameKey(frame.after),
      limit: limit + 1,
    });
    const summaries = listed.slice(0, limit).map((user): MemberSummary => ({
      user: user.id,
      name: user.name,
      role: user.role,
      here: room.isHere(user.id),
    }));
    const { items, whole } = fitPage(summaries, { maxBytes: limits.frame });
    const more = !whole || listed.length > limit;
    return { reply: { type: "members", room: room.name, members: items, more } };
  },
};
