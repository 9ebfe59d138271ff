// A room: its subscribers, what they are sent, and what may be read of it. The log follower decides the
// order of delivery. Knows no connection and no SQL.

import type { Messages } from "../store/repository.ts";
import type {
  Appended,
  PostOptions,
  RoomId,
  RoomKind,
  RoomRecord,
  StoredEvent,
  UserId,
} from "../store/records.ts";
import type { ServerFrame } from "../wire/frame.ts";
import type { EventBody, RoomEvent } from "../wire/event.ts";
import { isForMembers, type Standing } from "./access.ts";
import type { Bar } from "./access_rules.ts";
import { Audience } from "./fanout.ts";
import type { Account, Principal } from "./people/principal.ts";
import { authorOf, toEvent } from "./event_frames.ts";
import { RoomSanctions } from "./moderation/room_sanctions.ts";
import { LogFollower } from "./log_follower.ts";
import { DirectAudience, type RoomAudience, type Subscriber } from "./rooms/direct_audience.ts";
import { isInPair, roomNameFor, withName } from "./rooms/direct_names.ts";
import type { RoomOptions, RoomPresence } from "./rooms/room_options.ts";
import { RenamedView, type RoomView } from "./rooms/room_view.ts";
import { RoomUsers } from "./rooms/room_users.ts";
import { type Cluster, SINGLE_SERVER } from "../cluster/cluster.ts";

/** Keeps a room in memory while it is used across an await; dispose of it once. */
export interface Lease extends Disposable {
  readonly room: Room;
}

/** One room of this server, in memory as long as it has subscribers, leases or events to deliver. */
export class Room implements RoomView {
  readonly id: RoomId;
  /** Its log: which events are stored and delivered. */
  readonly log: LogFollower;
  /** As last read from the store; `last` and `members` are not kept up to date. */
  #record: RoomRecord;
  readonly #messages: Messages;
  readonly #audience: RoomAudience;
  readonly #cluster: Cluster;
  readonly #presence: RoomPresence<Room> | undefined;
  readonly #onDelivered: RoomOptions<Room>["onDelivered"];
  /** What is known here of its users. */
  readonly users: RoomUsers;
  readonly #now: () => number;
  /** What moderators have decided; undefined: nothing. */
  #sanctions: RoomSanctions | undefined;
  #leases = 0;

  constructor(record: RoomRecord, options: RoomOptions<Room>) {
    this.id = record.id;
    this.#record = record;
    this.#messages = options.messages;
    this.#audience = record.pair === undefined
      ? new Audience<Subscriber>(options.fanout)
      : new DirectAudience(options.fanout, () => this.#record);
    this.#cluster = options.cluster ?? SINGLE_SERVER;
    this.#presence = options.presence;
    this.#onDelivered = options.onDelivered;
    this.users = new RoomUsers({ keepsAll: isForMembers(record), removals: record.removals });
    this.#now = options.now ?? (() => 0);
    this.noteSanctions(record);
    this.log = new LogFollower({
      room: this,
      last: record.last,
      messages: options.messages,
      deliver: (event) => this.#deliver(event),
      onStored: (seq) => this.#cluster.eventsStored(record.id, seq),
    });
  }

  get kind(): RoomKind {
    return this.#record.kind;
  }

  /** Its name in the store; in a frame it has the one that `nameFor` gives. */
  get name(): string {
    return this.#record.name;
  }

  /** Whether it is a conversation of two users. */
  get isDirect(): boolean {
    return this.#record.pair !== undefined;
  }

  /** The name of the room in what this user gets: of a direct conversation the other's. */
  nameFor(user: UserId): string {
    return roomNameFor(this.#record, user);
  }

  /** The room as this user gets it. */
  viewFor(user: UserId): RoomView {
    return this.isDirect ? new RenamedView(this, () => this.nameFor(user)) : this;
  }

  get topic(): string {
    return this.#record.topic;
  }

  /** The lowest seq that is kept. */
  get first(): number {
    return this.#record.first;
  }

  /** The user who created it, or asks in it. */
  get owner(): UserId | undefined {
    return this.#record.owner;
  }

  /** Takes the record that the store has now, for all later checks and replies. */
  refresh(record: RoomRecord): void {
    this.#record = record;
    this.noteSanctions(record);
  }

  /** The store has this name of a user of a direct conversation now. */
  noteName(user: UserId, name: string): void {
    this.#record = withName(this.#record, { user, name });
  }

  /** Everything up to this seq has been delivered. */
  get deliveredSeq(): number {
    return this.log.deliveredSeq;
  }

  /** How many subscribers it has. */
  get subscribers(): number {
    return this.#audience.size;
  }

  /** Whether the store may remove it as unused, as far as is known here: it has no event. */
  get mayVanish(): boolean {
    const isNamed = this.kind === "public" || this.kind === "private";
    return isNamed && this.owner !== undefined && this.log.storedSeq === 0;
  }

  /** Whether this object can be dropped and loaded again without loss. */
  get isIdle(): boolean {
    return this.#audience.size === 0 && this.#leases === 0 && this.log.isIdle;
  }

  /** Keeps the room in memory until the lease is disposed of. */
  lease(): Lease {
    this.#leases++;
    return { room: this, [Symbol.dispose]: () => void this.#leases-- };
  }

  /** Whether the user has a subscriber here, on this or another server. */
  isHere(user: UserId): boolean {
    return this.users.isSubscribed(user) || this.#cluster.isSubscribed(this.id, user);
  }

  /** From now on the subscriber gets every event above `deliveredSeq`, in order, once. */
  subscribe(subscriber: Subscriber): void {
    const { user } = subscriber;
    const isFirst = this.users.addSubscription(user);
    if (isFirst && !this.#cluster.isSubscribed(this.id, user)) this.#presence?.noteCame(this, user);
    this.#audience.add(subscriber);
    if (isFirst) this.#cluster.subscribed(this.id, user);
  }

  unsubscribe(subscriber: Subscriber): void {
    const { user } = subscriber;
    if (!this.users.isSubscribed(user)) return;
    this.#audience.delete(subscriber);
    if (!this.users.removeSubscription(user)) return;
    this.#cluster.unsubscribed(this.id, user);
    if (!this.isHere(user)) this.#presence?.noteWent(this, user);
  }

  /**
   * Stores an event, then delivers it. The answer comes after the commit and before any member gets the
   * event; answers of one caller come in the order of its calls. Never rejects. `cid`: see `Draft`.
   */
  post(author: Account, body: EventBody, options: PostOptions = {}): Promise<Appended> {
    return this.log.post({ room: this.id, ...authorOf(author), body, ...options });
  }

  /** Sends an event that has no seq to all subscribers: presence, counts. It is not replayed. */
  broadcast(event: ServerFrame): void {
    this.#audience.publish(event);
  }

  /** The same to the subscribers of other users than this one. */
  broadcastToOthers(event: ServerFrame, user: UserId): void {
    this.#audience.publishTo(event, (subscriber) => subscriber.user !== user);
  }

  /** What the user is known to be here, besides its owner. */
  standingOf(user: UserId): Standing {
    if (this.isDirect) return isInPair(this.#record, user) ? "member" : "none";
    // What was read before a removal must not bring the membership back.
    const isMember = this.users.hasMember(user) && this.#sanctions?.isRemoved(user) !== true;
    return isMember ? "member" : "none";
  }

  /** What moderators have decided of the user; it holds for members alone where others see nothing. */
  decidedStandingOf(user: UserId): Standing | undefined {
    const decided = this.#sanctions?.standingOf(user);
    if (decided === undefined) return undefined;
    const known = this.standingOf(user);
    return decided === "member" || (this.kind === "private" && known === "none") ? known : decided;
  }

  standingEnds(user: UserId): number | undefined {
    return this.#sanctions?.standingEnds(user);
  }

  /** What keeps the principal out. */
  barOf(principal: Pick<Principal, "user" | "address">): Bar | undefined {
    return this.#sanctions?.barOf(principal.user, principal.address);
  }

  /** The store has this user as a member. @returns whether that was not known here */
  noteMember(user: UserId): boolean {
    return this.users.addMember(user);
  }

  /** The store does not have this user as a member. @returns whether they were known as one here */
  forgetMember(user: UserId): boolean {
    return this.users.deleteMember(user);
  }

  /** Delivered events above `seq`, oldest first. */
  async after(seq: number, limit: number): Promise<readonly RoomEvent[]> {
    return this.#delivered(await this.#messages.after(this.id, seq, limit));
  }

  /** The nearest delivered events below `seq`, oldest first. */
  async before(seq: number, limit: number): Promise<readonly RoomEvent[]> {
    const below = Math.min(seq, this.deliveredSeq + 1);
    return this.#delivered(await this.#messages.before(this.id, below, limit));
  }

  /** The event of this seq, delivered or not. @throws what the store throws */
  async find(seq: number): Promise<StoredEvent | undefined> {
    const [event] = await this.#messages.after(this.id, seq - 1, 1);
    return event?.seq === seq ? event : undefined;
  }

  /** The seq of the first event at or after this time; see `Messages`. */
  firstAt(time: number): Promise<number | undefined> {
    return this.#messages.firstAt(this.id, time);
  }

  /** What a topic event says of the room is so from its delivery on, on every server. */
  #deliver(event: RoomEvent): void {
    if (event.topic !== undefined) this.#record = { ...this.#record, topic: event.topic };
    this.#audience.publish(event);
    this.#onDelivered?.(event);
  }

  /** Takes what the store has of moderation. Reads that began earlier may end later: the latest counts. */
  noteSanctions({ sanctions }: RoomRecord): void {
    const { version } = this.#sanctions ?? { version: 0 };
    if (sanctions === undefined || sanctions.version < version) return;
    this.#sanctions = new RoomSanctions(sanctions, {
      version: sanctions.version,
      now: this.#now,
    });
  }

  #delivered(events: readonly StoredEvent[]): readonly RoomEvent[] {
    return events.filter(({ seq }) => seq <= this.deliveredSeq).map((event) =>
      toEvent(event, event.body, { room: this.name, seq: event.seq, time: event.time })
    );
  }
}
