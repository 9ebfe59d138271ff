// hello and login by a code: what the code is for is made in one transaction with its use (protocol §3.8).

import { nameKey } from "../../../chat/people/names.ts";
import type { OpenPrincipal } from "../../../chat/people/principal.ts";
import type { NewToken, UserRecord } from "../../../store/records.ts";
import type { CodeRecord } from "../../../store/repository.ts";
import { ChatError } from "../../../wire/errors.ts";
import type { Auth } from "../../../wire/frames/session.ts";
import { hashToken, newToken } from "../../tokens.ts";
import type { CommandContext } from "../command.ts";
import { summarizeOwnRoom } from "../rooms.ts";
import { findCode, refuseCode } from "./codes.ts";
import { findInvitedRooms } from "./invited_rooms.ts";
import {
  checkMayEnter,
  type FailedLogin,
  type PreparedLogin,
  readOwnRooms,
} from "./prepared_login.ts";

type CodeAuth = Extract<Auth, { method: "code" }>;

/** @throws {ChatError} bad_field, name_taken, busy: the code can still be redeemed then */
export async function prepareByCode(
  auth: CodeAuth,
  context: CommandContext,
): Promise<PreparedLogin | FailedLogin> {
  const { session, hub } = context;
  session.admission.checkAuthRate();
  const code = await findCode(auth.code, context);
  if (code === undefined) {
    // As much work as for an unknown name or a wrong password.
    await context.passwords.spend(auth.password ?? "", session.address);
    return refuseCode(context);
  }
  const token = newToken();
  const stored = { tokenHash: hashToken(token), now: hub.clock.now(), client: session.client };
  const principal = await redeem(code, { auth, context, token: stored });
  // Undefined: another connection was faster.
  if (principal === undefined) return refuseCode(context);
  return { principal, token, ...await enterRooms(principal, { code, context }) };
}

interface Redemption {
  readonly auth: CodeAuth;
  readonly context: CommandContext;
  readonly token: NewToken;
}

async function redeem(
  code: CodeRecord,
  { auth, context, token }: Redemption,
): Promise<OpenPrincipal | undefined> {
  const { id, kind, user, role = "member" } = code;
  const { naming } = context.hub;
  if (kind === "reset" && user !== undefined) {
    return await resetPassword(id, { user, auth, context, token });
  }
  if (kind === "device" && user !== undefined) {
    checkMayEnter(user.id, context);
    return await naming.admitDevice({ code: id, user: user.id, token });
  }
  if (auth.name === undefined) {
    throw new ChatError("bad_field", 'This code creates an account: give it a "name"', {
      field: "auth.name",
    });
  }
  const password = auth.password === undefined
    ? undefined
    : await context.passwords.hash(auth.password, context.session.address);
  const rooms = (await findInvitedRooms(code, context.hub)).map((room) => room.id);
  return await naming.admitInvited(auth.name, { code: id, role, rooms, password, token });
}

/** Sets a new password, by which all tokens of the user end but the new one. */
async function resetPassword(
  code: number,
  { user, auth, context, token }: Redemption & { user: UserRecord },
): Promise<OpenPrincipal | undefined> {
  const { hub, passwords, session } = context;
  // The connections of before end with their tokens: they keep nobody out.
  hub.sanctions.checkUser(user.id);
  if (auth.password === undefined) {
    throw new ChatError("bad_field", 'This code sets a new password: give it as "password"', {
      field: "auth.password",
    });
  }
  const hash = await passwords.hash(auth.password, session.address);
  const redeemed = await hub.accounts.store.redeemForPassword({ code, user: user.id, hash, token });
  if (redeemed === undefined) return undefined;
  passwords.noteLogin(nameKey(user.name), session.address);
  hub.credentials.announceEnded(redeemed.ended);
  return await hub.naming.admitByToken(redeemed.owner);
}

/**
 * The rooms of a user whose code is used up. The reply with the token must not fail: when the store does
 * not answer, the client has to ask for the rooms.
 */
async function enterRooms(
  principal: OpenPrincipal,
  { code, context }: { code: CodeRecord; context: CommandContext },
): Promise<Pick<PreparedLogin, "rooms" | "more">> {
  const { hub, session } = context;
  try {
    const { rooms, more } = await readOwnRooms(principal, context);
    if (code.kind === "join") {
      const records = rooms.map(({ room }) => room);
      hub.memberships.announceMemberships(records, { principal, connection: session });
    }
    return { rooms: rooms.map((room) => summarizeOwnRoom(principal, room)), more };
  } catch {
    return { rooms: [], more: true };
  }
}
