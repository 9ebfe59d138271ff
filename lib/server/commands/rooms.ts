// join, leave, rooms and members: the rooms of a user, and the members of a room (protocol §4).

import { authorize, may, type Standing, standingIn } from "../../chat/access.ts";
import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame } from "../../wire/frame.ts";
import type { MemberSummary } from "../../wire/frames/rooms.ts";
import type { RoomSummary } from "../../wire/summaries.ts";
import type { OwnRoom } from "../../chat/members/membership_lists.ts";
import type { Principal } from "../../chat/people/principal.ts";
import type { Lease } from "../../chat/room.ts";
import { checkResend } from "../../chat/resends.ts";
import { roomNameFor } from "../../chat/rooms/direct_names.ts";
import type { ListedRoom } from "../../chat/rooms/room_directory.ts";
import { fitPage } from "./fit_page.ts";
import { answerAppended } from "./messages.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "./command.ts";

const DEFAULT_LIST = 50;

export const join: Command<"join"> = {
  needs: "guest",
  scope: "read",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub, session, limits } = context;
    const principal = principalOf(context);
    using lease = await openToJoin(frame, context);
    const { room } = lease;
    if (!session.subscriptions.hasRoomFor(room, { most: limits.rooms_joined })) {
      const message = `A connection may subscribe to at most ${limits.rooms_joined} rooms`;
      throw new ChatError("forbidden", message, { field: "room" });
    }
    const request = { principal, connection: session };
    const { read, count } = await hub.memberships.join(room, request);
    // A user who was removed is a member again, or is removed while the store was asked.
    if (!may(principal, "read", room)) await hub.rooms.refreshSanctions(room);
    authorize(principal, "read", room, { name: frame.room });
    // After the event `joined`: a connection does not get its own.
    const last = session.subscriptions.subscribe(room);
    const { kind, topic, first } = room;
    const name = room.nameFor(principal.user);
    const standing = kind === "inquiry" ? undefined : unlessMember(standingIn(room, principal));
    return { reply: { type: "room", room: name, kind, standing, topic, first, last, read, count } };
  },
};

/**
 * The room, which the store does not remove as unused meanwhile; one that was removed may be created
 * again.
 */
async function openToJoin(frame: ClientFrame<"join">, context: CommandContext): Promise<Lease> {
  const { hub: { rooms }, session } = context;
  const principal = principalOf(context);
  const onCreating = () => {
    if (principal.role === "guest") session.admission.countRoom();
  };
  const kind = frame.private ? "private" : "public";
  for (;;) {
    using stack = new DisposableStack();
    const lease = stack.use(
      frame.create
        ? await rooms.openOrCreate(frame.room, { principal, kind, onCreating })
        : await rooms.open(frame.room, { principal, action: "join" }),
    );
    // What is written in the room must not be read by others than the user expects.
    if (frame.private && lease.room.kind !== "private") throw isNotPrivate(frame.room);
    if (!await rooms.keep(lease.room)) continue;
    stack.move();
    return lease;
  }
}

function isNotPrivate(name: string): ChatError {
  return new ChatError("name_taken", `"${name}" is not a private room: choose another name`, {
    field: "room",
  });
}

export const add: Command<"add"> = {
  needs: "guest",
  scope: "everything",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub } = context;
    const principal = principalOf(context);
    using lease = await hub.rooms.open(frame.room, { principal, action: "add" });
    const { room } = lease;
    const added = await hub.naming.findByName(frame.user);
    await hub.memberships.add(room, { principal, added });
    return { reply: { type: "ok", room: room.nameFor(principal.user) } };
  },
};

export const topic: Command<"topic"> = {
  needs: "guest",
  scope: "everything",
  bucket: "messages",
  run: (frame, context) => setTopic(frame, context),
  recognise: (frame, context, refusal) => setTopic(frame, context, refusal),
};

/** @param given why it is refused unless it is stored already */
async function setTopic(
  frame: ClientFrame<"topic">,
  context: CommandContext,
  given?: ChatError,
): Promise<CommandResult> {
  const { hub } = context;
  const principal = principalOf(context);
  const { cid } = frame;
  const access = { principal, action: "topic", isRecognised: cid !== undefined } as const;
  using lease = await hub.rooms.openForResend(frame.room, access);
  const { room, refusal = given } = lease;
  const body = { kind: "topic", content: "", topic: frame.topic } as const;
  const appended = await room.post(principal, body, { cid, resendOnly: refusal !== undefined });
  checkResend(appended, refusal);
  return { reply: answerAppended(room.nameFor(principal.user), appended) };
}

export const typing: Command<"typing"> = {
  needs: "guest",
  scope: "send",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub } = context;
    const principal = principalOf(context);
    using lease = await hub.rooms.open(frame.room, { principal, action: "see" });
    hub.typing.note(lease.room, principal);
    return {};
  },
};

export const leave: Command<"leave"> = {
  needs: "guest",
  scope: "read",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub, session } = context;
    const principal = principalOf(context);
    using lease = await hub.rooms.open(frame.room, { principal, action: "see" });
    const { room } = lease;
    await hub.memberships.leave(room, { principal, connection: session });
    return { reply: { type: "ok", room: room.nameFor(principal.user) } };
  },
};

export const rooms: Command<"rooms"> = {
  needs: "guest",
  scope: "read",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { limits } = context;
    const { rooms, more } = await listRooms(frame, context);
    const { items, whole } = fitPage(rooms, { maxBytes: limits.frame });
    return { reply: { type: "rooms", rooms: items, more: !whole || more } };
  },
};

async function listRooms(
  { joined, after, limit = DEFAULT_LIST }: ClientFrame<"rooms">,
  context: CommandContext,
): Promise<{ rooms: readonly RoomSummary[]; more: boolean }> {
  const { hub } = context;
  const principal = principalOf(context);
  if (joined) {
    const options = { order: "key", after, limit } as const;
    const { rooms, more } = await hub.membershipLists.ofPrincipal(principal, options);
    const summaries = rooms.map((room) => ({ ...summarizeOwnRoom(principal, room), joined: true }));
    return { rooms: summaries, more };
  }
  const { rooms, more } = await hub.rooms.list(principal, { after, limit });
  return { rooms: rooms.map((room) => summarizeRoom(principal, room)), more };
}

function summarizeRoom(
  principal: Principal,
  { record, last, membership }: ListedRoom,
): RoomSummary {
  const { name: room, kind, topic, first, members: count } = record;
  const summary = { room, kind, topic, first, last, count };
  if (membership === undefined) return summary;
  return { ...summary, ...summarizeOwnRoom(principal, { ...membership, last }), joined: true };
}

/** A standing as frames have it: most users are members, and have none there. */
function unlessMember(standing: Standing): string | undefined {
  return standing === "member" || standing === "none" ? undefined : standing;
}

/** A room as its member sees it in a list: with what is unread. */
export function summarizeOwnRoom(
  { user }: Principal,
  { room, standing, last, read, unread, mentions }: OwnRoom,
): RoomSummary {
  const { kind, first } = room;
  return {
    room: roomNameFor(room, user),
    kind,
    first,
    last,
    read,
    unread,
    mentions,
    standing: kind === "inquiry" ? undefined : unlessMember(standing),
  };
}

export const members: Command<"members"> = {
  needs: "guest",
  scope: "read",
  bucket: "requests",
  async run({ room: name, after, limit = DEFAULT_LIST }, context): Promise<CommandResult> {
    const { hub, limits } = context;
    const principal = principalOf(context);
    using lease = await hub.rooms.open(name, { principal, action: "read" });
    const { room } = lease;
    const { members, more } = await hub.membershipLists.list(room, { after, limit });
    authorize(principal, "read", room, { name });
    const summaries = members.map(({ id, name, role, isBot }): MemberSummary => ({
      user: id,
      name,
      role,
      bot: isBot ? true : undefined,
      here: room.isHere(id),
      standing: room.kind === "inquiry" ? undefined : unlessMember(standingIn(room, { user: id })),
    }));
    const { items, whole } = fitPage(summaries, { maxBytes: limits.frame });
    return {
      reply: {
        type: "members",
        room: room.nameFor(principal.user),
        members: items,
        more: !whole || more,
      },
    };
  },
};
