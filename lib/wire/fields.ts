// Reads the fields of a request one by one: exact types and named fields only. Every error names its
// field, what was found and what is allowed, and never quotes a secret.

import { ChatError } from "./errors.ts";
import type { RequestId } from "./frame.ts";
import type { Fields } from "./json.ts";
import type { Limits } from "./limits.ts";
import { hasRefusedCharacters, isAccountName, isLongerThan, quote } from "./text.ts";
import { isRoomRef } from "./room_ref.ts";

const ID_BYTES = 64;
const CID_BYTES = 64;
const MAX_EPOCH_UNITS = 64;
const MAX_CLIENT_UNITS = 64;
const MAX_TOKEN_UNITS = 256;
const PRINTABLE = /^[\x20-\x7e]+$/;
/** The control characters that are allowed in a text, but not in its `cid`. */
const TEXT_ONLY = /[\n\t]/;

const ROOM_TAKES =
  "1 to 64 letters, digits, _ and -, a letter first, no _ or - last; or @name, or ?number";
const ACCOUNT_TAKES = "2 to 32 letters, digits, _ and -, a letter first, no _ or - last";

/** A field that holds what it must not. `expected` completes "it takes …". */
export function badField(field: string, options: { found: unknown; expected: string }): ChatError {
  const message = `Field "${field}" ${describe(options.found)}: it takes ${options.expected}`;
  return new ChatError("bad_field", message, { field });
}

/** The kind of a value, never its content. */
function describe(value: unknown): string {
  if (value === undefined) return "is missing";
  if (value === null) return "is null";
  if (Array.isArray(value)) return "is an array";
  switch (typeof value) {
    case "object":
      return "is an object";
    case "string":
      return value === "" ? "is empty" : `is a string of ${value.length} characters`;
    case "number":
      return `is ${value}`;
    default:
      return `is ${String(value)}`;
  }
}

/** Whether a reply can carry this as its `re`. */
export function isRequestId(value: unknown): value is RequestId {
  if (typeof value === "string") return value !== "" && !isLongerThan(value, ID_BYTES);
  return isInteger(value);
}

/** A safe integer; not -0, which would come back as 0. */
function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** A safe integer of at least `least`, if it is there. */
export function findInteger(
  fields: Fields,
  field: string,
  options: { least: number; path?: string },
): number | undefined {
  return fields[field] === undefined ? undefined : getInteger(fields, field, options);
}

/** A safe integer of at least `least`. */
export function getInteger(
  fields: Fields,
  field: string,
  options: { least: number; path?: string },
): number {
  const value = fields[field];
  if (isInteger(value) && value >= options.least) return value;
  const takes = `a whole number of ${options.least} or more`;
  throw badField(options.path ?? field, { found: value, expected: takes });
}

/** How many entries are asked for: 1 or more; at most the largest page. */
export function findPageLimit(fields: Fields, limits: Limits): number | undefined {
  const limit = findInteger(fields, "limit", FROM_ONE);
  return limit === undefined ? undefined : Math.min(limit, limits.page);
}
const FROM_ONE = { least: 1 };

export function findBoolean(fields: Fields, field: string): boolean | undefined {
  const value = fields[field];
  if (value === undefined || typeof value === "boolean") return value;
  throw badField(field, { found: value, expected: "true or false" });
}

/** A reference to a room. @throws {ChatError} bad_field, or bad_name for a string. */
export function getRoom(fields: Fields, path = "room"): string {
  const { room } = fields;
  if (typeof room !== "string") throw badField(path, { found: room, expected: ROOM_TAKES });
  if (isRoomRef(room)) return room;
  throw badName(path, { name: room, expected: ROOM_TAKES });
}

/** A name for a user. @throws {ChatError} bad_field, or bad_name for a string. */
export function getAccountName(fields: Fields, path: string): string {
  const { name } = fields;
  if (typeof name !== "string") throw badField(path, { found: name, expected: ACCOUNT_TAKES });
  if (isAccountName(name)) return name;
  throw badName(path, { name, expected: ACCOUNT_TAKES });
}

/** The name of another user. @throws {ChatError} bad_field, or bad_name for a string. */
export function getUserName({ user }: Fields): string {
  return getAccountName({ name: user }, "user");
}

function badName(field: string, { name, expected }: { name: string; expected: string }): ChatError {
  const message = `Cannot take ${quote(name)} as a name: field "${field}" takes ${expected}`;
  return new ChatError("bad_name", message, { field });
}

/** The last name of a page, after which the next page begins: a room's or a user's. */
export function findAfter(fields: Fields): string | undefined {
  const { after } = fields;
  if (after === undefined) return undefined;
  if (typeof after === "string" && isRoomRef(after)) return after;
  throw badField("after", { found: after, expected: "a name as a list gave it" });
}

/** The id that the client gave a message: 1 to 64 bytes without control characters. */
export function findCid({ cid }: Fields): string | undefined {
  if (cid === undefined) return undefined;
  const isCid = typeof cid === "string" && cid !== "" && !isLongerThan(cid, CID_BYTES) &&
    !hasRefusedCharacters(cid) && !TEXT_ONLY.test(cid);
  if (isCid) return cid;
  throw badField("cid", { found: cid, expected: "1 to 64 bytes without control characters" });
}

export function findEpoch({ epoch }: Fields): string | undefined {
  if (epoch === undefined) return undefined;
  if (typeof epoch === "string" && epoch.length <= MAX_EPOCH_UNITS) return epoch;
  throw badField("epoch", { found: epoch, expected: "the epoch that a welcome gave" });
}

/** The name of a program. */
export function findClient({ client }: Fields): string | undefined {
  if (client === undefined) return undefined;
  const isClient = typeof client === "string" && client.length <= MAX_CLIENT_UNITS &&
    PRINTABLE.test(client);
  if (isClient) return client;
  throw badField("client", { found: client, expected: "1 to 64 printable ASCII characters" });
}

export function getToken({ token }: Fields): string {
  if (typeof token === "string" && token !== "" && token.length <= MAX_TOKEN_UNITS) return token;
  throw badField("auth.token", { found: token, expected: "the token that a welcome gave" });
}
