// hello and login: who the user is, and what a client must know first (protocol §3).

import { type Auth, PROTOCOL_VERSION } from "../../wire/frames/session.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { ANNOUNCED_LIMITS } from "../../wire/limits.ts";
import { ChatError } from "../../wire/errors.ts";
import type { OpenPrincipal } from "../../chat/people/principal.ts";
import { hashToken, newToken } from "../tokens.ts";
import { isDamagedToken } from "../../wire/secrets/token_format.ts";
import { refusalFrame } from "../internal_errors.ts";
import { PROGRAM_NAME } from "../../version.ts";
import type { Command, CommandContext, CommandResult } from "./command.ts";
import { prepareByPassword } from "./people/password_login.ts";
import { prepareByCode } from "./people/code_login.ts";
import {
  checkMayEnter,
  type FailedLogin,
  type PreparedLogin,
  withRooms,
} from "./people/prepared_login.ts";

const FEATURES = [
  "history",
  "resume",
  "read",
  "desk",
  "accounts",
  "decisions",
  "private",
  "direct",
  "moderation",
  "search",
  "edits",
  "inbox",
] as const;
const METHODS = ["guest", "token", "password", "code"] as const;
/** The shortest `idle_ms` that a client may ask for. */
const SHORTEST_IDLE_MS = 1_000;
export const hello: Command<"hello"> = {
  needs: "nobody",
  scope: "none",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { session } = context;
    if (session.isGreeted) {
      throw new ChatError("bad_state", 'This connection has sent "hello" before');
    }
    const { auth, client } = frame;
    session.noteClient(client);
    const login = auth === undefined ? undefined : await prepare(auth, context);
    if (login !== undefined && "reply" in login) return login;
    session.greet({ idleMs: chooseIdleMs(frame, context) });
    return { reply: welcome(login, context) };
  },
};

export const login: Command<"login"> = {
  needs: "nobody",
  scope: "none",
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

function prepare(auth: Auth, context: CommandContext): Promise<PreparedLogin | FailedLogin> {
  switch (auth.method) {
    case "guest":
      return prepareGuest(auth.name, context);
    case "token":
      return prepareByToken(auth.token, context);
    case "password":
      return prepareByPassword(auth, context);
    case "code":
      return prepareByCode(auth, context);
  }
}

async function prepareGuest(
  name: string,
  { hub, session }: CommandContext,
): Promise<PreparedLogin> {
  const token = newToken();
  const stored = { tokenHash: hashToken(token), now: hub.clock.now(), client: session.client };
  const principal = await hub.naming.admitGuest(name, stored);
  return { principal, token, rooms: [], more: false };
}

async function prepareByToken(
  token: string,
  context: CommandContext,
): Promise<PreparedLogin | FailedLogin> {
  const { hub, session } = context;
  session.admission.checkAuthRate();
  if (isDamagedToken(token)) {
    return refuse("This token was not copied whole: its checksum is wrong", context);
  }
  const known = context.processTokens.get(token) ??
    await hub.naming.findByToken(hashToken(token), { now: hub.clock.now() });
  if (known === undefined) return refuse("This token is not known, or it has expired", context);
  checkMayEnter(known.id, context);
  return await withRooms(await hub.naming.admitByToken(known), context);
}

function refuse(message: string, { session }: CommandContext): FailedLogin {
  const refusal = new ChatError("auth_failed", message);
  return { reply: refusalFrame(refusal), after: session.noteAuthFailure() };
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

function logIn(principal: OpenPrincipal, { session, hub }: CommandContext): void {
  try {
    // Since it was looked up.
    if (hub.accounts.isSuspended(principal.user)) {
      throw new ChatError("auth_failed", "This account is suspended: ask an administrator");
    }
    if (hub.credentials.hasEnded(principal.token)) {
      throw new ChatError("auth_failed", "This token is not known, or it has expired");
    }
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
