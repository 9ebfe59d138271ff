// resume: rooms are heard again from where a client's cursors stand (protocol §6.3).

import { ChatError } from "../../wire/errors.ts";
import type { Cursor, Resumed, ServerFrame } from "../../wire/frame.ts";
import type { Hub } from "../../chat/hub.ts";
import type { Room } from "../../chat/room.ts";
import { type Command, type CommandContext, identityOf } from "./command.ts";

export const resume: Command<"resume"> = {
  needs: "guest",
  bucket: "requests",
  async run(frame, context): Promise<ServerFrame> {
    const isSameEpoch = frame.epoch === undefined || frame.epoch === context.hub.repository.epoch;
    using leases = new DisposableStack();
    const places: (Place | Resumed)[] = [];
    for (const cursor of frame.rooms) {
      places.push(await findPlace(cursor, { context, leases, isSameEpoch }));
    }
    // In one step, and after the last question to the store: a resume that fails has done nothing.
    const rooms = places.map((place) => "cursor" in place ? begin(place, context) : place);
    return { type: "resumed", rooms };
  },
};

/** Where a cursor points. */
interface Place {
  readonly cursor: Cursor;
  readonly room: Room;
  readonly isSameEpoch: boolean;
}

/** The room stays in memory as long as `leases` do. @throws what the store throws */
async function findPlace(
  cursor: Cursor,
  { context, leases, isSameEpoch }: {
    context: CommandContext;
    leases: DisposableStack;
    isSameEpoch: boolean;
  },
): Promise<Place | Resumed> {
  const { hub } = context;
  try {
    const who = { identity: identityOf(context), action: "read" } as const;
    const { room } = leases.use(await hub.open(cursor.room, who));
    if (isSameEpoch) await catchUpTo(cursor.seq, { room, hub });
    return { cursor, room, isSameEpoch };
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    return { room: cursor.room, error: error.code };
  }
}

/** A cursor may come from a server that is ahead of this one: the store is asked before it is judged. */
async function catchUpTo(seq: number, { room, hub }: { room: Room; hub: Hub }): Promise<void> {
  if (seq <= room.told) return;
  const last = (await hub.repository.rooms.lastSeqs([room.id])).get(room.id) ?? 0;
  await room.learn(Math.min(seq, last));
}

/** Whole or not at all: either every missed event follows, or live events begin after `last`. */
function begin({ cursor, room, isSameEpoch }: Place, context: CommandContext): Resumed {
  const { limits, session } = context;
  const missed = Math.max(0, room.told - cursor.seq);
  const base = { room: room.name, missed };
  const notRecovered = (reason: "epoch" | "retention" | "too_many"): Resumed => {
    return { ...base, recovered: false, last: session.hear(room), reason };
  };
  if (!isSameEpoch || cursor.seq > room.told) return notRecovered("epoch");
  if (cursor.seq < room.first - 1) return notRecovered("retention");
  if (missed > limits.resume) return notRecovered("too_many");
  session.replay(room, cursor.seq);
  return { ...base, recovered: true, last: room.told };
}
