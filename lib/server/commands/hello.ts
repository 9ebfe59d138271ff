// hello and login: who the user is, and what a client must know first (protocol §3).

import { type Auth, PROTOCOL_VERSION } from "../../wire/frames/session.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import type { RoomSummary } from "../../wire/summaries.ts";
import { ANNOUNCED_LIMITS } from "../../wire/limits.ts";
import { ChatError } from "../../wire/errors.ts";
import type { OpenPrincipal } from "../../chat/people/principal.ts";
import { summarizeOwnRoom } from "./rooms.ts";
import { hashToken, newToken } from "../tokens.ts";
import { refusalFrame } from "../internal_errors.ts";
import { PROGRAM_NAME } from "../../version.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";

const FEATURES = ["history", "resume", "read", "desk", "decisions", "private", "direct"] as const;
const METHODS = ["guest", "token"] as const;
/** How many memberships a welcome lists. */
const WELCOME_ROOMS = 100;
/** The shortest `idle_ms` that a client may ask for. */
const SHORTEST_IDLE_MS = 1_000;
/** After how many milliseconds a user with too many sessions may try again: this, and up to twice this. */
const BUSY_MS = 250;

export const hello: Command<"hello"> = {
  needs: "nobody",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { session } = context;
    if (session.isGreeted) {
      throw new ChatError("bad_state", 'This connection has sent "hello" before');
    }
    const login = frame.auth === undefined ? undefined : await prepare(frame.auth, context);
    if (login !== undefined && "reply" in login) return login;
    session.greet({ idleMs: chooseIdleMs(frame, context) });
    return { reply: welcome(login, context) };
  },
};

export const login: Command<"login"> = {
  needs: "nobody",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { session } = context;
    if (!session.isGreeted) throw new ChatError("bad_state", 'Send "hello" before "login"');
    if (session.principal !== undefined) {
      throw new ChatError(
        "bad_state",
        `This connection is logged in as "${session.principal.name}"`,
      );
    }
    const login = await prepare(frame.auth, context);
    return "reply" in login ? login : { reply: welcome(login, context) };
  },
};

/** A user that may log in. Nothing more is to be looked up, and the session is still as it was. */
interface PreparedLogin {
  /** Holds the user's name; to be closed when the login fails. */
  readonly principal: OpenPrincipal;
  /** A new token; missing when the user came by one. */
  readonly token?: string;
  /** The rooms of the user, the latest first, and whether there are more. */
  readonly rooms: readonly RoomSummary[];
  readonly more: boolean;
}

/** A login that failed: its reply, and what follows the reply. */
type FailedLogin = Required<Pick<CommandResult, "reply">> & CommandResult;

function prepare(auth: Auth, context: CommandContext): Promise<PreparedLogin | FailedLogin> {
  switch (auth.method) {
    case "guest":
      return prepareGuest(auth.name, context);
    case "token":
      return prepareByToken(auth.token, context);
  }
}

async function prepareGuest(name: string, { hub }: CommandContext): Promise<PreparedLogin> {
  const token = newToken();
  const now = hub.clock.now();
  const principal = await hub.naming.admitGuest(name, { tokenHash: hashToken(token), now });
  return { principal, token, rooms: [], more: false };
}

async function prepareByToken(
  token: string,
  context: CommandContext,
): Promise<PreparedLogin | FailedLogin> {
  const { hub, session, limits } = context;
  session.admission.checkAuthRate();
  const known = context.processTokens.get(token) ??
    await hub.naming.findByToken(hashToken(token), { now: hub.clock.now() });
  if (known === undefined) {
    const refusal = new ChatError("auth_failed", "This token is not known, or it has expired");
    return { reply: refusalFrame(refusal), after: session.noteAuthFailure() };
  }
  // Only connections to this server count: a notice of another server must not lock a user out.
  const most = limits.sessions_per_user;
  if ((hub.names.findHere(known.id)?.connections ?? 0) >= most) {
    throw new ChatError("busy", `A user may have at most ${most} connections at a time`, {
      retry: true,
      afterMs: BUSY_MS + Math.floor(Math.random() * BUSY_MS),
    });
  }
  const principal = await hub.naming.admitByToken(known);
  try {
    const options = { order: "activity", limit: WELCOME_ROOMS } as const;
    const { rooms, more } = await hub.memberships.ofPrincipal(principal, options);
    return { principal, rooms: rooms.map((room) => summarizeOwnRoom(principal, room)), more };
  } catch (error) {
    principal.close();
    throw error;
  }
}

/** Logs in and answers in one step: a hello that fails has changed nothing and may be sent again. */
function welcome(
  login: PreparedLogin | undefined,
  context: CommandContext,
): ServerFrame<"welcome"> {
  const { hub, limits, session } = context;
  const announced: Record<string, number> = {};
  for (const name of ANNOUNCED_LIMITS) announced[name] = limits[name];
  announced.idle_ms = session.idleMs;
  const base = {
    type: "welcome",
    version: PROTOCOL_VERSION,
    server: PROGRAM_NAME,
    epoch: hub.epoch,
    time: hub.clock.now(),
    features: FEATURES,
    limits: announced,
  } as const;
  if (login === undefined) {
    return { ...base, you: null, nonce: newToken(), methods: METHODS, rooms: [] };
  }
  const { token, rooms, more, principal } = login;
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
