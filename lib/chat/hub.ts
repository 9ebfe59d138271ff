// The chat of one server as a whole: people, rooms and their members, the desk, moderation, and the other
// servers of the same store. Knows no socket and no SQL.

import { BusCluster } from "../cluster/bus_cluster.ts";
import { type Cluster, SINGLE_SERVER } from "../cluster/cluster.ts";
import { TokenBucket } from "../collections/token_bucket.ts";
import type { Clock } from "../time.ts";
import { DESK } from "../wire/room_ref.ts";
import { Desk } from "./desk/desk.ts";
import { HubMembers } from "./hub/hub_members.ts";
import type { HubOptions } from "./hub/hub_options.ts";
import { HubPeople } from "./hub/hub_people.ts";
import { HubRooms } from "./hub/hub_rooms.ts";
import type { Inbox } from "./inbox/inbox.ts";
import type { MembershipLists } from "./members/membership_lists.ts";
import type { Memberships } from "./members/memberships.ts";
import { ActFollower } from "./moderation/act_follower.ts";
import { IgnoredUsers } from "./moderation/ignores.ts";
import { Moderation } from "./moderation/moderation.ts";
import type { ServerSanctions } from "./moderation/server_sanctions.ts";
import type { Accounts } from "./people/accounts.ts";
import type { Credentials } from "./people/credentials.ts";
import type { NameRegistry } from "./people/name_registry.ts";
import type { Naming } from "./people/naming.ts";
import type { Principals } from "./people/principal.ts";
import type { ReadEvents } from "./members/read_events.ts";
import type { DirectRooms } from "./rooms/direct_rooms.ts";
import type { RoomDirectory } from "./rooms/room_directory.ts";
import type { TypingEvents } from "./rooms/typing_events.ts";
import type { MessageSearch } from "./search/message_search.ts";
import { StorePoll } from "./store_poll.ts";

/**
 * How often the desk, or moderation, asks the store because of a notice; a notice above that waits for the
 * next poll.
 */
const DESK_POLLED = { burst: 20, perSecond: 10 };

export class Hub {
  /** Changes when the store was recreated or restored. */
  readonly epoch: string;
  readonly clock: Clock;
  readonly names: NameRegistry;
  readonly principals: Principals;
  readonly naming: Naming;
  readonly credentials: Credentials;
  readonly accounts: Accounts;
  readonly sanctions: ServerSanctions;
  readonly rooms: RoomDirectory;
  readonly search: MessageSearch;
  readonly inbox: Inbox;
  readonly typing: TypingEvents;
  readonly memberships: Memberships;
  readonly membershipLists: MembershipLists;
  readonly directs: DirectRooms;
  readonly readEvents: ReadEvents;
  readonly desk: Desk;
  readonly moderation: Moderation;
  readonly ignores: IgnoredUsers;
  readonly #roomParts: HubRooms;
  readonly #memberParts: HubMembers;
  readonly #busCluster: BusCluster | undefined;
  readonly #cluster: Cluster;
  readonly #follower: ActFollower;
  readonly #poll: StorePoll;

  constructor(options: HubOptions) {
    const { repository, clock, connections } = options;
    this.epoch = repository.epoch;
    this.clock = clock;
    this.#busCluster = this.#joinCluster(options);
    const cluster = this.#cluster = this.#busCluster ?? SINGLE_SERVER;
    const people = new HubPeople(options, cluster);
    const rooms = this.#roomParts = new HubRooms(options, {
      cluster,
      onDelivered: {
        desk: (event) => this.desk.log.noteDelivered(event),
        signals: (event) => this.desk.signals.noteDelivered(event),
      },
    });
    const members = this.#memberParts = new HubMembers(options, { cluster, rooms });
    this.names = people.names;
    const principals = this.principals = people.principals;
    this.naming = people.naming;
    this.credentials = people.credentials;
    this.accounts = people.accounts;
    const sanctions = this.sanctions = people.sanctions;
    const { registry } = rooms;
    this.rooms = rooms.directory;
    this.search = rooms.search;
    this.inbox = rooms.inbox;
    this.typing = rooms.typing;
    this.memberships = members.memberships;
    this.membershipLists = members.lists;
    this.directs = members.directs;
    this.readEvents = members.readEvents;
    const follower = this.#follower = new ActFollower({
      repository,
      sanctions,
      principals,
      connections,
      events: members.events,
      onApplied: () => void registry.acts++,
      findRoom: (room) => registry.findById(room),
    });
    this.moderation = new Moderation({ repository, clock, follower, onAct: () => cluster.acted() });
    this.ignores = new IgnoredUsers(repository);
    this.desk = new Desk({
      repository,
      clock,
      settings: options.deskSettings,
      limits: options.limits,
      connectionsOf: (user) => people.names.connectionsOf(user),
      room: registry.load(repository.desk, DESK).room,
      signalsRoom: registry.load(repository.signals, repository.signals.name).room,
      findRoom: (name) => registry.find(name),
      openRoom: ({ room }) => registry.load(room, room.name),
      openNotes: (room) => registry.load(room, room.name),
    });
    this.#poll = new StorePoll({ repository, registry, principals });
  }

  /** The other servers of the same store. */
  get cluster(): Pick<Cluster, "servers" | "isConnected"> {
    return this.#cluster;
  }

  /** How many rooms are in memory. */
  get loadedRooms(): number {
    return this.#roomParts.registry.size;
  }

  /** How many subscriptions there are in all. */
  get subscriptions(): number {
    return this.#roomParts.registry.subscriptions;
  }

  /** Notifies other servers that this one is running; to be called about once a second. */
  pulse(): void {
    this.#busCluster?.heartbeat();
  }

  /** Notifies other servers that no user is connected here any more. */
  leave(): void {
    this.#busCluster?.leave();
  }

  /** As `StorePoll.poll`. Forgets the rooms that nobody uses. @throws what the store throws */
  async poll(scope: "all" | "doubtful"): Promise<void> {
    await this.#roomParts.presence.sweep();
    this.#roomParts.registry.forgetIdle();
    // Before the events: those after it must not reach a user who was removed, suspended or made less.
    if (scope === "all" || this.#follower.isBehind) await this.#follower.follow();
    if (scope === "all") {
      await this.credentials.poll();
      await this.accounts.poll();
    }
    await this.#poll.poll(scope);
    this.desk.signals.resume();
    if (scope === "doubtful") return;
    await this.#memberParts.check.poll();
    await this.directs.poll();
  }

  /** Removes rooms that nobody uses; to be called again and again. @throws what the store throws */
  async removeUnused(): Promise<void> {
    await this.#roomParts.unused.round();
  }

  #joinCluster({ bus, schedule, clock, repository }: HubOptions): BusCluster | undefined {
    if (bus === undefined) return undefined;
    const monotonic = () => clock.monotonic();
    // What cannot be read now is read in the next poll.
    const limited = (read: () => Promise<unknown>): () => void => {
      const bucket = new TokenBucket(DESK_POLLED);
      return () => void (bucket.tryTake(monotonic()) && read().catch(() => {}));
    };
    return new BusCluster({
      bus,
      schedule,
      monotonic,
      findLocal: (user) => this.names.findHere(user),
      localUsers: () => this.names.usersHere(),
      findNames: async (users) => {
        const found = await repository.users.findMany(users);
        return new Map(Array.from(found, ([id, { name }]) => [id, name]));
      },
      handlers: {
        eventsStored: (room, seq) => this.#roomParts.registry.findById(room)?.log.hint(seq),
        accountsChanged: limited(() => this.accounts.poll()),
        tokensEnded: limited(() => this.credentials.poll()),
        acted: limited(() => this.#follower.follow()),
        // A change that the store does not confirm is not announced.
        positionMoved: (position) => this.readEvents.receive(position),
        typing: (typing) => void this.typing.receive(typing).catch(() => {}),
        presenceChanged: (change) => this.#roomParts.noteRemotePresence(change),
        directBegun: (room) => void this.directs.receive(room).catch(() => {}),
        membershipChanged: (change) =>
          void this.#memberParts.events.receive(change).catch(() => {}),
      },
    });
  }
}
