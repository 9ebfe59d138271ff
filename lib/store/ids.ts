// The numbers of users and rooms, as types of their own: one is never taken for the other.

declare const user: unique symbol;
declare const room: unique symbol;

/** The number of a user. A number becomes one by `userId`, where a database or another server gives it. */
export type UserId = number & { readonly [user]: never };

/** The number of a room. A number becomes one by `roomId`, where a database or another server gives it. */
export type RoomId = number & { readonly [room]: never };

export const userId = (id: number): UserId => id as UserId;
export const roomId = (id: number): RoomId => id as RoomId;
