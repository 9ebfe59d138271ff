// Follows the log of acts: what was decided on any server is applied here in its order. The rooms in memory
// get the current state of the store. Users who are kept out lose their subscriptions or connections. The
// others are sent what has happened. Knows no socket and no SQL.

import type { Repository } from "../../store/repository.ts";
import type { RoomId, UserId } from "../../store/records.ts";
import { type ActRecord, WAS_MEMBER } from "../../store/moderation/records.ts";
import type { Standing } from "../../wire/frames/moderation.ts";
import { may } from "../access.ts";
import type { MembershipEvents } from "../members/membership_events.ts";
import type { Removal } from "../members/membership_frames.ts";
import type { Account, Principal, Principals } from "../people/principal.ts";
import type { Room } from "../room.ts";
import { isInNetwork } from "./networks.ts";
import type { ServerSanctions } from "./server_sanctions.ts";

/** How many acts are read at once. */
const PAGE = 100;

/** Why connections are ended. */
export interface Dismissal {
  readonly code: "kicked" | "banned";
  readonly message: string;
}

/** The connections of one server, as far as acts end them. */
export interface DismissibleConnections {
  /** Ends the connections of a user. */
  dismissUser(user: UserId, dismissal: Dismissal): void;
  /** Ends the connections, logged in or not, whose address is one of these. */
  dismissAddresses(isMeant: (address: string) => boolean, dismissal: Dismissal): void;
  /**
   * Ends the room's subscription, and drops its queued events, on the connections whose principal is kept
   * out; of one user, or of all. @returns the principals
   */
  expel(
    room: Room,
    options: { user?: UserId | undefined; isKeptOut: (principal: Principal) => boolean },
  ): readonly Principal[];
}

interface ActFollowerOptions {
  readonly repository: Pick<Repository, "moderation" | "rooms" | "users">;
  readonly sanctions: ServerSanctions;
  readonly principals: Principals;
  readonly connections: DismissibleConnections;
  readonly events: MembershipEvents;
  /** An act is applied: what was read of the store before may be out of date. */
  readonly onApplied: () => void;
  /** The room, if it is in memory. */
  readonly findRoom: (room: RoomId) => Room | undefined;
}

export class ActFollower {
  readonly #options: ActFollowerOptions;
  /** All acts up to this entry are applied. */
  #applied: number;
  #isBehind = false;
  #following: Promise<void> = Promise.resolve();

  constructor(options: ActFollowerOptions) {
    this.#options = options;
    const { start } = options.repository.moderation;
    this.#applied = start.entry;
    options.principals.silenceGuests(start.isPanic);
  }

  /** Whether an act may be stored that is not applied, as far as is known here. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Applies all acts that the store has. @throws what the store throws; another call continues */
  follow(): Promise<void> {
    const followed = this.#following.then(() => this.#readAndApply());
    this.#following = followed.catch(() => {});
    return followed;
  }

  async #readAndApply(): Promise<void> {
    const { moderation } = this.#options.repository;
    this.#isBehind = true;
    for (;;) {
      const acts = await moderation.actsAfter(this.#applied, PAGE);
      for (const act of acts) {
        this.#options.onApplied();
        await this.#apply(act);
        this.#applied = act.entry;
        this.#options.onApplied();
      }
      if (acts.length < PAGE) break;
    }
    this.#isBehind = false;
  }

  async #apply(act: ActRecord): Promise<void> {
    if (act.room === undefined) await this.#applyToServer(act);
    else await this.#applyToRoom(act, act.room);
  }

  async #applyToServer(act: ActRecord): Promise<void> {
    const { repository, sanctions, principals, connections } = this.#options;
    if (act.act !== "kick") sanctions.replace(await repository.moderation.serverSanctions());
    principals.silenceGuests(sanctions.isPanic);
    const { target, network, reason } = act;
    if (act.act === "kick") {
      const message = `${act.from} has disconnected you from this server${reason && `: ${reason}`}`;
      const dismissal = { code: "kicked", message } as const;
      if (target !== undefined) connections.dismissUser(target, dismissal);
      else if (network !== undefined) {
        connections.dismissAddresses((address) => isInNetwork(address, network), dismissal);
      }
    } else if (act.act === "ban") this.#dismissBanned(target);
  }

  /** By what holds now: the ban may have ended meanwhile. */
  #dismissBanned(target: UserId | undefined): void {
    const { sanctions, connections } = this.#options;
    if (target !== undefined) {
      const message = sanctions.refusalOfUser(target);
      if (message !== undefined) connections.dismissUser(target, { code: "banned", message });
      return;
    }
    connections.dismissAddresses((address) => sanctions.refusalOfAddress(address) !== undefined, {
      code: "banned",
      message: "Your network is banned from this server",
    });
  }

  async #applyToRoom(act: ActRecord, id: RoomId): Promise<void> {
    const { repository, findRoom } = this.#options;
    const record = (await repository.rooms.findMany([id])).get(id);
    const room = findRoom(id);
    if (record !== undefined) room?.noteSanctions(record);
    switch (act.act) {
      case "kick":
      case "ban":
        return await this.#applyRemoval(act, { id, name: record?.name, room });
      case "standing":
        return await this.#sendStanding(act, room);
    }
  }

  async #applyRemoval(
    act: ActRecord,
    { id, name, room }: { id: RoomId; name: string | undefined; room: Room | undefined },
  ): Promise<void> {
    const { connections, events } = this.#options;
    const { target, from: by, reason, time } = act;
    const isKeptOut = (principal: Principal) => room !== undefined && !may(principal, "read", room);
    const expelled = room === undefined ? [] : connections.expel(room, { user: target, isKeptOut });
    const removal: Removal = {
      code: act.act === "ban" ? "banned" : "kicked",
      by,
      reason: reason === "" ? undefined : reason,
    };
    if (target === undefined) {
      for (const account of expelled) {
        if (room !== undefined) events.sendRemoval(room, { account, removal, time });
      }
      return;
    }
    const account = await this.#accountOf(target);
    // A ban of a user who was not there is known to moderators alone.
    const wasThere = act.detail === WAS_MEMBER || expelled.length > 0;
    if (account === undefined || name === undefined || !wasThere) return;
    if (room === undefined) events.sendRemoval({ id, name }, { account, removal, time });
    // A user who is a member again meanwhile stays.
    else if (room.barOf({ user: target, address: undefined }) !== undefined) {
      events.announceRemoval(room, { account, removal, time });
    }
  }

  async #sendStanding(act: ActRecord, room: Room | undefined): Promise<void> {
    const { target, detail, ends, reason, time, from } = act;
    if (target === undefined || room === undefined) return;
    const account = await this.#accountOf(target);
    if (account === undefined) return;
    this.#options.events.sendToRoomAndUser(room, target, {
      type: "standing",
      room: room.name,
      user: target,
      from: account.name,
      standing: detail as Standing,
      by: from,
      time,
      until: ends,
      reason: reason === "" ? undefined : reason,
    });
  }

  async #accountOf(user: UserId): Promise<Account | undefined> {
    const record = (await this.#options.repository.users.findMany([user])).get(user);
    return record && { user: record.id, name: record.name, role: record.role };
  }
}
