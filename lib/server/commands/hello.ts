// hello and login: who is there, and what they need to know first (protocol §3).

import type { Auth, ClientFrame, RoomSummary, ServerFrame } from "../../wire/frame.ts";
import { PROTOCOL_VERSION } from "../../wire/frame.ts";
import { ANNOUNCED_LIMITS } from "../../wire/limits.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Identity } from "../../chat/access.ts";
import { may } from "../../chat/access.ts";
import type { Hub } from "../../chat/hub.ts";
import type { Presence } from "../../chat/name_registry.ts";
import type { Membership, UserRecord } from "../../store/repository.ts";
import { hashToken, newToken } from "./tokens.ts";
import { refusalFrame } from "../faults.ts";
import { SERVER_NAME } from "../version.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";

const FEATURES = ["history", "resume", "read", "desk"] as const;
const METHODS = ["guest", "token"] as const;
/** How many memberships a welcome lists. */
const WELCOME_ROOMS = 100;
/** The shortest silence a client may ask to be cut after, in milliseconds. */
const SHORTEST_IDLE_MS = 1_000;
/** When a user with too many sessions may try again: after this, and up to as much again. */
const BUSY_MS = 250;

export const hello: Command<"hello"> = {
  needs: "nobody",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { session } = context;
    if (session.isGreeted) {
      throw new ChatError("bad_state", "This connection has said hello before");
    }
    const arrival = frame.auth === undefined ? undefined : await arrive(frame.auth, context);
    if (arrival !== undefined && "reply" in arrival) return arrival;
    session.greet({ idleMs: chooseIdleMs(frame, context) });
    return { reply: welcome(arrival, context) };
  },
};

export const login: Command<"login"> = {
  needs: "nobody",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { session } = context;
    if (!session.isGreeted) throw new ChatError("bad_state", "Say hello before login");
    if (session.identity !== undefined) {
      throw new ChatError(
        "bad_state",
        `This connection is logged in as "${session.identity.name}"`,
      );
    }
    const arrival = await arrive(frame.auth, context);
    return "reply" in arrival ? arrival : { reply: welcome(arrival, context) };
  },
};

/** A user that may log in. The store was asked for everything; the session knows nothing yet. */
interface Arrival {
  readonly user: UserRecord;
  /** Holds the user's name. */
  readonly presence: Presence;
  /** When it is new. */
  readonly token?: string;
  readonly memberships: readonly RoomSummary[];
}

/** A login that failed: its reply, and what follows the reply. */
type FailedLogin = Required<Pick<CommandResult, "reply">> & CommandResult;

function arrive(auth: Auth, context: CommandContext): Promise<Arrival | FailedLogin> {
  switch (auth.method) {
    case "guest":
      return arriveAsGuest(auth.name, context);
    case "token":
      return arriveByToken(auth.token, context);
  }
}

async function arriveAsGuest(name: string, { hub }: CommandContext): Promise<Arrival> {
  const token = newToken();
  const now = hub.clock.now();
  const named = await hub.naming.admitGuest(name, { tokenHash: hashToken(token), now });
  return { ...named, token, memberships: [] };
}

async function arriveByToken(
  token: string,
  context: CommandContext,
): Promise<Arrival | FailedLogin> {
  const { hub, session, limits } = context;
  context.addresses.checkAuthRate(session.address);
  const { users, members } = hub.repository;
  const known = await users.findByToken(hashToken(token), { now: hub.clock.now() });
  if (known === undefined) {
    const refusal = new ChatError("auth_failed", "This token is not known here, or no longer good");
    return { reply: refusalFrame(refusal), after: session.noteAuthFailure() };
  }
  // Those that are here: what another server says of its own must lock nobody out.
  const most = limits.sessions_per_user;
  if ((hub.names.findHere(known.id)?.connections ?? 0) >= most) {
    throw new ChatError("busy", `At most ${most} sessions of one user at a time`, {
      retry: true,
      afterMs: BUSY_MS + Math.floor(Math.random() * BUSY_MS),
    });
  }
  const { user, presence } = await hub.naming.welcomeBack(known);
  try {
    const listed = await members.ofUser(user.id, { order: "activity", limit: WELCOME_ROOMS + 1 });
    const identity = { user: user.id, name: presence.name, role: user.role };
    const memberships = summarizeMemberships(listed, { hub, identity });
    return { user, presence, memberships };
  } catch (error) {
    presence.release();
    throw error;
  }
}

/** Logs in and says so in one step: a hello that fails has changed nothing, and may be said again. */
function welcome(arrival: Arrival | undefined, context: CommandContext): ServerFrame<"welcome"> {
  const { hub, limits, session } = context;
  const told: Record<string, number> = {};
  for (const name of ANNOUNCED_LIMITS) told[name] = limits[name];
  told.idle_ms = session.idleMs;
  const base = {
    type: "welcome",
    version: PROTOCOL_VERSION,
    server: SERVER_NAME,
    epoch: hub.repository.epoch,
    time: hub.clock.now(),
    features: FEATURES,
    limits: told,
  } as const;
  if (arrival === undefined) {
    return { ...base, you: null, nonce: newToken(), methods: METHODS, rooms: [] };
  }
  const { token, memberships } = arrival;
  const { user, name, role } = enter(arrival, context);
  return {
    ...base,
    you: { user, name, role },
    ...(token === undefined ? undefined : { token }),
    rooms: memberships.slice(0, WELCOME_ROOMS),
    ...(memberships.length > WELCOME_ROOMS ? { more_rooms: true } : undefined),
  };
}

function enter({ user, presence }: Arrival, { session }: CommandContext): Identity {
  try {
    return session.logIn(user, presence);
  } catch (error) {
    presence.release();
    throw error;
  }
}

/** How memberships are told to their user: with what is unread. */
export function summarizeMemberships(
  memberships: readonly Membership[],
  { hub, identity }: { hub: Hub; identity: Identity },
): RoomSummary[] {
  return memberships.filter(({ room }) => may(identity, "see", room)).map(
    ({ room, read, unread, mentions }) => ({
      room: room.name,
      first: room.first,
      last: hub.findLoadedById(room.id)?.deliveredSeq ?? room.last,
      read,
      unread,
      mentions,
    }),
  );
}

/** Only a loopback peer may be silent for ever, or for longer than others. */
function chooseIdleMs(
  frame: ClientFrame<"hello">,
  { limits, session }: CommandContext,
): number {
  const asked = frame.idle_ms;
  if (asked === undefined) return limits.idle_ms;
  if (session.isLoopback) return asked === 0 ? 0 : Math.max(asked, SHORTEST_IDLE_MS);
  return asked === 0 ? limits.idle_ms : Math.min(Math.max(asked, SHORTEST_IDLE_MS), limits.idle_ms);
}
