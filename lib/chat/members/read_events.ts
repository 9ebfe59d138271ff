// Tells the other connections of a user, on all servers, how far a room was read, so that all of them count
// the same messages as new. It passes on the request; only the store keeps the position.

import type { RoomId, UserId } from "../../store/records.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ReadPosition } from "../../cluster/bus.ts";
import type { Connections } from "./membership_events.ts";
import type { Room } from "../room.ts";

interface ReadEventsOptions {
  readonly connections: Pick<Connections, "send">;
  readonly cluster: Pick<Cluster, "connectionsOf" | "positionMoved">;
  /** The room, if it is in memory. */
  readonly findRoom: (room: RoomId) => Room | undefined;
}

export class ReadEvents {
  readonly #options: ReadEventsOptions;

  constructor(options: ReadEventsOptions) {
    this.#options = options;
  }

  /** A position on this server. `connection` has asked for it and gets a reply instead of the event. */
  announce(
    room: Room,
    { user, seq, connection }: { user: UserId; seq: number; connection: unknown },
  ): void {
    const { cluster } = this.#options;
    if (cluster.connectionsOf(user) > 0) cluster.positionMoved({ room: room.id, user, seq });
    this.#send(room, { user, seq, connection });
  }

  /** A position on another server. A user who is not subscribed to the room here is sent nothing. */
  receive({ room: id, user, seq }: ReadPosition): void {
    const room = this.#options.findRoom(id);
    if (room?.isHere(user)) this.#send(room, { user, seq: Math.min(seq, room.deliveredSeq) });
  }

  #send(
    room: Room,
    { user, seq, connection }: { user: UserId; seq: number; connection?: unknown },
  ): void {
    const event = { type: "read", room: room.nameFor(user), seq } as const;
    this.#options.connections.send(user, event, { except: connection });
  }
}
