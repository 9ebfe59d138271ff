// Decodes the requests about tokens and codes (protocol §3.6 to §3.9). No error repeats a secret.

import { ChatError } from "../errors.ts";
import { badField, findInteger, findPageLimit, getAccountName, getInteger } from "../fields.ts";
import { CODE_KINDS, type CodeKind, type CredentialRequests } from "../frames/credentials.ts";
import { SCOPE_NAMES } from "../frames/scopes.ts";
import { type Role, ROLES } from "../frames/roles.ts";
import type { Fields } from "../json.ts";
import { isRoomName, isRoomRef } from "../room_ref.ts";
import { parseCode } from "../secrets/code_format.ts";
import { hasRefusedCharacters, isAccountName, quote } from "../text.ts";
import { type Decoders, FROM_ZERO } from "./decoder.ts";

const FROM_ONE = { least: 1 };
const LABEL_CHARACTERS = 64;
const MOST_ROOMS = 20;
const MOST_SCOPES = 20;
const CODE_CHARACTERS = 64;

export const CREDENTIAL_DECODERS: Decoders<keyof CredentialRequests> = {
  tokens: ({ id, body }, limits) => ({
    type: "tokens",
    id,
    user: findUser(body),
    after: findInteger(body, "after", FROM_ZERO),
    limit: findPageLimit(body, limits),
  }),
  revoke: ({ id, body }) => ({ type: "revoke", id, token: getInteger(body, "token", FROM_ONE) }),
  logout: ({ id }) => ({ type: "logout", id }),
  token: ({ id, body }) => ({
    type: "token",
    id,
    label: getLabel(body),
    scopes: getScopes(body),
    user: findUser(body),
    expires_ms: findInteger(body, "expires_ms", FROM_ONE),
  }),
  code: ({ id, body }) => ({
    type: "code",
    id,
    kind: getKind(body),
    role: findRole(body),
    rooms: findRooms(body),
    uses: findInteger(body, "uses", FROM_ONE),
    expires_ms: findInteger(body, "expires_ms", FROM_ONE),
    user: findUser(body),
  }),
  codes: ({ id, body }, limits) => ({
    type: "codes",
    id,
    after: findInteger(body, "after", FROM_ZERO),
    limit: findPageLimit(body, limits),
  }),
  revoke_code: ({ id, body }) => ({
    type: "revoke_code",
    id,
    code: getInteger(body, "code", FROM_ONE),
  }),
  look: ({ id, body }) => ({ type: "look", id, code: getCode(body, "code") }),
};

/** What a person has typed as a code; in its one form if it has that of a code. */
export function getCode({ code }: Fields, field: string): string {
  if (typeof code === "string" && code !== "" && code.length <= CODE_CHARACTERS) {
    return parseCode(code) ?? "";
  }
  throw badField(field, { found: code, expected: "a code of 16 letters and digits" });
}

function findUser({ user }: Fields): string | undefined {
  if (user === undefined) return undefined;
  if (typeof user === "string" && isAccountName(user)) return user;
  return getAccountName({ name: user }, "user");
}

function getLabel({ label }: Fields): string {
  const isLabel = typeof label === "string" && label.trim() !== "" &&
    label.length <= LABEL_CHARACTERS && !hasRefusedCharacters(label) && !/[\n\t]/.test(label);
  if (isLabel) return label;
  const expected = `1 to ${LABEL_CHARACTERS} characters that say what it is for`;
  throw badField("label", { found: label, expected });
}

const SCOPES: ReadonlySet<string> = new Set(SCOPE_NAMES);
const SCOPES_TAKEN = `${SCOPE_NAMES.map(quote).join(", ")}, or for one room "send:ops"`;

/** The first two also for one room: `send:ops`. */
function getScopes({ scopes }: Fields): readonly string[] {
  const expected = `1 to ${MOST_SCOPES} of ${SCOPES_TAKEN}`;
  if (!Array.isArray(scopes) || scopes.length < 1 || scopes.length > MOST_SCOPES) {
    throw badField("scopes", { found: scopes, expected });
  }
  return scopes.map((scope: unknown, at) => {
    if (typeof scope === "string" && isScope(scope)) return scope;
    const field = `scopes.${at}`;
    if (typeof scope !== "string") throw badField(field, { found: scope, expected });
    const message = `There is no scope ${quote(scope)}: field "${field}" takes ${SCOPES_TAKEN}`;
    throw new ChatError("bad_field", message, { field });
  });
}

function isScope(text: string): boolean {
  const [verb, room, ...rest] = text.split(":");
  if (rest.length > 0) return false;
  if (room === undefined) return SCOPES.has(verb ?? "");
  return (verb === "read" || verb === "send") && isRoomName(room);
}

function getKind({ kind }: Fields): CodeKind {
  const known = CODE_KINDS.find((one) => one === kind);
  if (known !== undefined) return known;
  throw badField("kind", { found: kind, expected: '"join", "reset" or "device"' });
}

function findRole({ role }: Fields): Role | undefined {
  if (role === undefined) return undefined;
  const known = ROLES.find((one) => one === role);
  if (known !== undefined && known !== "guest") return known;
  throw badField("role", { found: role, expected: '"member", "operator" or "admin"' });
}

function findRooms({ rooms }: Fields): readonly string[] | undefined {
  if (rooms === undefined) return undefined;
  if (!Array.isArray(rooms) || rooms.length > MOST_ROOMS) {
    throw badField("rooms", { found: rooms, expected: `a list of at most ${MOST_ROOMS} rooms` });
  }
  return rooms.map((room: unknown, at) => {
    if (typeof room === "string" && isRoomRef(room)) return room;
    throw badField(`rooms.${at}`, { found: room, expected: "the name of a room" });
  });
}
