// A room: who hears it, one order for all, store then tell. Knows no socket and no SQL; a line is
// told only when the store has it, and only as the next one after what was told before.

import type {
  Appended,
  Draft,
  Messages,
  RoomRecord,
  StoredEvent,
  UserId,
} from "../store/repository.ts";
import type { EventBody, RoomEvent } from "../wire/frame.ts";
import { encodeFrame } from "../wire/codec.ts";
import { Audience, type Fanout, type Member } from "./fanout.ts";
import type { Identity } from "./access.ts";
import { authorOf, toEvent } from "./events.ts";
import { type Cluster, SINGLE_SERVER } from "../cluster/bus_cluster.ts";

/** How many events a catch-up reads at once. */
const CATCH_UP_PAGE = 100;

/** How many members a room remembers; the next one begins afresh. */
const MEMBERS_KNOWN = 1_000;

type Stored = Extract<Appended, { seq: number }>;

/** One who hears a room, and on whose behalf. */
export interface Listener extends Member {
  readonly user: UserId;
}

/** A room that stays in memory while one works with it across an await; dispose of it once. */
export interface Lease extends Disposable {
  readonly room: Room;
}

/** One room of this server, in memory as long as somebody hears it or something is on its way. */
export class Room {
  readonly id: number;
  readonly kind: RoomRecord["kind"];
  readonly name: string;
  readonly topic: string;
  readonly first: number;
  /** Who made it, or asks in it. */
  readonly owner: UserId | undefined;
  readonly #messages: Messages;
  readonly #audience: Audience;
  readonly #elsewhere: Cluster;
  /** Members of whom it is known here that they are: as many as are told one by one. */
  readonly #members = new Set<UserId>();
  /** How many listeners each user has here. */
  readonly #here = new Map<UserId, number>();
  /** The highest seq that was told: everyone here has been handed all up to it. */
  #told: number;
  /** The highest seq that is known to be stored. */
  #known: number;
  /** The highest seq that another server says is stored. */
  #hinted = 0;
  /** A hint was in vain since the store was last asked in a round: no further one is followed. */
  #isMisled = false;
  #inFlight = 0;
  #leases = 0;
  #catchingUp: Promise<void> | undefined;
  /** A commit's outcome was not learnt: the log may have grown unseen. */
  #doubtful = false;
  /** Memberships changed and the room is too large to tell each. */
  #countDue = false;

  constructor(
    record: RoomRecord,
    options: { messages: Messages; fanout: Fanout; elsewhere?: Cluster },
  ) {
    this.id = record.id;
    this.kind = record.kind;
    this.name = record.name;
    this.topic = record.topic;
    this.first = record.first;
    this.owner = record.owner;
    this.#messages = options.messages;
    this.#audience = new Audience(options.fanout);
    this.#elsewhere = options.elsewhere ?? SINGLE_SERVER;
    this.#told = record.last;
    this.#known = record.last;
  }

  get deliveredSeq(): number {
    return this.#told;
  }

  /** How many connections hear the room. */
  get listeners(): number {
    return this.#audience.size;
  }

  /** Whether the log may hold what nobody here has been told. */
  get isBehind(): boolean {
    return this.#doubtful || this.#told < this.#known;
  }

  /** Whether something said here awaits its commit; its own answer will tell it, after the `ok`. */
  get isStoring(): boolean {
    return this.#inFlight > 0;
  }

  /** Whether it could vanish from the store, as far as is known here: nothing was said in it. */
  get mayVanish(): boolean {
    return this.kind === "public" && this.owner !== undefined && this.#known === 0;
  }

  /** Whether nothing would be lost by forgetting this object. */
  get isIdle(): boolean {
    return this.#audience.size === 0 && this.#inFlight === 0 && this.#leases === 0 &&
      this.#catchingUp === undefined;
  }

  /** Keeps the room in memory until the lease is disposed of. */
  lease(): Lease {
    this.#leases++;
    return { room: this, [Symbol.dispose]: () => void this.#leases-- };
  }

  /** Whether a connection of the user hears the room, on whichever server. */
  isHere(user: UserId): boolean {
    return this.#here.has(user) || this.#elsewhere.isHere(this.id, user);
  }

  /** From now on `listener` is told every event above `told`, in order, once. */
  subscribe(listener: Listener): void {
    this.#audience.add(listener);
    const here = this.#here.get(listener.user) ?? 0;
    this.#here.set(listener.user, here + 1);
    if (here === 0) this.#elsewhere.came(this.id, listener.user);
  }

  unsubscribe(listener: Listener): void {
    const here = this.#here.get(listener.user);
    if (here === undefined) return;
    this.#audience.delete(listener);
    if (here > 1) {
      this.#here.set(listener.user, here - 1);
      return;
    }
    this.#here.delete(listener.user);
    this.#elsewhere.went(this.id, listener.user);
  }

  /**
   * Stores an event, then delivers it. The answer comes after the commit and before any member gets the
   * event; answers of one caller come in the order of its calls. Never rejects. `cid`: see `Draft`.
   */
  async post(author: Identity, body: EventBody, cid?: string): Promise<Appended> {
    this.#inFlight++;
    const draft: Draft = { room: this.id, ...authorOf(author), body, cid };
    const [appended] = await this.#messages.append([draft]);
    this.#inFlight--;
    if (appended === undefined) throw new Error("The store answered no draft");
    if ("refused" in appended) {
      if (appended.refused === "unavailable") this.#doubtful = true;
      this.#goOn();
    } else {
      this.#stored(draft, appended);
    }
    return appended;
  }

  /** Tells a line that has no seq, now or never: presence, counts. */
  announce(line: string): void {
    this.#audience.publish(line);
  }

  /** The store has this user as a member. @returns whether that is news here */
  noteMember(user: UserId): boolean {
    if (this.#members.has(user)) return false;
    if (this.#members.size >= MEMBERS_KNOWN) this.#members.clear();
    this.#members.add(user);
    return true;
  }

  /** The store does not have this user as a member. @returns whether they were known as one here */
  forgetMember(user: UserId): boolean {
    return this.#members.delete(user);
  }

  noteCountChanged(): void {
    this.#countDue = true;
  }

  /** Whether a count is to be told; asking resets it. */
  takeCountDue(): boolean {
    const due = this.#countDue;
    this.#countDue = false;
    return due;
  }

  /**
   * The store has events up to `seq`. Resolves when all of them are told.
   * @throws what the store throws.
   */
  async noteStored(seq: number): Promise<void> {
    this.#known = Math.max(this.#known, seq);
    await this.catchUp();
    this.#doubtful = false;
  }

  /** Another server says that the store has events up to `seq`. Returns at once. */
  hint(seq: number): void {
    if (this.#isMisled) return;
    this.#hinted = Math.max(this.#hinted, seq);
    this.#goOn();
  }

  /** The store is being asked in a round: hints count again. */
  trustHints(): void {
    this.#isMisled = false;
  }

  /** Tells what the store has between `told` and what is known. @throws what the store throws. */
  catchUp(): Promise<void> {
    this.#catchingUp ??= this.#readAndTell().finally(() => this.#catchingUp = undefined);
    return this.#catchingUp;
  }

  /** Events above `seq` that have been told, oldest first. */
  async after(seq: number, limit: number): Promise<readonly RoomEvent[]> {
    return this.#toldOnly(await this.#messages.after(this.id, seq, limit));
  }

  /** The nearest told events below `seq`, oldest first. */
  async before(seq: number, limit: number): Promise<readonly RoomEvent[]> {
    const below = Math.min(seq, this.#told + 1);
    return this.#toldOnly(await this.#messages.before(this.id, below, limit));
  }

  /** The event of this seq, told or not. @throws what the store throws */
  async find(seq: number): Promise<StoredEvent | undefined> {
    const [event] = await this.#messages.after(this.id, seq - 1, 1);
    return event?.seq === seq ? event : undefined;
  }

  firstAt(time: number): Promise<number | undefined> {
    return this.#messages.firstAt(this.id, time);
  }

  #stored(draft: Draft, { seq, time, dup }: Stored): void {
    this.#known = Math.max(this.#known, seq);
    if (!dup) this.#elsewhere.grew(this.id, seq);
    if (dup || seq !== this.#told + 1 || this.#catchingUp !== undefined) {
      // Somebody else wrote, or a commit whose answer was lost had happened: the store knows the order.
      return this.#goOn();
    }
    this.#tell(toEvent(draft, draft.body, { room: this.name, seq, time }));
    this.#goOn();
  }

  /** A failure here is made good by the hub's next round, which finds the room behind. */
  #goOn(): void {
    if (this.#told < this.#goal) this.catchUp().catch(() => this.#doubtful = true);
  }

  /** What may be told by now. While something said here awaits its commit, its answer comes first. */
  get #goal(): number {
    return this.isStoring ? this.#known : Math.max(this.#known, this.#hinted);
  }

  async #readAndTell(): Promise<void> {
    for (let goal = this.#goal; this.#told < goal; goal = this.#goal) {
      const events = await this.#messages.after(this.id, this.#told, CATCH_UP_PAGE);
      if (events.length === 0) {
        if (this.#told < this.#known) throw new Error(`Room ${this.id} lacks ${this.#told + 1}`);
        // The store knows, a hint only says so.
        this.#hinted = 0;
        this.#isMisled = true;
      }
      for (const event of events) {
        if (event.seq > goal) break;
        this.#tell(this.#toEvent(event));
      }
    }
  }

  #tell(event: RoomEvent): void {
    this.#told = event.seq;
    if (this.#audience.size > 0) this.#audience.publish(encodeFrame(event));
  }

  #toldOnly(events: readonly StoredEvent[]): readonly RoomEvent[] {
    const shown: RoomEvent[] = [];
    for (const event of events) if (event.seq <= this.#told) shown.push(this.#toEvent(event));
    return shown;
  }

  #toEvent(event: StoredEvent): RoomEvent {
    return toEvent(event, event.body, { room: this.name, seq: event.seq, time: event.time });
  }
}
