// Direct conversations. The first message to an account begins one. From that event on it is delivered to
// all connections of the two users, on every server. Knows no socket and no SQL.

import type { Cluster } from "../../cluster/cluster.ts";
import { TokenBucket } from "../../collections/token_bucket.ts";
import type { Repository } from "../../store/repository.ts";
import type { RoomId, RoomRecord, UserId, UserRecord } from "../../store/records.ts";
import type { Clock } from "../../time.ts";
import { ChatError } from "../../wire/errors.ts";
import { authorize, forMember } from "../access.ts";
import { nameKey } from "../people/names.ts";
import type { Schedule } from "../fanout.ts";
import type { Principal } from "../people/principal.ts";
import type { Lease, Room } from "../room.ts";
import { namedUser, pairKey } from "./direct_names.ts";
import type { RoomRegistry } from "./room_registry.ts";

/** How often the store is asked because of notices; what is above waits for the next poll. */
const NOTICED = { burst: 200, perSecond: 100 };
/** A conversation with more events has not just begun. */
const NEW_EVENTS = 100;
/** A login takes less than this from its list of rooms to its reply, in milliseconds. */
const LOGIN_MS = 5_000;
/** Transactions end in another order than their numbers: so many numbers are looked at twice. */
const LOOKED_AT_TWICE = 64;

/** The connections of one server, by user. */
export interface DirectConnections {
  has(user: UserId): boolean;
  /** Subscribes all connections of the user that are not yet, from the event after `seq` on. */
  follow(user: UserId, room: Room, seq: number): void;
}

interface DirectRoomsOptions {
  readonly repository: Pick<Repository, "rooms" | "users">;
  readonly registry: RoomRegistry;
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly connections: DirectConnections;
  readonly cluster: Pick<Cluster, "directBegun">;
}

export class DirectRooms {
  readonly #options: DirectRoomsOptions;
  readonly #budget = new TokenBucket(NOTICED);
  /** The highest room that was looked at, and the conversations near it that are followed here. */
  #polled: number | undefined;
  readonly #followed = new Set<RoomId>();
  /** When each of the latest conversations began, the oldest first, and the two. */
  readonly #begun = new Map<RoomId, { readonly users: readonly UserId[]; readonly at: number }>();

  constructor(options: DirectRoomsOptions) {
    this.#options = options;
  }

  /**
   * The conversation with the account that `ref` names, as `@bob`, to send a message to it; begins when there
   * is none. Before its first event all connections here of both are subscribed.
   * @throws {ChatError} no_such_user, bad_field or forbidden
   */
  async openToSend(ref: string, principal: Principal): Promise<Lease> {
    const { repository: { rooms }, registry, clock } = this.#options;
    const { user } = principal;
    if (!principal.hasRole("member")) {
      const message = "Only accounts have direct conversations: register, as you are a guest";
      throw new ChatError("forbidden", message, { field: "room" });
    }
    // Before anything is created.
    if (principal.scopes?.cover("send", { name: ref, kind: "direct" }) === false) {
      throw new ChatError("forbidden", `Your token does not allow you to send to "${ref}"`, {
        field: "room",
      });
    }
    const other = await this.#findAccount(ref);
    if (other.id === user) {
      const message = `"${ref}" is you: name the account that you write to`;
      throw new ChatError("bad_field", message, { field: "room" });
    }
    const key = pairKey(user, other.id);
    // Before there is a room: who may not send begins none.
    authorize(principal, "send", forMember({ name: key, kind: "direct", owner: undefined }), {
      name: ref,
    });
    const found = registry.find(key) ?? (await rooms.findFor(user, [key])).get(key)?.room ??
      await rooms.createDirect({ key, users: [user, other.id], now: clock.now() });
    const lease = registry.load(found, key);
    lease.room.noteName(other.id, other.name);
    if (lease.room.deliveredSeq === 0) this.#begin(lease.room, [user, other.id]);
    return lease;
  }

  /** Another server says that a conversation has begun. @throws what the store throws */
  async receive(id: RoomId): Promise<void> {
    if (this.#budget.tryTake(this.#options.clock.monotonic())) await this.#followOne(id);
  }

  /**
   * The user has one more connection. Its list of rooms was read before: a conversation that has begun
   * since is followed in the next turn.
   */
  noteConnected(user: UserId): void {
    const { schedule } = this.#options;
    this.#forgetBegun();
    for (const [room, { users }] of this.#begun) {
      // What cannot be read now is found in the user's list of rooms.
      if (users.includes(user)) schedule(() => void this.#followOne(room).catch(() => {}));
    }
  }

  /** Follows the conversations that other servers have begun: a notice may be lost. @throws as the store */
  async poll(): Promise<void> {
    const { rooms } = this.#options.repository;
    const above = this.#polled === undefined ? undefined : this.#polled - LOOKED_AT_TWICE;
    const { ids, last } = await rooms.directsAbove(above);
    this.#polled = last;
    const fresh = ids.filter((id) => !this.#followed.has(id));
    for (const record of (await rooms.findMany(fresh)).values()) {
      this.#follow(record);
      this.#followed.add(record.id);
    }
    for (const id of this.#followed) if (id <= last - LOOKED_AT_TWICE) this.#followed.delete(id);
  }

  /** What has no account looks the same, a guest's name too: nobody but accounts can be written to. */
  async #findAccount(ref: string): Promise<UserRecord> {
    const { users } = this.#options.repository;
    const name = namedUser(ref) ?? "";
    const key = nameKey(name);
    const found = (await users.findByKeys([key])).get(key);
    if (found !== undefined && found.role !== "guest") return found;
    const message = `There is no account "${name}": only accounts have direct conversations`;
    throw new ChatError("no_such_user", message, { field: "room" });
  }

  async #followOne(id: RoomId): Promise<void> {
    const record = (await this.#options.repository.rooms.findMany([id])).get(id);
    if (record !== undefined) this.#follow(record);
  }

  #noteBegun(room: RoomId, users: readonly UserId[]): void {
    this.#forgetBegun();
    this.#begun.delete(room);
    this.#begun.set(room, { users, at: this.#options.clock.monotonic() });
  }

  #forgetBegun(): void {
    const before = this.#options.clock.monotonic() - LOGIN_MS;
    for (const [room, { at }] of this.#begun) {
      if (at > before) return;
      this.#begun.delete(room);
    }
  }

  #begin(room: Room, users: readonly UserId[]): void {
    const { connections, cluster } = this.#options;
    this.#followed.add(room.id);
    this.#noteBegun(room.id, users);
    for (const user of users) connections.follow(user, room, 0);
    cluster.directBegun(room.id);
  }

  #follow(record: RoomRecord): void {
    const { connections, registry } = this.#options;
    if (record.pair === undefined || record.last > NEW_EVENTS) return;
    this.#noteBegun(record.id, record.pair.map(({ user }) => user));
    for (const { user } of record.pair) {
      if (!connections.has(user)) continue;
      using lease = registry.load(record, record.name);
      connections.follow(user, lease.room, 0);
    }
  }
}
