// hello and login: who is there, and what they need to know first (protocol §3).

import type { Auth, ClientFrame, RoomSummary, ServerFrame } from "../../wire/frame.ts";
import { PROTOCOL_VERSION } from "../../wire/frame.ts";
import { ANNOUNCED_LIMITS } from "../../wire/limits.ts";
import { ChatError } from "../../wire/errors.ts";
import type { OpenPrincipal } from "../../chat/principal.ts";
import { summarizeOwnRoom } from "./rooms.ts";
import { hashToken, newToken } from "./tokens.ts";
import { refusalFrame } from "../faults.ts";
import { PROGRAM_NAME } from "../../version.ts";
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
    if (session.principal !== undefined) {
      throw new ChatError(
        "bad_state",
        `This connection is logged in as "${session.principal.name}"`,
      );
    }
    const arrival = await arrive(frame.auth, context);
    return "reply" in arrival ? arrival : { reply: welcome(arrival, context) };
  },
};

/** A user that may log in. The store was asked for everything; the session knows nothing yet. */
interface Arrival {
  /** Holds the user's name. */
  readonly principal: OpenPrincipal;
  /** When it is new. */
  readonly token?: string;
  /** The rooms of the user, the latest first, and whether there are more. */
  readonly rooms: readonly RoomSummary[];
  readonly more: boolean;
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
  const principal = await hub.naming.admitGuest(name, { tokenHash: hashToken(token), now });
  return { principal, token, rooms: [], more: false };
}

async function arriveByToken(
  token: string,
  context: CommandContext,
): Promise<Arrival | FailedLogin> {
  const { hub, session, limits } = context;
  session.admission.checkAuthRate();
  const known = context.processTokens.get(token) ??
    await hub.naming.findByToken(hashToken(token), { now: hub.clock.now() });
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
  const principal = await hub.naming.welcomeBack(known);
  try {
    const options = { order: "activity", limit: WELCOME_ROOMS } as const;
    const { rooms, more } = await hub.memberships.ofPrincipal(principal, options);
    return { principal, rooms: rooms.map(summarizeOwnRoom), more };
  } catch (error) {
    principal.close();
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
    server: PROGRAM_NAME,
    epoch: hub.epoch,
    time: hub.clock.now(),
    features: FEATURES,
    limits: told,
  } as const;
  if (arrival === undefined) {
    return { ...base, you: null, nonce: newToken(), methods: METHODS, rooms: [] };
  }
  const { token, rooms, more, principal } = arrival;
  logIn(principal, context);
  const { user, name, role } = principal;
  return {
    ...base,
    you: { user, name, role },
    token,
    rooms,
    more_rooms: more ? true : undefined,
  };
}

function logIn(principal: OpenPrincipal, { session }: CommandContext): void {
  try {
    session.logIn(principal);
  } catch (error) {
    principal.close();
    throw error;
  }
}

/** Only a peer on the server's own machine may be silent without limit, or for longer than others. */
function chooseIdleMs(
  frame: ClientFrame<"hello">,
  { limits, session }: CommandContext,
): number {
  const asked = frame.idle_ms;
  if (asked === undefined) return limits.idle_ms;
  if (session.admission.isExempt) return asked === 0 ? 0 : Math.max(asked, SHORTEST_IDLE_MS);
  return asked === 0 ? limits.idle_ms : Math.min(Math.max(asked, SHORTEST_IDLE_MS), limits.idle_ms);
}
