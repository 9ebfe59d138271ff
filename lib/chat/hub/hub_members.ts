// What a server needs for the members of rooms: who joins and leaves, up to where they have read, and the
// conversations of two. Knows no socket and no SQL.

import type { Cluster } from "../../cluster/cluster.ts";
import type { RoomId } from "../../store/records.ts";
import { MembershipEvents } from "../members/membership_events.ts";
import { MembershipLists } from "../members/membership_lists.ts";
import { Memberships } from "../members/memberships.ts";
import { ReadEvents } from "../members/read_events.ts";
import { DirectRooms } from "../rooms/direct_rooms.ts";
import { MembershipCheck } from "../members/membership_check.ts";
import type { HubOptions } from "./hub_options.ts";
import type { HubRooms } from "./hub_rooms.ts";

interface HubMembersOptions {
  readonly cluster: Cluster;
  readonly rooms: Pick<HubRooms, "registry" | "lookup">;
}

export class HubMembers {
  readonly memberships: Memberships;
  readonly lists: MembershipLists;
  readonly events: MembershipEvents;
  readonly check: MembershipCheck;
  readonly directs: DirectRooms;
  readonly readEvents: ReadEvents;

  constructor(options: HubOptions, { cluster, rooms: { registry, lookup } }: HubMembersOptions) {
    const { repository, clock, limits, connections, schedule } = options;
    const findRoom = (room: RoomId) => registry.findById(room);
    const events = this.events = new MembershipEvents({
      repository,
      clock,
      connections,
      cluster,
      findRoom,
      onRemoval: () => void registry.removals++,
    });
    this.memberships = new Memberships({
      members: repository.members,
      clock,
      registry,
      events,
      connections,
      limits,
    });
    this.lists = new MembershipLists({ members: repository.members, registry, lookup });
    this.check = new MembershipCheck({
      repository,
      registry,
      unsubscribe: (user, room) => void connections.unsubscribe(user, room),
    });
    this.directs = new DirectRooms({ repository, registry, clock, schedule, connections, cluster });
    this.readEvents = new ReadEvents({ connections, cluster, findRoom });
  }
}
