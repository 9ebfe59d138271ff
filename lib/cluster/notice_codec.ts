// Notices as JSON, as they travel on a bus. What comes from there may be anybody's: every field is
// looked at before it is believed.

import type { Notice, PresenceEntry, ServerId } from "./bus.ts";
import type { Role } from "../wire/frame.ts";
import { hasRefusedCharacters } from "../wire/text.ts";

/** A notice, and whose it is. */
export interface Letter {
  readonly from: ServerId;
  readonly notice: Notice;
}

/** As long as the store's column: names of the program that this one grew from may be odd. */
const LONGEST_NAME = 255;
const SERVER_ID = /^[A-Za-z0-9]{8,40}$/;
const ROLES: ReadonlySet<unknown> = new Set<Role>(["guest", "member", "operator", "admin"]);

type Fields = Readonly<Record<string, unknown>>;

export function encodeLetter({ from, notice }: Letter): string {
  return JSON.stringify({ from, ...notice });
}

/**
 * The longest letter that is looked at, in UTF-16 units: twice the longest that a server sends. A longer
 * one would be parsed at the cost of everybody here.
 */
const LONGEST_LETTER = 512 * 1024;

/** The letter that `text` is; undefined when it is none. */
export function decodeLetter(text: string): Letter | undefined {
  if (text.length > LONGEST_LETTER) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !isServerId(value.from)) return undefined;
  const notice = decodeNotice(value);
  return notice === undefined ? undefined : { from: value.from, notice };
}

function decodeNotice(fields: Fields): Notice | undefined {
  switch (fields.type) {
    case "grown":
      return decodeGrown(fields);
    case "membership":
      return decodeMembership(fields);
    case "people": {
      const { version } = fields;
      const people = decodePeople(fields.people);
      if (!isCount(version) || people === undefined) return undefined;
      return { type: "people", version, people };
    }
    case "everyone":
      return decodeEveryone(fields);
    case "pulse":
      return isCount(fields.version) ? { type: "pulse", version: fields.version } : undefined;
    case "ask":
      if (fields.server === undefined) return { type: "ask" };
      return isServerId(fields.server) ? { type: "ask", server: fields.server } : undefined;
    case "desk":
    case "leaving":
      return { type: fields.type };
    default:
      return undefined;
  }
}

function decodeGrown({ rooms }: Fields): Notice | undefined {
  if (!Array.isArray(rooms)) return undefined;
  const grown: [number, number][] = [];
  for (const pair of rooms) {
    if (!Array.isArray(pair)) return undefined;
    const [room, seq] = pair;
    if (!isCount(room) || !isCount(seq)) return undefined;
    grown.push([room, seq]);
  }
  return { type: "grown", rooms: grown };
}

function decodeMembership({ room, change, user, name, role }: Fields): Notice | undefined {
  if (!isCount(room) || !isCount(user) || !isName(name) || !isRole(role)) return undefined;
  if (change !== "joined" && change !== "left") return undefined;
  return { type: "membership", room, change, user, name, role };
}

function decodeEveryone(fields: Fields): Notice | undefined {
  const { version, part, parts } = fields;
  const people = decodePeople(fields.people);
  if (people === undefined || !isCount(version) || !isCount(part) || !isCount(parts)) {
    return undefined;
  }
  return part < parts ? { type: "everyone", version, part, parts, people } : undefined;
}

function decodePeople(value: unknown): readonly PresenceEntry[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const people: PresenceEntry[] = [];
  for (const fields of value) {
    if (!isObject(fields)) return undefined;
    const { user, name, connections, rooms, goesOn } = fields;
    if (!isCount(user) || !isCount(connections)) return undefined;
    if (!Array.isArray(rooms) || !rooms.every(isCount)) return undefined;
    if (connections === 0) people.push({ user, name: "", connections, rooms: [] });
    else if (!isName(name)) return undefined;
    else if (goesOn === true) people.push({ user, name, connections, rooms, goesOn });
    else people.push({ user, name, connections, rooms });
  }
  return people;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isServerId(value: unknown): value is ServerId {
  return typeof value === "string" && SERVER_ID.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= LONGEST_NAME &&
    !hasRefusedCharacters(value);
}

function isRole(value: unknown): value is Role {
  return ROLES.has(value);
}
