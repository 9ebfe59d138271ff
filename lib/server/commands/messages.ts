// message, history and read: posting, reading back, and how far a user has read (protocol §5, §6).

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import type { RoomEvent } from "../../wire/event.ts";
import { authorize } from "../../chat/access.ts";
import { noSuchRoom } from "../../chat/access_refusals.ts";
import { checkResend } from "../../chat/resends.ts";
import type { LeaseForResend } from "../../chat/rooms/room_directory.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Principal } from "../../chat/people/principal.ts";
import type { Room } from "../../chat/room.ts";
import { namedUser } from "../../chat/rooms/direct_names.ts";
import type { RoomView } from "../../chat/rooms/room_view.ts";
import type { Appended } from "../../store/records.ts";
import { refusalFrame, storeRefusal } from "../internal_errors.ts";
import { fitPage } from "./fit_page.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "./command.ts";

const DEFAULT_PAGE = 50;

export const message: Command<"message"> = {
  needs: "guest",
  scope: "send",
  bucket: "messages",
  findRoom: (frame, context) => {
    const principal = principalOf(context);
    // What a program answers is looked up before.
    if (principal.isBot && frame.to !== undefined) return undefined;
    return context.hub.rooms.findLoaded(frame.room, { principal, action: "send" });
  },
  run(frame, context, room): Promise<CommandResult> {
    const principal = principalOf(context);
    if (room === undefined) return openAndPost(frame, { principal, context });
    return post(room, { principal, frame, context });
  },
  async recognise(frame, context, refusal): Promise<CommandResult> {
    const principal = principalOf(context);
    // Not as a message that is new: that could begin a direct conversation.
    const access = { principal, action: "send", isRecognised: true } as const;
    using lease = await context.hub.rooms.openForResend(frame.room, access);
    return await post(lease.room, { principal, frame, context, refusal });
  },
};

interface Posting {
  readonly principal: Principal;
  /** Why it is refused, unless it is stored already. */
  readonly refusal?: ChatError | undefined;
  readonly frame: ClientFrame<"message">;
  readonly context: CommandContext;
}

async function openAndPost(
  frame: ClientFrame<"message">,
  { principal, context }: { principal: Principal; context: CommandContext },
): Promise<CommandResult> {
  using lease = await openToPost(frame, { principal, context });
  const { room, refusal } = lease;
  return await post(room, { principal, frame, context, refusal });
}

function openToPost(
  { room, cid }: ClientFrame<"message">,
  { principal, context }: { principal: Principal; context: CommandContext },
): Promise<LeaseForResend> {
  const { rooms, directs } = context.hub;
  if (namedUser(room) !== undefined) return directs.openToSend(room, principal);
  return rooms.openForResend(room, { principal, action: "send", isRecognised: cid !== undefined });
}

async function post(room: Room, posting: Posting): Promise<CommandResult> {
  const { principal, frame, context } = posting;
  const { content, cid, to } = frame;
  const refusal = posting.refusal ??
    (principal.isBot
      ? await context.hub.desk.loopGuard.refusalFor(room, principal, to)
      : undefined);
  const resendOnly = refusal !== undefined;
  if (resendOnly && cid === undefined) throw refusal;
  const appended = room.kind === "inquiry"
    ? await context.hub.desk.post(principal, room, { ...frame, refusal })
    : await room.post(principal, { kind: "message", content, to }, { cid, resendOnly });
  checkResend(appended, refusal);
  if ("refused" in appended && appended.refused === "bad_field") throw noSuchMessage("to", frame);
  // The store may have removed the room as unused: then it is looked up again from now on.
  const isGone = "refused" in appended && appended.refused === "internal" &&
    !await context.hub.rooms.keep(room);
  return {
    reply: isGone
      ? refusalFrame(noSuchRoom({ name: frame.room }))
      : answerAppended(room.nameFor(principal.user), appended),
  };
}

/** @param field the one that names what is not there */
export function noSuchMessage(
  field: "to" | "seq",
  { room, [field]: seq = 0 }: { room: string; to?: number | undefined; seq?: number },
): ChatError {
  const message = `There is no message or answer ${seq} in "${room}"`;
  return new ChatError("bad_field", message, { field });
}

/** The reply to an event that was posted, once its outcome is known. */
export function answerAppended(room: string, appended: Appended): ServerFrame {
  if (!("refused" in appended)) {
    const { seq, time, dup } = appended;
    return { type: "ok", room, seq, time, dup: dup || undefined };
  }
  switch (appended.refused) {
    case "unavailable":
    case "storage_full":
      return storeRefusal(appended.refused);
    case "cid_conflict":
      return {
        type: "error",
        code: "cid_conflict",
        message: "This cid was used for another message: another room, kind or text",
        field: "cid",
      };
    default:
      return { type: "error", code: appended.refused, message: "The message was not stored" };
  }
}

export const history: Command<"history"> = {
  needs: "guest",
  scope: "read",
  bucket: "history",
  async run(frame, context): Promise<CommandResult> {
    const { hub, limits } = context;
    const principal = principalOf(context);
    using lease = await hub.rooms.open(frame.room, { principal, action: "read" });
    const room = lease.room.viewFor(principal.user);
    const events = await readPage(room, { frame, maxBytes: limits.frame });
    // The user may have been removed while the store was asked.
    authorize(principal, "read", lease.room, { name: frame.room });
    const edges = pageEdges(room, { frame, events });
    return { reply: { type: "page", room: room.name, events, ...edges } };
  },
};

/** The requested events, as many as fit in a frame, nearest to the cursor first. */
async function readPage(
  room: RoomView,
  { frame, maxBytes }: { frame: ClientFrame<"history">; maxBytes: number },
): Promise<readonly RoomEvent[]> {
  const limit = frame.limit ?? DEFAULT_PAGE;
  const oldest = (events: readonly RoomEvent[]) => fitPage(events, { maxBytes }).items;
  if (frame.after !== undefined) return oldest(await room.after(frame.after, limit));
  if (frame.around !== undefined) {
    const nearest = await findNearest(room, { seq: frame.around, limit });
    return oldest(nearest).toSorted((a, b) => a.seq - b.seq);
  }
  if (frame.at !== undefined) {
    const first = await room.firstAt(frame.at);
    return first === undefined ? [] : oldest(await room.after(first - 1, limit));
  }
  const events = await room.before(frame.before ?? room.deliveredSeq + 1, limit);
  return fitPage(events, { maxBytes, keep: "last" }).items;
}

/** The event of this seq, then the events above and below it in turn: a page cut short has no gap. */
async function findNearest(
  room: RoomView,
  { seq, limit }: { seq: number; limit: number },
): Promise<readonly RoomEvent[]> {
  const half = Math.ceil(limit / 2);
  let above = await room.after(seq - 1, half);
  // Near one end of the room the other side has more events.
  const below = await room.before(seq, Math.max(limit - above.length, half));
  if (below.length < half) above = await room.after(seq - 1, limit - below.length);
  const nearest: RoomEvent[] = [];
  const newestFirst = below.toReversed();
  for (let at = 0; at < limit; at++) {
    nearest.push(...above.slice(at, at + 1), ...newestFirst.slice(at, at + 1));
  }
  return nearest.slice(0, limit);
}

/** Whether there are more events on either side of the page, or of the cursor when the page is empty. */
function pageEdges(
  room: RoomView,
  { frame, events }: { frame: ClientFrame<"history">; events: readonly RoomEvent[] },
): { more_before: boolean; more_after: boolean } {
  const oldest = events[0];
  const newest = events.at(-1);
  if (oldest !== undefined && newest !== undefined) {
    return { more_before: oldest.seq > room.first, more_after: newest.seq < room.deliveredSeq };
  }
  const isPastTheEnd = frame.before === undefined && room.deliveredSeq >= room.first;
  return {
    more_before: isPastTheEnd,
    more_after: !isPastTheEnd && room.deliveredSeq >= room.first,
  };
}

export const read: Command<"read"> = {
  needs: "guest",
  scope: "read",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub, session: connection } = context;
    const principal = principalOf(context);
    using lease = await hub.rooms.open(frame.room, { principal, action: "read" });
    const { room } = lease;
    const seq = await hub.memberships.markRead(room, { principal, seq: frame.seq });
    hub.readEvents.announce(room, { user: principal.user, seq, connection });
    return { reply: { type: "ok", room: room.nameFor(principal.user) } };
  },
};
