// What other servers say of comings and goings. A bus says what it likes, late or twice or in another's
// name: who somebody is, and whether they belong to a room, is the store's word.

import type { Repository, RoomId, UserId } from "../store/repository.ts";
import type { Account } from "./principal.ts";
import { Budget } from "../cluster/notice_budget.ts";
import type { MembershipChange } from "../cluster/bus.ts";
import type { Room } from "./room.ts";

/** How often the store is asked because of notices; what is above it is not told. */
const ASKED = { most: 200, perSecond: 100 };

export interface MembershipNoticesOptions {
  readonly repository: Pick<Repository, "users" | "members">;
  readonly monotonic: () => number;
  /** The room, if it is in memory. */
  readonly findRoom: (room: RoomId) => Room | undefined;
  /** Ends the hearing of the room in the user's name; whether anybody heard it. */
  readonly stopHearing: (user: UserId, room: Room) => boolean;
  readonly announce: (
    room: Room,
    news: { change: MembershipChange["change"]; account: Account },
  ) => void;
}

export class MembershipNotices {
  readonly #options: MembershipNoticesOptions;
  readonly #budget: Budget;
  /** Of whose leaving the store is being asked. */
  readonly #leaving = new Set<{ room: Room; user: UserId; isBack: boolean }>();

  constructor(options: MembershipNoticesOptions) {
    this.#options = options;
    this.#budget = new Budget(ASKED, options.monotonic);
  }

  /**
   * Tells the room what the store confirms, and ends the hearing of one who has left.
   * @throws what the store throws
   */
  async note({ room: id, change, user }: MembershipChange): Promise<void> {
    const { findRoom, stopHearing, announce } = this.#options;
    const room = findRoom(id);
    if (room === undefined || !this.#budget.take()) return;
    const wasSeen = room.isHere(user);
    if (change === "joined" ? !await this.#isMember(id, user) : !await this.#hasLeft(room, user)) {
      return;
    }
    // Each once: a notice that comes again is no news. That somebody was there to leave is known of
    // those who joined or were heard here; of a guest the other server's word is taken.
    const isKnown = change === "joined"
      ? room.noteMember(user)
      : [stopHearing(user, room), room.forgetMember(user)].includes(true);
    if (!isKnown && (change === "joined" || !wasSeen)) return;
    const known = (await this.#options.repository.users.findMany([user])).get(user);
    if (known === undefined || (!isKnown && known.role !== "guest")) return;
    announce(room, { change, account: { user, name: known.name, role: known.role } });
  }

  /** The user is a member and about to hear the room here: what is said of an earlier leaving is late. */
  noteBack(room: Room, user: UserId): void {
    for (const leaving of this.#leaving) {
      if (leaving.room === room && leaving.user === user) leaving.isBack = true;
    }
  }

  async #isMember(room: RoomId, user: UserId): Promise<boolean> {
    return (await this.#options.repository.members.among(user, [room])).has(room);
  }

  /** Not when they have come back here while the store was asked. */
  async #hasLeft(room: Room, user: UserId): Promise<boolean> {
    const leaving = { room, user, isBack: false };
    this.#leaving.add(leaving);
    try {
      return !await this.#isMember(room.id, user) && !leaving.isBack;
    } finally {
      this.#leaving.delete(leaving);
    }
  }
}
