// The subscribers and the members of one room, as far as this server knows them. Only the store knows every
// member.

import type { UserId } from "../../store/records.ts";

/** How many members without a subscription are remembered; at the next one all of them are forgotten. */
const OTHERS_KNOWN = 1_000;

export class RoomUsers {
  readonly #keepsAll: boolean;
  #additions = 0;
  /** How many subscriptions each user has. */
  readonly #subscriptions = new Map<UserId, number>();
  /** The members among them, as long as they are subscribed. */
  readonly #members = new Set<UserId>();
  /** Members without a subscription. */
  readonly #others = new Set<UserId>();
  #removals: number;
  /** Memberships changed, and the room is too large to announce each change. */
  #countDue = false;

  /**
   * @param options.keepsAll whether every known member is remembered, as where only members may read
   * @param options.removals how many memberships of the room have ended
   */
  constructor({ keepsAll = false, removals = 0 }: { keepsAll?: boolean; removals?: number } = {}) {
    this.#keepsAll = keepsAll;
    this.#removals = removals;
  }

  /** The users who are known to be members. */
  members(): readonly UserId[] {
    return [...this.#members, ...this.#others];
  }

  /** How often a user was not known to be a member before and is now. */
  get additions(): number {
    return this.#additions;
  }

  isSubscribed(user: UserId): boolean {
    return this.#subscriptions.has(user);
  }

  /** Whether the user is known to be a member. */
  hasMember(user: UserId): boolean {
    return this.#members.has(user) || this.#others.has(user);
  }

  /** @returns whether it is the user's first subscription */
  addSubscription(user: UserId): boolean {
    const before = this.#subscriptions.get(user) ?? 0;
    this.#subscriptions.set(user, before + 1);
    if (before > 0) return false;
    if (this.#others.delete(user)) this.#members.add(user);
    return true;
  }

  /** The user has one subscription at least. @returns whether it was the last one */
  removeSubscription(user: UserId): boolean {
    const before = this.#subscriptions.get(user) ?? 0;
    if (before > 1) {
      this.#subscriptions.set(user, before - 1);
      return false;
    }
    this.#subscriptions.delete(user);
    if (this.#members.delete(user)) this.#addOther(user);
    return true;
  }

  /** @returns whether the user was not known to be a member */
  addMember(user: UserId): boolean {
    if (this.hasMember(user)) return false;
    this.#additions++;
    if (this.#subscriptions.has(user)) this.#members.add(user);
    else this.#addOther(user);
    return true;
  }

  /** @returns whether the user was known to be a member */
  deleteMember(user: UserId): boolean {
    return this.#members.delete(user) || this.#others.delete(user);
  }

  /** How many memberships had ended when the members known here were last confirmed. */
  get removals(): number {
    return this.#removals;
  }

  /** The members known here are confirmed as of so many ended memberships. */
  noteRemovals(removals: number): void {
    this.#removals = removals;
  }

  noteCountChanged(): void {
    this.#countDue = true;
  }

  /** Whether a count of the members is due to be sent; asking resets it. */
  takeCountDue(): boolean {
    const due = this.#countDue;
    this.#countDue = false;
    return due;
  }

  #addOther(user: UserId): void {
    if (!this.#keepsAll && this.#others.size >= OTHERS_KNOWN) this.#others.clear();
    this.#others.add(user);
  }
}
