// Decodes the requests about accounts (protocol §3.10). No error repeats a password.

import { ChatError } from "../errors.ts";
import {
  badField,
  findAfter,
  findBoolean,
  findPageLimit,
  getAccountName,
  getUserName,
} from "../fields.ts";
import { ACCOUNT_STATES, type AccountState, type PeopleRequests } from "../frames/people.ts";
import { type Role, ROLES } from "../frames/roles.ts";
import type { Fields } from "../json.ts";
import { isLongEnough, normalizePassword, PASSWORD_RULE } from "../secrets/password.ts";
import type { Decoders } from "./decoder.ts";

export const PEOPLE_DECODERS: Decoders<keyof PeopleRequests> = {
  register: ({ id, body }) => ({
    type: "register",
    id,
    name: body.name === undefined ? undefined : getAccountName(body, "name"),
    password: findNewPassword(body, "password"),
  }),
  password: ({ id, body }) => ({
    type: "password",
    id,
    old: body.old === undefined ? undefined : getPassword(body, "old"),
    new: getNewPassword(body, "new"),
  }),
  account: ({ id, body }) => ({
    type: "account",
    id,
    name: getAccountName(body, "name"),
    role: findAccountRole(body),
    bot: findBoolean(body, "bot"),
    state: findState(body),
  }),
  accounts: ({ id, body }, limits) => ({
    type: "accounts",
    id,
    after: findAfter(body),
    limit: findPageLimit(body, limits),
  }),
  whois: ({ id, body }) => ({ type: "whois", id, user: getUserName(body) }),
};

/** A password as typed, in the form in which passwords are compared. @throws {ChatError} bad_field */
export function getPassword(fields: Fields, field: string, path = field): string {
  const value = fields[field];
  const password = typeof value === "string" ? normalizePassword(value) : undefined;
  if (password !== undefined) return password;
  // Never its length or its content.
  const found = typeof value === "string" ? undefined : value;
  if (found !== value) {
    throw new ChatError("bad_field", `Field "${path}" takes ${PASSWORD_RULE}`, { field: path });
  }
  throw badField(path, { found, expected: PASSWORD_RULE });
}

/** A password that is to be set. @throws {ChatError} bad_field */
function getNewPassword(fields: Fields, field: string, path = field): string {
  const password = getPassword(fields, field, path);
  if (isLongEnough(password)) return password;
  throw new ChatError("bad_field", `Field "${path}" takes ${PASSWORD_RULE}`, { field: path });
}

/** The same, where none may be given. */
export function findNewPassword(
  fields: Fields,
  field: string,
  path = field,
): string | undefined {
  return fields[field] === undefined ? undefined : getNewPassword(fields, field, path);
}

function findAccountRole({ role }: Fields): Role | undefined {
  if (role === undefined) return undefined;
  const known = ROLES.find((one) => one === role);
  if (known !== undefined && known !== "guest") return known;
  throw badField("role", { found: role, expected: '"member", "operator" or "admin"' });
}

function findState({ state }: Fields): AccountState | undefined {
  if (state === undefined) return undefined;
  const known = ACCOUNT_STATES.find((one) => one === state);
  if (known !== undefined) return known;
  throw badField("state", { found: state, expected: '"active" or "suspended"' });
}
