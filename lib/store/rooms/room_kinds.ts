// The kinds of rooms: chat/access.ts says who may do what in each.

/**
 * Who a room is for: all users, its members, the two of a direct conversation, one asker and the
 * operators, the operators other than its asker, the operators, or servers alone. The kind of a room never
 * changes.
 */
export const ROOM_KINDS = [
  "public",
  "private",
  "direct",
  "inquiry",
  "notes",
  "desk",
  "signals",
] as const;
export type RoomKind = typeof ROOM_KINDS[number];
