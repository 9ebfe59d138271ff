// The arguments of the administrator's commands, checked as far as that is possible without the server.

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { isIP } from "node:net";
import { isRoomName, isRoomRef } from "../../wire/room_ref.ts";
import { isAccountName } from "../../wire/text.ts";
import { ACCOUNT_ROLES, type AccountRole, type Banned } from "./admin_command.ts";

const SCOPES = ["read", "send", "ask", "desk", "answer"];
const LABEL_CHARACTERS = 64;

/** With or without the `@` that people write before a name. @throws {InvalidArgumentError} */
export function parseUser(text: string): string {
  const name = text.replace(/^@/, "");
  if (isAccountName(name)) return name;
  throw new InvalidArgumentError("A name is 2 to 32 letters, digits, - and _, a letter first.");
}

/** @throws {InvalidArgumentError} */
export function parseRole(text: string): AccountRole {
  const role = ACCOUNT_ROLES.find((known) => known === text);
  if (role !== undefined) return role;
  throw new InvalidArgumentError(`A role is ${ACCOUNT_ROLES.join(", ")}.`);
}

/** With or without the `#`. @throws {InvalidArgumentError} */
export function parseNamedRoom(text: string): string {
  const room = text.replace(/^#/, "");
  if (isRoomName(room)) return room;
  throw new InvalidArgumentError("A room's name is letters, digits, - and _, a letter first.");
}

/** `lobby,ops`. @throws {InvalidArgumentError} */
export function parseRooms(text: string): readonly string[] {
  return splitList(text).map(parseNamedRoom);
}

/** `read,send:ops`. @throws {InvalidArgumentError} */
export function parseScopes(text: string): readonly string[] {
  const scopes = splitList(text);
  const isKnown = (scope: string) => {
    const [what = "", room] = scope.split(/:(.*)/s);
    return SCOPES.includes(what) && (room === undefined || isRoomRef(room));
  };
  if (scopes.length > 0 && scopes.every(isKnown)) return scopes;
  throw new InvalidArgumentError(
    "Scopes are read, send, ask, desk and answer, the first two also of one room: send:ops.",
  );
}

/** @throws {InvalidArgumentError} */
export function parseNumber(text: string): number {
  const number = Number(text);
  if (/^\d{1,15}$/.test(text) && number > 0) return number;
  throw new InvalidArgumentError("It must be a whole number from 1 on.");
}

/** An account, or an address or network: `bob`, `203.0.113.7`, `2001:db8::/48`. @throws */
export function parseBanned(text: string): Banned {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0) return { user: parseUser(text) };
  const bits = family === 4 ? 32 : 128;
  const isNetwork = prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits && rest.length === 0);
  if (isNetwork) return { network: text };
  throw new InvalidArgumentError(`A network is like 203.0.113.0/24, with at most /${bits}.`);
}

/** @throws {InvalidArgumentError} */
export function parseSwitch(text: string): boolean {
  if (text === "on" || text === "off") return text === "on";
  throw new InvalidArgumentError("It is on or off.");
}

/** @throws {InvalidArgumentError} */
export function parseLabel(text: string): string {
  if (text !== "" && text.length <= LABEL_CHARACTERS && !/\p{Cc}/u.test(text)) return text;
  throw new InvalidArgumentError(`A label is 1 to ${LABEL_CHARACTERS} characters on one line.`);
}

/** The parts between commas, without blanks. */
export function splitList(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}
