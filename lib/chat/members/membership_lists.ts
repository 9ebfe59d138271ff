// Lists of memberships: the rooms of a user, those that two users share, and the members of a room. Knows no
// connection and no SQL; whether a principal may read a room is asked before.

import type { Members } from "../../store/repository.ts";
import type { Membership, UserId, UserRecord } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import { forMember, isForMembers, may } from "../access.ts";
import { nameKey } from "../people/names.ts";
import type { Principal } from "../people/principal.ts";
import type { Room } from "../room.ts";
import type { RoomLookup } from "../rooms/room_lookup.ts";
import type { RoomRegistry } from "../rooms/room_registry.ts";

interface MembershipListsOptions {
  readonly members: Pick<Members, "ofUser" | "common" | "list">;
  readonly registry: RoomRegistry;
  readonly lookup: RoomLookup;
}

/** A user's room; `last` is what was delivered here, if that is more than the store had. */
export interface OwnRoom extends Membership {
  readonly last: number;
}

export class MembershipLists {
  readonly #options: MembershipListsOptions;

  constructor(options: MembershipListsOptions) {
    this.#options = options;
  }

  /** The principal's rooms, as far as they may see them: by name above `after`, or the latest first. */
  async ofPrincipal(
    principal: Principal,
    options: { order: "activity" | "key"; after?: string | undefined; limit: number },
  ): Promise<{ readonly rooms: readonly OwnRoom[]; readonly more: boolean }> {
    const { members, registry } = this.#options;
    const { order, after, limit } = options;
    const key = after && await this.#positionOf(after, principal);
    const found = await members.ofUser(principal.user, { order, after: key, limit: limit + 1 });
    const rooms = found.slice(0, limit)
      .filter(({ room }) => may(principal, "see", isForMembers(room) ? forMember(room) : room));
    return {
      rooms: rooms.map((membership) => {
        const { id, last } = membership.room;
        return { ...membership, last: registry.findById(id)?.deliveredSeq ?? last };
      }),
      more: found.length > limit,
    };
  }

  /** The rooms in common of the principal and another user, by name, as far as the token covers them. */
  async common(
    { user, scopes }: Principal,
    options: { other: UserId; limit: number },
  ): Promise<readonly string[]> {
    const names = await this.#options.members.common(user, options);
    return names.filter((name) => scopes?.cover("none", { name, kind: "public" }) ?? true);
  }

  /** The key after which a list continues. @throws {ChatError} bad_field when nobody has the name any more */
  async #positionOf(after: string, { user }: Principal): Promise<string> {
    const key = (await this.#options.lookup.keysOf([after], user)).get(after);
    if (key !== undefined) return key;
    const message = `There is no account "${after.slice(1)}" after which the list could go on`;
    throw new ChatError("bad_field", message, { field: "after" });
  }

  /** The members of a room that the principal may read, by name above `after`. */
  async list(
    room: Room,
    { after, limit }: { after: string | undefined; limit: number },
  ): Promise<{ readonly members: readonly UserRecord[]; readonly more: boolean }> {
    const key = after === undefined ? undefined : nameKey(after);
    const found = await this.#options.members.list(room.id, { after: key, limit: limit + 1 });
    return { members: found.slice(0, limit), more: found.length > limit };
  }
}
