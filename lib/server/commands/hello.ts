// hello and login: who is there, and what they need to know first (protocol §3).

import type { Auth, ClientFrame, RoomSummary, ServerFrame } from "../../wire/frame.ts";
import { PROTOCOL_VERSION } from "../../wire/frame.ts";
import { ANNOUNCED_LIMITS } from "../../wire/limits.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Identity } from "../../chat/authorize.ts";
import { may } from "../../chat/authorize.ts";
import { nameKey } from "../../chat/names.ts";
import type { Hub } from "../../chat/hub.ts";
import type { Membership } from "../../store/repository.ts";
import { hashToken, newToken } from "../tokens.ts";
import { SERVER_NAME } from "../version.ts";
import type { Command, CommandContext } from "./command.ts";

const FEATURES = ["history", "resume", "read", "desk"] as const;
const METHODS = ["guest", "token"] as const;
/** How many memberships a welcome lists. */
const WELCOME_ROOMS = 100;
/** The shortest silence a client may ask to be cut after, in milliseconds. */
const SHORTEST_IDLE_MS = 1_000;

export const hello: Command<"hello"> = {
  needs: "nobody",
  bucket: "requests",
  async run(frame, context): Promise<ServerFrame> {
    const { session } = context;
    if (session.isGreeted) {
      throw new ChatError("bad_state", "This connection has said hello before");
    }
    if (frame.version !== PROTOCOL_VERSION) {
      throw new ChatError("bad_field", `This server speaks version ${PROTOCOL_VERSION}`, {
        field: "version",
      });
    }
    const loggedIn = frame.auth === undefined ? undefined : await logIn(frame.auth, context);
    session.greet({ idleMs: chooseIdleMs(frame, context) });
    return welcome(context, loggedIn);
  },
};

export const login: Command<"login"> = {
  needs: "nobody",
  bucket: "requests",
  async run(frame, context): Promise<ServerFrame> {
    const { session } = context;
    if (!session.isGreeted) throw new ChatError("bad_state", "Say hello before login");
    if (session.identity !== undefined) {
      throw new ChatError(
        "bad_state",
        `This connection is logged in as "${session.identity.name}"`,
      );
    }
    return welcome(context, await logIn(frame.auth, context));
  },
};

/** A user who has just logged in, with the token when it is new. */
interface LoggedIn {
  readonly identity: Identity;
  readonly token?: string;
}

function logIn(auth: Auth, context: CommandContext): Promise<LoggedIn> {
  switch (auth.method) {
    case "guest":
      return logInGuest(auth.name, context);
    case "token":
      return logInByToken(auth.token, context);
  }
}

async function logInGuest(name: string, { hub, session }: CommandContext): Promise<LoggedIn> {
  const presence = hub.names.claim(name);
  try {
    const { users } = hub.repository;
    if (await users.isAccountName(nameKey(name))) {
      throw new ChatError("name_taken", `"${name}" is somebody's account`, { field: "auth.name" });
    }
    const token = newToken();
    const user = await users.createGuest({
      name,
      tokenHash: await hashToken(token),
      now: hub.clock.now(),
    });
    presence.settle(user.id);
    return { identity: session.logIn(user, presence), token };
  } catch (error) {
    presence.release();
    throw error;
  }
}

async function logInByToken(token: string, context: CommandContext): Promise<LoggedIn> {
  const { hub, session, limits } = context;
  context.checkAuthRate(session);
  const { users } = hub.repository;
  const user = await users.findByToken(await hashToken(token), { now: hub.clock.now() });
  if (user === undefined) {
    session.noteAuthFailure();
    throw new ChatError("auth_failed", "This token is not known here, or no longer good");
  }
  if (hub.names.connectionsOf(user.id) >= limits.sessions_per_user) {
    throw new ChatError("busy", `At most ${limits.sessions_per_user} sessions of one user`);
  }
  const presence = hub.names.enter(user.id, user.name);
  try {
    if (presence.name !== user.name) await users.rename(user.id, presence.name);
    return { identity: session.logIn({ ...user, name: presence.name }, presence) };
  } catch (error) {
    presence.release();
    throw error;
  }
}

async function welcome(
  context: CommandContext,
  loggedIn: LoggedIn | undefined,
): Promise<ServerFrame<"welcome">> {
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
  if (loggedIn === undefined) {
    return { ...base, you: null, nonce: newToken(), methods: METHODS, rooms: [] };
  }
  const { user, name, role } = loggedIn.identity;
  const memberships = await hub.repository.members.ofUser(user, {
    order: "activity",
    limit: WELCOME_ROOMS + 1,
  });
  const rooms = await summarizeMemberships(memberships.slice(0, WELCOME_ROOMS), {
    hub,
    identity: loggedIn.identity,
  });
  return {
    ...base,
    you: { user, name, role },
    ...(loggedIn.token === undefined ? undefined : { token: loggedIn.token }),
    rooms,
    ...(memberships.length > WELCOME_ROOMS ? { more_rooms: true } : undefined),
  };
}

/** How memberships are told to their user: with what is unread. */
export async function summarizeMemberships(
  memberships: readonly Membership[],
  { hub, identity }: { hub: Hub; identity: Identity },
): Promise<RoomSummary[]> {
  const summaries: RoomSummary[] = [];
  for (const { room, read } of memberships) {
    if (!may(identity, "see", room)) continue;
    const last = hub.findLoaded(room.name)?.told ?? room.last;
    const unread = last <= read ? { unread: 0, mentions: 0 } : await hub.repository.members.unread({
      room: room.id,
      user: identity.user,
      name: identity.name,
      read,
    });
    summaries.push({ room: room.name, first: room.first, last, read, ...unread });
  }
  return summaries;
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
