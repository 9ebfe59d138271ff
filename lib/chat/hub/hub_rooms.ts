// What a server needs for rooms: those in memory, how they are found, made and removed, who is there, and what
// is gathered from many of them. Knows no socket and no SQL.

import type { Cluster } from "../../cluster/cluster.ts";
import type { SubscriptionChange } from "../../cluster/remote_presence.ts";
import type { RoomId, RoomKind } from "../../store/records.ts";
import type { RoomEvent } from "../../wire/event.ts";
import { Fanout } from "../fanout.ts";
import type { HubOptions } from "./hub_options.ts";
import { Inbox } from "../inbox/inbox.ts";
import { Room } from "../room.ts";
import { PresenceEvents } from "../rooms/presence_events.ts";
import { ReadableRooms } from "../rooms/readable_rooms.ts";
import { RoomCreation } from "../rooms/room_creation.ts";
import { RoomDirectory } from "../rooms/room_directory.ts";
import { RoomLookup } from "../rooms/room_lookup.ts";
import { RoomRegistry } from "../rooms/room_registry.ts";
import { TypingEvents } from "../rooms/typing_events.ts";
import { UnusedRooms } from "../rooms/unused_rooms.ts";
import { MessageSearch } from "../search/message_search.ts";

interface HubRoomsOptions {
  readonly cluster: Cluster;
  /** Called with each event of a room of that kind, once it is delivered. */
  readonly onDelivered: { readonly [K in RoomKind]?: (event: RoomEvent) => void };
}

export class HubRooms {
  readonly registry: RoomRegistry;
  readonly lookup: RoomLookup;
  readonly directory: RoomDirectory;
  readonly unused: UnusedRooms;
  readonly search: MessageSearch;
  readonly inbox: Inbox;
  readonly presence: PresenceEvents;
  readonly typing: TypingEvents;

  constructor(options: HubOptions, { cluster, onDelivered }: HubRoomsOptions) {
    const { repository, clock, limits } = options;
    const fanout = new Fanout(options.schedule);
    const registry = this.registry = new RoomRegistry((record) =>
      new Room(record, {
        messages: repository.messages,
        fanout,
        cluster,
        presence: this.presence,
        now: () => clock.now(),
        onDelivered: onDelivered[record.kind],
      })
    );
    const findRoom = (room: RoomId) => registry.findById(room);
    const passing = {
      clock,
      users: repository.users,
      cluster,
      findRoom,
      findDesk: () => findRoom(repository.desk.id),
    };
    this.presence = new PresenceEvents(passing);
    this.typing = new TypingEvents(passing);
    const lookup = this.lookup = new RoomLookup({ repository, registry });
    const { rooms, members } = repository;
    const { createRooms } = options;
    const creation = new RoomCreation({ rooms, members, clock, limits, createRooms });
    const directory = new RoomDirectory({ repository, registry, lookup, creation });
    this.directory = directory;
    const readable = new ReadableRooms(repository, directory);
    this.search = new MessageSearch({ repository, rooms: directory, readable });
    this.inbox = new Inbox({ repository, rooms: directory, readable, clock });
    this.unused = new UnusedRooms({
      rooms,
      monotonic: () => clock.monotonic(),
      unusedMs: limits.unused_room_ms,
      registry,
    });
  }

  /** Another server says that a user has subscribed to a room there, or has stopped. */
  noteRemotePresence({ room: id, user, isHere }: SubscriptionChange): void {
    const room = this.registry.findById(id);
    if (room === undefined) return;
    if (!isHere && !room.isHere(user)) this.presence.noteWent(room, user);
    // Elsewhere they are subscribed already.
    if (isHere && !room.users.isSubscribed(user)) this.presence.noteCame(room, user);
  }
}
