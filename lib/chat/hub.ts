// All of the chat on one server, put together: rooms, memberships, the desk, who is connected, and the
// other servers of the same store. Knows no socket and no SQL.

import { BusCluster } from "../cluster/bus_cluster.ts";
import { type Cluster, SINGLE_SERVER } from "../cluster/cluster.ts";
import type { SubscriptionChange } from "../cluster/remote_presence.ts";
import { TokenBucket } from "../collections/token_bucket.ts";
import type { RoomId } from "../store/records.ts";
import type { Clock } from "../time.ts";
import { DESK } from "../wire/room_ref.ts";
import { Desk } from "./desk/desk.ts";
import { Fanout } from "./fanout.ts";
import type { HubOptions } from "./hub_options.ts";
import { MembershipEvents } from "./membership_events.ts";
import { ActFollower } from "./moderation/act_follower.ts";
import { IgnoredUsers } from "./moderation/ignores.ts";
import { Moderation } from "./moderation/moderation.ts";
import { ServerSanctions } from "./moderation/server_sanctions.ts";
import { Memberships } from "./memberships.ts";
import { Credentials } from "./people/credentials.ts";
import { Accounts } from "./people/accounts.ts";
import { NameRegistry } from "./people/name_registry.ts";
import { Naming } from "./people/naming.ts";
import { Principals } from "./people/principal.ts";
import { ReadEvents } from "./read_events.ts";
import { Room } from "./room.ts";
import { RoomCreation } from "./rooms/room_creation.ts";
import { DirectRooms } from "./rooms/direct_rooms.ts";
import { MembershipCheck } from "./rooms/membership_check.ts";
import { PresenceEvents } from "./rooms/presence_events.ts";
import { RoomDirectory } from "./rooms/room_directory.ts";
import { RoomLookup } from "./rooms/room_lookup.ts";
import { RoomRegistry } from "./rooms/room_registry.ts";
import { ReadableRooms } from "./rooms/readable_rooms.ts";
import { Inbox } from "./inbox/inbox.ts";
import { MessageSearch } from "./search/message_search.ts";
import { StorePoll } from "./store_poll.ts";
import { TypingEvents } from "./rooms/typing_events.ts";
import { UnusedRooms } from "./rooms/unused_rooms.ts";

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
  readonly principals = new Principals();
  readonly naming: Naming;
  readonly credentials: Credentials;
  readonly accounts: Accounts;
  readonly search: MessageSearch;
  readonly inbox: Inbox;
  readonly rooms: RoomDirectory;
  readonly memberships: Memberships;
  readonly directs: DirectRooms;
  readonly readEvents: ReadEvents;
  readonly typing: TypingEvents;
  readonly desk: Desk;
  readonly sanctions: ServerSanctions;
  readonly moderation: Moderation;
  readonly ignores: IgnoredUsers;
  readonly #registry: RoomRegistry;
  readonly #busCluster: BusCluster | undefined;
  readonly #cluster: Cluster;
  readonly #membershipEvents: MembershipEvents;
  readonly #membershipCheck: MembershipCheck;
  readonly #follower: ActFollower;
  readonly #presence: PresenceEvents;
  readonly #poll: StorePoll;
  readonly #unusedRooms: UnusedRooms;

  constructor(options: HubOptions) {
    const { repository, clock, limits, connections } = options;
    const fanout = new Fanout(options.schedule);
    this.epoch = repository.epoch;
    this.clock = clock;
    this.#busCluster = this.#joinCluster(options);
    const cluster = this.#cluster = this.#busCluster ?? SINGLE_SERVER;
    const registry = this.#registry = new RoomRegistry((record) =>
      new Room(record, {
        messages: repository.messages,
        fanout,
        cluster,
        presence: this.#presence,
        now: () => clock.now(),
        onDelivered: record.kind === "desk"
          ? (event) => this.desk.log.noteDelivered(event)
          : undefined,
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
    this.#presence = new PresenceEvents(passing);
    this.typing = new TypingEvents(passing);
    const { principals } = this;
    const names = this.names = new NameRegistry(cluster);
    const sanctions = this.sanctions = new ServerSanctions(
      repository.moderation.start,
      () => clock.now(),
    );
    const { tokens, codes, users } = repository;
    this.naming = new Naming({ names, principals, users, codes, gate: sanctions });
    this.accounts = new Accounts({
      accounts: repository.accounts,
      users,
      clock,
      names,
      principals,
      connections,
      cluster,
      gate: sanctions,
    });
    this.credentials = new Credentials({
      tokens,
      codes,
      users,
      clock,
      connections,
      cluster,
      limits,
    });
    const lookup = new RoomLookup({ repository, registry });
    this.rooms = new RoomDirectory({
      repository,
      registry,
      lookup,
      creation: new RoomCreation({
        rooms: repository.rooms,
        members: repository.members,
        clock,
        limits,
        createRooms: options.createRooms,
      }),
    });
    const readable = new ReadableRooms(repository, this.rooms);
    this.search = new MessageSearch({ repository, rooms: this.rooms, readable });
    this.inbox = new Inbox({ repository, rooms: this.rooms, readable, clock });
    const events = this.#membershipEvents = new MembershipEvents({
      repository,
      clock,
      connections,
      cluster,
      findRoom: (room) => registry.findById(room),
      onRemoval: () => void registry.removals++,
    });
    const follower = this.#follower = new ActFollower({
      repository,
      sanctions,
      principals,
      connections,
      events,
      onApplied: () => void registry.acts++,
      findRoom: (room) => registry.findById(room),
    });
    this.moderation = new Moderation({ repository, clock, follower, onAct: () => cluster.acted() });
    this.ignores = new IgnoredUsers(repository);
    const { members } = repository;
    this.memberships = new Memberships({
      members,
      clock,
      registry,
      lookup,
      events,
      connections,
      limits,
    });
    this.readEvents = new ReadEvents({ connections, cluster, findRoom });
    this.directs = new DirectRooms({
      repository,
      registry,
      clock,
      schedule: options.schedule,
      connections,
      cluster,
    });
    this.#membershipCheck = new MembershipCheck({
      repository,
      registry,
      unsubscribe: (user, room) => void connections.unsubscribe(user, room),
    });
    this.desk = new Desk({
      repository,
      clock,
      settings: options.deskSettings,
      limits,
      connectionsOf: (user) => names.connectionsOf(user),
      room: registry.load(repository.desk, DESK).room,
      findRoom: (name) => registry.find(name),
      openRoom: ({ room }) => registry.load(room, room.name),
      openNotes: (room) => registry.load(room, room.name),
    });
    this.#poll = new StorePoll({ repository, registry, principals });
    this.#unusedRooms = new UnusedRooms({
      rooms: repository.rooms,
      monotonic: () => clock.monotonic(),
      unusedMs: limits.unused_room_ms,
      registry,
    });
  }

  /** The other servers of the same store. */
  get cluster(): Pick<Cluster, "servers" | "isConnected"> {
    return this.#cluster;
  }

  /** How many rooms are in memory. */
  get loadedRooms(): number {
    return this.#registry.size;
  }

  /** How many subscriptions there are in all. */
  get subscriptions(): number {
    return this.#registry.subscriptions;
  }

  /** Tells other servers that this one lives; to be called about once a second. */
  pulse(): void {
    this.#busCluster?.heartbeat();
  }

  /** Tells other servers that nobody is connected here any more. */
  leave(): void {
    this.#busCluster?.leave();
  }

  /** As `StorePoll.poll`. Forgets the rooms that nobody uses. @throws what the store throws */
  async poll(scope: "all" | "doubtful"): Promise<void> {
    await this.#presence.sweep();
    this.#registry.forgetIdle();
    // Before the events: those after it must not reach a user who was removed, suspended or made less.
    if (scope === "all" || this.#follower.isBehind) await this.#follower.follow();
    if (scope === "all") {
      await this.credentials.poll();
      await this.accounts.poll();
    }
    await this.#poll.poll(scope);
    if (scope === "doubtful") return;
    await this.#membershipCheck.poll();
    await this.directs.poll();
  }

  /** Removes rooms that nobody uses; to be called again and again. @throws what the store throws */
  async removeUnused(): Promise<void> {
    await this.#unusedRooms.round();
  }

  /** Another server says that a user is subscribed there to a room, or no more. */
  #noteRemotePresence({ room: id, user, isHere }: SubscriptionChange): void {
    const room = this.#registry.findById(id);
    if (room === undefined) return;
    if (!isHere && !room.isHere(user)) this.#presence.noteWent(room, user);
    // Elsewhere they are subscribed already.
    if (isHere && !room.users.isSubscribed(user)) this.#presence.noteCame(room, user);
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
        eventsStored: (room, seq) => this.#registry.findById(room)?.log.hint(seq),
        accountsChanged: limited(() => this.accounts.poll()),
        tokensEnded: limited(() => this.credentials.poll()),
        acted: limited(() => this.#follower.follow()),
        // A change that the store does not confirm is not announced.
        positionMoved: (position) => this.readEvents.receive(position),
        typing: (typing) => void this.typing.receive(typing).catch(() => {}),
        presenceChanged: (change) => this.#noteRemotePresence(change),
        directBegun: (room) => void this.directs.receive(room).catch(() => {}),
        membershipChanged: (change) => void this.#membershipEvents.receive(change).catch(() => {}),
      },
    });
  }
}
