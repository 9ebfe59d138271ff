// What was decided for the whole server, as last read from the store: banned users and networks, and
// whether it is closed to new guests. What was decided with an end ends by itself. Knows no store.

import type { BanRecord, UserId } from "../../store/records.ts";
import type { ServerSanctionRecords } from "../../store/moderation/records.ts";
import { ChatError } from "../../wire/errors.ts";
import { describeEnd } from "./end_wording.ts";
import { holdsAt, NetworkBans } from "./networks.ts";

export class ServerSanctions {
  readonly #now: () => number;
  #users: ReadonlyMap<UserId | undefined, BanRecord> = new Map();
  #networks = new NetworkBans([]);
  #isPanic = false;

  constructor(records: ServerSanctionRecords, now: () => number) {
    this.#now = now;
    this.replace(records);
  }

  /** The store has this now. */
  replace({ isPanic, bans }: ServerSanctionRecords): void {
    this.#isPanic = isPanic;
    this.#networks = new NetworkBans(bans);
    this.#users = new Map(bans.map((ban) => [ban.user, ban]));
  }

  /** Whether the server is closed to new guests, and all guests are muted. */
  get isPanic(): boolean {
    return this.#isPanic;
  }

  /** Why connections from this address are refused; undefined when they are not. */
  refusalOfAddress(address: string): string | undefined {
    const ban = this.#networks.find(address, this.#now());
    return ban === undefined ? undefined : bannedFromServer(ban, "Your network is");
  }

  /** Why this user is refused; undefined when they are not. */
  refusalOfUser(user: UserId): string | undefined {
    const ban = this.#users.get(user);
    if (ban === undefined || !holdsAt(ban, this.#now())) return undefined;
    return bannedFromServer(ban, "You are");
  }

  /** @throws {ChatError} banned */
  checkUser(user: UserId): void {
    const refusal = this.refusalOfUser(user);
    if (refusal === undefined) return;
    throw new ChatError("banned", refusal, { until: this.#users.get(user)?.ends });
  }

  /** To be asked before a guest is created or becomes an account. @throws {ChatError} forbidden */
  checkNewcomer(): void {
    if (!this.#isPanic) return;
    const message = "The administrators have closed the server to new guests and registrations: " +
      "try again later";
    throw new ChatError("forbidden", message);
  }
}

function bannedFromServer({ ends, reason }: BanRecord, subject: string): string {
  return `${subject} banned from this server${describeEnd(ends)}${reason && `: ${reason}`}`;
}
