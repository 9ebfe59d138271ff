// All sessions of one server, and the sweep that ends those that are silent, stalled or late. One timer
// for all of them; durations by the monotonic clock.

import { EventBatch } from "../chat/event_batch.ts";
import type { Connections } from "../chat/members/membership_events.ts";
import type { Dismissal, DismissibleConnections } from "../chat/moderation/act_follower.ts";
import type { Principal } from "../chat/people/principal.ts";
import type { Room } from "../chat/room.ts";
import type { EndedToken, RoomId, UserId } from "../store/records.ts";
import type { MonotonicClock } from "../time.ts";
import type { ServerFrame } from "../wire/frame.ts";
import type { Limits } from "../wire/limits.ts";
import { type CloseReason, REVOKED, SUSPENDED, TOO_SLOW } from "./connection/close_reason.ts";
import type { Session } from "./connection/session.ts";
import { PendingLogins } from "./pending_logins.ts";

export class SessionRegistry implements Connections, DismissibleConnections {
  readonly #limits: Limits;
  readonly #clock: MonotonicClock;
  readonly #all = new Set<Session>();
  readonly #pendingLogins = new PendingLogins<Session>();
  /** How many are the process's own: they count against no limit. */
  #internal = 0;
  readonly #byUser = new Map<UserId, Set<Session>>();

  constructor(limits: Limits, clock: MonotonicClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#all.size;
  }

  /** How many of them are logged in; the process's own count from their beginning. */
  get authenticated(): number {
    return this.#all.size - this.#pendingLogins.size;
  }

  add(session: Session): void {
    this.#all.add(session);
    if (session.isInternal) this.#internal++;
    else this.#pendingLogins.add(session);
  }

  /** A hello of this session was answered. */
  noteProgress(session: Session): void {
    this.#pendingLogins.noteProgress(session);
  }

  /** The session has logged in. */
  noteAuthenticated(session: Session, user: UserId): void {
    this.#pendingLogins.delete(session);
    const sessions = this.#byUser.get(user) ?? new Set();
    sessions.add(session);
    this.#byUser.set(user, sessions);
  }

  remove(session: Session): void {
    if (this.#all.delete(session) && session.isInternal) this.#internal--;
    this.#pendingLogins.delete(session);
    const user = session.principal?.user;
    if (user === undefined) return;
    const sessions = this.#byUser.get(user);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#byUser.delete(user);
  }

  /** Whether the user has a connection here. */
  has(user: UserId): boolean {
    return this.#byUser.has(user);
  }

  /** Sends an event to the user's connections, but not to `except` nor to the subscribers of a room. */
  send(
    user: UserId,
    event: ServerFrame,
    { except, exceptSubscribersOf }: { except?: unknown; exceptSubscribersOf?: RoomId | undefined },
  ): void {
    const batch = new EventBatch(event);
    for (const session of this.#byUser.get(user) ?? []) {
      if (session === except || !mayReceive(session.principal, event)) continue;
      if (exceptSubscribersOf === undefined || !session.isSubscribedTo(exceptSubscribersOf)) {
        session.deliver(batch);
      }
    }
  }

  /** Subscribes the user's connections that are not yet, from the event after `seq` on. */
  follow(user: UserId, room: Room, seq: number): void {
    for (const session of this.#byUser.get(user) ?? []) session.follow(room, seq);
  }

  /** Unsubscribes every connection of a user from a room. @returns whether any was subscribed */
  unsubscribe(user: UserId, room: Room): boolean {
    let any = false;
    for (const session of this.#byUser.get(user) ?? []) any = session.unsubscribe(room) || any;
    return any;
  }

  /** The numbers of the tokens by which the user's connections here are logged in. */
  tokensOf(user: UserId): ReadonlySet<number> {
    const tokens = new Set<number>();
    for (const { principal } of this.#byUser.get(user) ?? []) {
      if (principal?.token !== undefined) tokens.add(principal.token);
    }
    return tokens;
  }

  /** The numbers of the tokens by which connections here are logged in. */
  tokensInUse(): readonly number[] {
    const tokens = new Set<number>();
    for (const user of this.#byUser.keys()) {
      for (const token of this.tokensOf(user)) tokens.add(token);
    }
    return [...tokens];
  }

  /** Ends the user's connections that are logged in by this token. */
  endToken({ user, token }: EndedToken): void {
    for (const session of [...this.#byUser.get(user) ?? []]) {
      if (session.principal?.token === token) session.bye(REVOKED);
    }
  }

  /** Ends the connections of a user. */
  dismissUser(user: UserId, dismissal: Dismissal): void {
    for (const session of [...this.#byUser.get(user) ?? []]) session.bye(closeReasonOf(dismissal));
  }

  /** Ends the connections from other machines whose address is one of these. */
  dismissAddresses(isMeant: (address: string) => boolean, dismissal: Dismissal): void {
    for (const session of [...this.#all]) {
      if (session.admission.isExempt || !isMeant(session.address)) continue;
      session.bye(closeReasonOf(dismissal));
    }
  }

  /** As `DismissibleConnections.expel`. */
  expel(
    room: Room,
    { user, isKeptOut }: {
      user?: UserId | undefined;
      isKeptOut: (principal: Principal) => boolean;
    },
  ): readonly Principal[] {
    const expelled: Principal[] = [];
    for (const session of user === undefined ? this.#all : this.#byUser.get(user) ?? []) {
      const { principal } = session;
      if (principal === undefined || !session.isSubscribedTo(room.id)) continue;
      if (!isKeptOut(principal)) continue;
      session.expel(room);
      expelled.push(principal);
    }
    return expelled;
  }

  /** Ends all connections of a user who may not be connected any more. */
  endUser(user: UserId): void {
    for (const session of [...this.#byUser.get(user) ?? []]) session.bye(SUSPENDED);
  }

  /** The role of a user has changed: operators are subscribed to the desk, others are not. */
  roleChanged(user: UserId): void {
    for (const session of this.#byUser.get(user) ?? []) session.noteRoleChanged();
  }

  /**
   * Allows one more connection before login: when there are too many, ends one without progress.
   * @returns false when none can be ended
   */
  allowOneMore(): boolean {
    const { connections, unauthenticated } = this.#limits;
    const counted = this.#all.size - this.#internal;
    if (counted < connections && this.#pendingLogins.size < unauthenticated) return true;
    const stalled = this.#pendingLogins.findStalled();
    if (stalled === undefined) return false;
    // Without a last frame where none was received: in a flood each would take time to send.
    if (stalled.hasSentFrame) stalled.bye(STALLED_LOGIN);
    else stalled.abort();
    return true;
  }

  /** Ends the session with the most queued bytes: to be called when all together are too many. */
  cutLargest(): void {
    let largest: Session | undefined;
    for (const session of this.#all) {
      if (session.queuedBytes > (largest?.queuedBytes ?? 0)) largest = session;
    }
    largest?.bye(TOO_SLOW);
  }

  /** Ends sessions that are past a deadline, and pings silent ones: to be called about twice a second. */
  sweep(): void {
    const now = this.#clock.monotonic();
    for (const session of this.#all) {
      const { writingSince } = session;
      if (writingSince !== undefined && now - writingSince > this.#limits.stall_ms) {
        session.bye(TOO_SLOW);
        session.abort();
      } else if (session.principal === undefined) this.#checkLogin(session, now);
      else if (now >= session.tokenEndsAt) session.bye(REVOKED);
      else this.#checkSilence(session, now);
    }
  }

  /** Drains every session; resolves when all have ended. */
  async drain(reason: () => CloseReason): Promise<void> {
    await Promise.all([...this.#all].map((session) => session.drain(reason())));
  }

  abortAll(): void {
    for (const session of this.#all) session.abort();
  }

  #checkLogin(session: Session, now: number): void {
    const { first_byte_ms, first_frame_ms, auth_ms } = this.#limits;
    const { firstByteAt } = session;
    if (firstByteAt === undefined) {
      if (now - session.openedAt > first_byte_ms) session.abort();
    } else if (!session.hasSentFrame && now - firstByteAt > first_frame_ms) {
      session.bye(idle(`The first request was not complete after ${first_frame_ms} ms`));
    } else if (now - firstByteAt > auth_ms) {
      session.bye(idle(`No login within ${auth_ms} ms`));
    }
  }

  #checkSilence(session: Session, now: number): void {
    const { idleMs, lastLifeAt } = session;
    const silence = now - lastLifeAt;
    if (idleMs > 0 && silence > idleMs) session.bye(idle(`Nothing was received for ${idleMs} ms`));
    else if (silence > Math.min(this.#limits.ping_ms, idleMs > 0 ? idleMs / 2 : Infinity)) {
      session.pingOnce(lastLifeAt);
    }
  }
}

/** A connection whose token has scopes is sent what concerns the rooms that it may read, and nothing else. */
function mayReceive(principal: Principal | undefined, event: ServerFrame): boolean {
  const scopes = principal?.scopes;
  if (scopes === undefined) return true;
  return "room" in event && event.room !== undefined && scopes.coverRef("read", event.room);
}

const STALLED_LOGIN: CloseReason = {
  code: "too_many",
  message: "Too many connections wait for a login: this one was idle",
  reconnect: true,
};

function closeReasonOf({ code, message }: Dismissal): CloseReason {
  return { code, message, reconnect: false };
}

function idle(message: string): CloseReason {
  return { code: "idle", message, reconnect: true, afterMs: 0 };
}
