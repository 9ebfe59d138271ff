// resume: subscribes to rooms from the client's cursors on (protocol §6.3).

import { ChatError } from "../../wire/errors.ts";
import type { Cursor } from "../../wire/frames/messages.ts";
import type { Resumed } from "../../wire/summaries.ts";
import { authorize } from "../../chat/access.ts";
import type { Principal } from "../../chat/people/principal.ts";
import { Room } from "../../chat/room.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "./command.ts";

export const resume: Command<"resume"> = {
  needs: "guest",
  scope: "read",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub } = context;
    const principal = principalOf(context);
    const isSameEpoch = frame.epoch === undefined || frame.epoch === hub.epoch;
    using leases = new DisposableStack();
    const opened = await hub.rooms.openAll(frame.rooms.map(({ room }) => room), {
      principal,
      action: "read",
    });
    const found = opened.map((one) => one instanceof ChatError ? one : leases.use(one).room);
    const gone = await hub.rooms.findGone(found.filter((one) => one instanceof Room));
    const positions = found.map((room, index): ResumePosition | Resumed => {
      const cursor = frame.rooms[index] as Cursor;
      if (room instanceof ChatError) return { room: cursor.room, error: room.code };
      if (gone.has(room)) return { room: cursor.room, error: "no_such_room" };
      return { cursor, room, isSameEpoch };
    });
    // A cursor may come from a server that is ahead of this one: the store is asked first.
    if (isSameEpoch) {
      const targets = positions.filter(isPosition).map(({ room, cursor: { seq } }) => ({
        room,
        seq,
      }));
      await hub.rooms.catchUp(targets);
    }
    // In one step, after the last query: a resume that fails has changed nothing.
    const replays: (() => void)[] = [];
    const rooms = positions.map((position) => {
      if (!isPosition(position)) return position;
      const { cursor: { room: name }, room } = position;
      // The user may have been removed while the store was asked.
      const refusal = refusalOf(principal, room, name);
      return refusal ?? begin(position, { context, replays });
    });
    return {
      reply: { type: "resumed", rooms },
      after: () => {
        for (const replay of replays) replay();
      },
    };
  },
};

function refusalOf(principal: Principal, room: Room, name: string): Resumed | undefined {
  try {
    authorize(principal, "read", room, { name });
    return undefined;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    return { room: name, error: error.code };
  }
}

/** A cursor and its room, which stays in memory as long as its lease. */
interface ResumePosition {
  readonly cursor: Cursor;
  readonly room: Room;
  readonly isSameEpoch: boolean;
}

function isPosition(position: ResumePosition | Resumed): position is ResumePosition {
  return "cursor" in position;
}

/**
 * Whole or not at all: either every missed event follows, or live events begin after `last`. Adds to
 * `replays` what sends the missed events.
 */
function begin(
  { cursor, room, isSameEpoch }: ResumePosition,
  { context, replays }: { context: CommandContext; replays: (() => void)[] },
): Resumed {
  const { limits, session: { subscriptions } } = context;
  const name = room.nameFor(principalOf(context).user);
  if (!subscriptions.hasRoomFor(room, { most: limits.rooms_joined })) {
    return { room: name, error: "forbidden" };
  }
  const missed = Math.max(0, room.deliveredSeq - cursor.seq);
  const base = { room: name, missed };
  const notRecovered = (reason: "epoch" | "retention" | "too_many"): Resumed => {
    return { ...base, recovered: false, last: subscriptions.subscribe(room), reason };
  };
  if (!isSameEpoch || cursor.seq > room.deliveredSeq) return notRecovered("epoch");
  if (cursor.seq < room.first - 1) return notRecovered("retention");
  if (missed > limits.resume) return notRecovered("too_many");
  // No event was missed: live events begin at once.
  if (missed === 0) subscriptions.subscribe(room);
  else replays.push(subscriptions.prepareReplay(room, cursor.seq));
  return { ...base, recovered: true, last: room.deliveredSeq };
}
