// Reads the columns of a row, each as the type that it must have. A value of another type is a fault in a
// query, or another program has changed the database: it is refused here.

import { type RoomId, roomId, type UserId, userId } from "./records.ts";
import type { Row } from "./sql.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {TypeError} when the column is no integer */
export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new TypeError(`Column ${column} holds no integer`);
}

/** An integer, or undefined for NULL. @throws {TypeError} when the column is something else */
export function optionalInteger(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : integer(row, column);
}

/** The integer in the first row, as of a COUNT; 0 without a row. @throws {TypeError} when it is none */
export function firstInteger([row]: readonly Row[], column: string): number {
  return row === undefined ? 0 : integer(row, column);
}

/** The number of a user. @throws {TypeError} when the column is no integer */
export function userIdOf(row: Row, column = "user_id"): UserId {
  return userId(integer(row, column));
}

/** The number of a room. @throws {TypeError} when the column is no integer */
export function roomIdOf(row: Row, column = "room_id"): RoomId {
  return roomId(integer(row, column));
}

/** Text, also from a column that is compared as bytes. @throws {TypeError} when it is no text */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return decoder.decode(value);
  throw new TypeError(`Column ${column} holds no text`);
}

/** Text, or undefined for NULL. @throws {TypeError} when the column is something else */
export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

/** Bytes. @throws {TypeError} when the column holds something else */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`Column ${column} holds no bytes`);
}
