// The cluster over a bus: publishes what happens on this server, and applies what the others publish.
// A lost notice loses no message: messages are in the store, and the store is read.

import { TokenBucket } from "../collections/token_bucket.ts";
import type { RoomId, UserId } from "../store/records.ts";
import type { MembershipChange, Notice, ReadPosition, ServerId } from "./bus.ts";
import type { Cluster } from "./cluster.ts";
import { NoticePublisher, type NoticePublisherOptions } from "./notice_publisher.ts";
import { RemotePresence, type SubscriptionChange } from "./remote_presence.ts";

/** What is done here about the notices of others. None of these may throw. */
interface NoticeHandlers {
  eventsStored(room: RoomId, seq: number): void;
  tokensEnded(): void;
  acted(): void;
  accountsChanged(): void;
  membershipChanged(change: MembershipChange): void;
  positionMoved(position: ReadPosition): void;
  directBegun(room: RoomId): void;
  typing(typing: { readonly room: RoomId; readonly user: UserId }): void;
  /** On the other servers, a user's first subscription to a room has begun, or the last one has ended. */
  presenceChanged(change: SubscriptionChange): void;
}

interface BusClusterOptions extends NoticePublisherOptions {
  readonly handlers: NoticeHandlers;
  /** The names of these users in the store; users that it does not know are missing. */
  readonly findNames: (users: readonly UserId[]) => Promise<ReadonlyMap<UserId, string>>;
}

/** A server that has sent nothing for so long is gone, in milliseconds. */
const SILENT_MS = 5_000;
/** How often the lists of other servers are asked for. */
const LIST_REQUESTS = { burst: 32, perSecond: 8 };
/** For how many users the store is asked at once. */
const NAMES_AT_ONCE = 256;

export class BusCluster implements Cluster {
  readonly #options: BusClusterOptions;
  readonly #publisher: NoticePublisher;
  readonly #remote = new RemotePresence({
    onChange: (change) => this.#options.handlers.presenceChanged(change),
  });
  readonly #listRequests = new TokenBucket(LIST_REQUESTS);
  #isConfirming = false;
  #hasLeft = false;

  /** Listens from now on, and asks the other servers for their lists. */
  constructor(options: BusClusterOptions) {
    this.#options = options;
    this.#publisher = new NoticePublisher(options);
    options.bus.listen((notice, from) => this.#apply(notice, from));
    options.bus.publish({ type: "ask" });
  }

  get servers(): number {
    return this.#remote.servers;
  }

  get isConnected(): boolean {
    return this.#options.bus.isConnected;
  }

  eventsStored(room: RoomId, seq: number): void {
    this.#publisher.eventsStored(room, seq);
  }

  tokensEnded(): void {
    this.#options.bus.publish({ type: "tokens" });
  }

  acted(): void {
    this.#options.bus.publish({ type: "acted" });
  }

  accountsChanged(): void {
    this.#options.bus.publish({ type: "accounts" });
  }

  membershipChanged(change: MembershipChange): void {
    this.#options.bus.publish({ type: "membership", ...change });
  }

  positionMoved(position: ReadPosition): void {
    this.#options.bus.publish({ type: "read", ...position });
  }

  typing(room: RoomId, user: UserId): void {
    this.#options.bus.publish({ type: "typing", room, user });
  }

  directBegun(room: RoomId): void {
    this.#options.bus.publish({ type: "direct", room });
  }

  presenceChanged(user: UserId): void {
    this.#publisher.presenceChanged(user);
  }

  subscribed(room: RoomId, user: UserId): void {
    this.#publisher.subscribed(room, user);
  }

  unsubscribed(room: RoomId, user: UserId): void {
    this.#publisher.unsubscribed(room, user);
  }

  connectionsOf(user: UserId): number {
    return this.#remote.connectionsOf(user);
  }

  isSubscribed(room: RoomId, user: UserId): boolean {
    return this.#remote.isSubscribed(room, user);
  }

  isNameHeld(name: string, user?: UserId): boolean {
    return this.#remote.isNameHeld(name, user);
  }

  people(): Iterable<{ user: UserId; name: string; connections: number }> {
    return this.#remote.people();
  }

  /** Publishes that this server runs, and forgets silent servers; to be called about once a second. */
  heartbeat(): void {
    this.#publisher.heartbeat();
    this.#remote.forgetSilentSince(this.#options.monotonic() - SILENT_MS);
    void this.#confirmNames();
  }

  /** Publishes that this server leaves, and ignores what comes later. */
  leave(): void {
    this.#hasLeft = true;
    this.#publisher.stop();
  }

  #apply(notice: Notice, from: ServerId): void {
    const { handlers, bus } = this.#options;
    // No other server has this id.
    if (this.#hasLeft || from === bus.id) return;
    switch (notice.type) {
      case "grown":
        for (const [room, seq] of notice.rooms) handlers.eventsStored(room, seq);
        return;
      case "tokens":
        return handlers.tokensEnded();
      case "acted":
        return handlers.acted();
      case "accounts":
        return handlers.accountsChanged();
      case "membership":
        return handlers.membershipChanged(notice);
      case "read":
        return handlers.positionMoved(notice);
      case "typing":
        return handlers.typing(notice);
      case "direct":
        return handlers.directBegun(notice.room);
      case "ask":
        if (notice.server === undefined || notice.server === bus.id) this.#publisher.requestList();
        return;
      default:
        return this.#applyPresence(notice, from);
    }
  }

  #applyPresence(notice: Parameters<RemotePresence["apply"]>[0], from: ServerId): void {
    const now = this.#options.monotonic();
    if (this.#remote.apply(notice, { from, now }) && this.#listRequests.tryTake(now)) {
      // If there is no answer, the next notice of that server leads to another request.
      this.#options.bus.publish({ type: "ask", server: from });
    }
    void this.#confirmNames();
  }

  /** One query at a time, however many entries come. What fails is tried at the next heartbeat. */
  async #confirmNames(): Promise<void> {
    if (this.#isConfirming) return;
    this.#isConfirming = true;
    try {
      for (
        let users = this.#remote.unconfirmed(NAMES_AT_ONCE);
        users.length > 0 && !this.#hasLeft;
        users = this.#remote.unconfirmed(NAMES_AT_ONCE)
      ) this.#remote.confirm(users, await this.#options.findNames(users));
    } catch {
      // The store does not answer now.
    } finally {
      this.#isConfirming = false;
    }
  }
}
