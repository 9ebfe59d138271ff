// The standings, removals and bans of users in one room, as last read from the store. What was decided with
// an end ends by itself. Knows no store.

import type { RoomSanctionRecords, StandingRecord, UserId } from "../../store/records.ts";
import type { Standing } from "../../wire/frames/moderation.ts";
import type { Bar } from "../access_rules.ts";
import { holdsAt, NetworkBans } from "./networks.ts";

const REMOVED: Bar = { kind: "removed" };

export class RoomSanctions {
  /** Grows with every change in the store. */
  readonly version: number;
  readonly #standings: ReadonlyMap<UserId, StandingRecord>;
  readonly #bans: RoomSanctionRecords["bans"];
  readonly #networks: NetworkBans;
  readonly #now: () => number;

  constructor(
    records: RoomSanctionRecords,
    { version, now }: { version: number; now: () => number },
  ) {
    this.version = version;
    this.#now = now;
    this.#standings = new Map(records.standings.map((record) => [record.user, record]));
    this.#bans = records.bans;
    this.#networks = new NetworkBans(records.bans);
  }

  /** What was decided of the user and holds now; undefined when nothing was. */
  standingOf(user: UserId): Standing | undefined {
    const record = this.#standings.get(user);
    if (record === undefined) return undefined;
    return holdsAt(record, this.#now()) ? record.standing : "member";
  }

  /** When the standing of the user ends; undefined: never, or none was decided. */
  standingEnds(user: UserId): number | undefined {
    return this.#standings.get(user)?.ends;
  }

  /** What keeps the user out. The ban of a network does not hold for moderators and owners. */
  barOf(user: UserId, address: string | undefined): Bar | undefined {
    const now = this.#now();
    const standing = this.standingOf(user);
    const isExempt = address === undefined || standing === "owner" || standing === "moderator";
    const ban = this.#bans.find((ban) => ban.user === user && holdsAt(ban, now)) ??
      (isExempt ? undefined : this.#networks.find(address, now));
    if (ban !== undefined) return { kind: "banned", until: ban.ends, reason: ban.reason };
    return this.isRemoved(user) ? REMOVED : undefined;
  }

  /** Whether a moderator has removed the user, who is not a member again. */
  isRemoved(user: UserId): boolean {
    return this.#standings.get(user)?.isRemoved === true;
  }
}
