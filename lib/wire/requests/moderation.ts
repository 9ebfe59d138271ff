// Decodes the requests of moderation (protocol §12).

import { ChatError } from "../errors.ts";
import { badField, findInteger, findPageLimit, getAccountName, getRoom } from "../fields.ts";
import {
  type ActTarget,
  type ModerationRequests,
  type Standing,
  STANDINGS,
} from "../frames/moderation.ts";
import type { Fields } from "../json.ts";
import { hasRefusedCharacters, isLongerThan } from "../text.ts";
import { type Decoders, FROM_ONE, getOn } from "./decoder.ts";
import { formatNetwork, parseNetwork } from "./network.ts";

/** The longest time that a mute or a ban may be given, in milliseconds: ten years of 365 days. */
const LONGEST_MS = 10 * 365 * 24 * 3_600_000;
const REASON_BYTES = 500;
const NETWORK_TAKES = 'an IP address or a network, like "192.0.2.7" or "2001:db8::/32"';

export const MODERATION_DECODERS: Decoders<keyof ModerationRequests> = {
  standing: ({ id, body }) => ({
    type: "standing",
    id,
    room: getRoom(body),
    user: getUser(body),
    standing: getStanding(body),
    for_ms: findDuration(body),
    reason: findReason(body),
  }),
  kick: ({ id, body }) => ({
    type: "kick",
    id,
    room: findRoom(body),
    ...getTarget(body),
    reason: findReason(body),
  }),
  ban: ({ id, body }) => ({
    type: "ban",
    id,
    room: findRoom(body),
    ...getTarget(body),
    for_ms: findDuration(body),
    reason: findReason(body),
  }),
  unban: ({ id, body }) => ({
    type: "unban",
    id,
    room: findRoom(body),
    ...getTarget(body),
    reason: findReason(body),
  }),
  bans: ({ id, body }, limits) => ({
    type: "bans",
    id,
    room: findRoom(body),
    after: findInteger(body, "after", FROM_ONE),
    limit: findPageLimit(body, limits),
  }),
  moderation: ({ id, body }, limits) => ({
    type: "moderation",
    id,
    room: findRoom(body),
    before: findInteger(body, "before", FROM_ONE),
    limit: findPageLimit(body, limits),
  }),
  panic: ({ id, body }) => ({ type: "panic", id, on: getOn(body), reason: findReason(body) }),
  ignore: ({ id, body }) => ({ type: "ignore", id, user: getUser(body), on: getOn(body) }),
  ignores: ({ id }) => ({ type: "ignores", id }),
};

function findRoom(fields: Fields): string | undefined {
  return fields.room === undefined ? undefined : getRoom(fields);
}

/** The name of a user. @throws {ChatError} bad_field, or bad_name for a string */
function getUser({ user }: Fields): string {
  if (typeof user !== "string") {
    throw badField("user", { found: user, expected: "the name of a user" });
  }
  return getAccountName({ name: user }, "user");
}

/** Exactly one of `user` and `network`. @throws {ChatError} */
function getTarget(fields: Fields): ActTarget {
  const { user, network } = fields;
  if (user !== undefined && network !== undefined) {
    const message = 'Field "network" is one too many beside "user": name one of the two';
    throw new ChatError("bad_field", message, { field: "network" });
  }
  if (network === undefined) return { user: getUser(fields) };
  const parsed = typeof network === "string" ? parseNetwork(network) : undefined;
  if (parsed !== undefined) return { network: formatNetwork(parsed) };
  throw badField("network", { found: network, expected: NETWORK_TAKES });
}

function getStanding({ standing }: Fields): Standing {
  const known = STANDINGS.find((one) => one === standing);
  if (known !== undefined) return known;
  throw badField("standing", { found: standing, expected: "owner, moderator, member or muted" });
}

/** For how many milliseconds it holds. */
function findDuration(fields: Fields): number | undefined {
  const ms = findInteger(fields, "for_ms", FROM_ONE);
  if (ms === undefined || ms <= LONGEST_MS) return ms;
  throw badField("for_ms", { found: ms, expected: `at most ${LONGEST_MS}, ten years` });
}

/** Why: one line for people. */
function findReason({ reason }: Fields): string | undefined {
  if (reason === undefined) return undefined;
  const isReason = typeof reason === "string" && reason !== "" && !/[\n\t]/.test(reason) &&
    !isLongerThan(reason, REASON_BYTES) && !hasRefusedCharacters(reason);
  if (isReason) return reason;
  throw badField("reason", { found: reason, expected: `one line of 1 to ${REASON_BYTES} bytes` });
}
