// hello and login by a password (protocol §3.10).

import { nameKey } from "../../../chat/people/names.ts";
import { ChatError } from "../../../wire/errors.ts";
import type { Auth } from "../../../wire/frames/session.ts";
import { refusalFrame } from "../../internal_errors.ts";
import { hashToken, newToken } from "../../tokens.ts";
import type { ProvenLogin } from "../../admission/passwords.ts";
import type { CommandContext } from "../command.ts";
import {
  checkMayEnter,
  type FailedLogin,
  type PreparedLogin,
  withRooms,
  WRONG_LOGIN,
} from "./prepared_login.ts";

/** When a login that coincides with a change of the password may be tried again, in milliseconds. */
const CHANGED_MS = 250;

type PasswordAuth = Extract<Auth, { method: "password" }>;

/**
 * An unknown name, a wrong password and a suspended account get the same answer after the same work.
 * @throws {ChatError} rate_limited, busy
 */
export async function prepareByPassword(
  auth: PasswordAuth,
  context: CommandContext,
): Promise<PreparedLogin | FailedLogin> {
  const { hub, session, passwords, limits } = context;
  session.admission.checkAuthRate();
  const key = nameKey(auth.name);
  const attempt = { nameKey: key, address: session.address, password: auth.password };
  const login = await passwords.check(attempt, () => hub.accounts.store.find(key));
  if (login === undefined) {
    const refusal = new ChatError("auth_failed", WRONG_LOGIN);
    return { reply: refusalFrame(refusal), after: session.noteAuthFailure() };
  }
  const { account, password } = login;
  checkMayEnter(account.id, context);
  const token = newToken();
  const stored = { tokenHash: hashToken(token), now: hub.clock.now(), client: session.client };
  const added = await hub.accounts.store.addToken(account.id, {
    password,
    token: stored,
    most: limits.tokens_per_user,
  });
  // A login that has begun with the password of before must not outlive its change.
  if (added === undefined) throw changedMeanwhile();
  if (added.ended.length > 0) hub.credentials.announceEnded(added.ended);
  const owner = { ...account, holdsName: true, token: added.token };
  const principal = await hub.naming.admitByToken(owner);
  await strengthen(login, { auth, context });
  return { ...await withRooms(principal, context), token };
}

/** What is refused when the password was replaced after it was compared. */
export function changedMeanwhile(): ChatError {
  const message = "The password was changed at this moment: try again";
  return new ChatError("busy", message, { retry: true, afterMs: CHANGED_MS });
}

/** Hashes the password again where its hash is weaker than a new one; what fails is done at the next login. */
async function strengthen(
  { account, password: from }: ProvenLogin,
  { auth, context }: { auth: PasswordAuth; context: CommandContext },
): Promise<void> {
  const { hub, passwords, session } = context;
  if (!passwords.isWeak(from)) return;
  try {
    const to = await passwords.hash(auth.password, session.address);
    await hub.accounts.store.replaceHash(account.id, { from, to });
  } catch {
    // The user is logged in all the same.
  }
}
