// The names of a direct conversation: one key for the pair, in the store, and for each of the two the name
// of the other. Knows no room in memory.

import type { RoomRecord, RoomUser, UserId } from "../../store/records.ts";
import { isAccountName } from "../../wire/text.ts";

type NamedRoom = Pick<RoomRecord, "name" | "pair">;

/** The key of the conversation of two users: no reference on the wire has this form. */
export function pairKey(one: UserId, other: UserId): string {
  return `@${Math.min(one, other)}:${Math.max(one, other)}`;
}

/** The name of the user that a reference as `@bob` names; undefined for a reference to another room. */
export function namedUser(ref: string): string | undefined {
  const name = ref.slice(1);
  return ref.startsWith("@") && isAccountName(name) ? name : undefined;
}

/** Whether the user is one of the two of a direct conversation. */
export function isInPair({ pair }: Pick<RoomRecord, "pair">, user: UserId): boolean {
  return pair?.some((one) => one.user === user) ?? false;
}

/** The other one of a direct conversation. */
export function otherOf(pair: readonly [RoomUser, RoomUser], user: UserId): RoomUser {
  const [low, high] = pair;
  return low.user === user ? high : low;
}

/** The name of a room in what this user gets: of a direct conversation `@` and the other's name. */
export function roomNameFor({ name, pair }: NamedRoom, user: UserId): string {
  return pair === undefined ? name : `@${otherOf(pair, user).name}`;
}

/** The room with this name of one of the two, if it is another one. */
export function withName(room: RoomRecord, renamed: RoomUser): RoomRecord {
  const { pair } = room;
  const isNew = pair?.some(({ user, name }) => user === renamed.user && name !== renamed.name);
  if (pair === undefined || !isNew) return room;
  const [low, high] = pair;
  return { ...room, pair: low.user === renamed.user ? [renamed, high] : [low, renamed] };
}
