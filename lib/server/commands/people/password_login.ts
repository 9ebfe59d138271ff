// hello and login by a password (protocol §3.10).

import type { AccountLogin } from "../../../store/repository.ts";
import { nameKey } from "../../../chat/people/names.ts";

import { ChatError } from "../../../wire/errors.ts";
import type { Auth } from "../../../wire/frames/session.ts";
import { refusalFrame } from "../../internal_errors.ts";
import { hashToken, newToken } from "../../tokens.ts";
import type { CommandContext } from "../command.ts";
import {
  checkSessions,
  type FailedLogin,
  type PreparedLogin,
  withRooms,
} from "./prepared_login.ts";

type PasswordAuth = Extract<Auth, { method: "password" }>;

/**
 * An unknown name, a wrong password and a suspended account get the same answer after the same work.
 * @throws {ChatError} rate_limited, busy
 */
export async function prepareByPassword(
  auth: PasswordAuth,
  context: CommandContext,
): Promise<PreparedLogin | FailedLogin> {
  const { hub, session, passwords } = context;
  session.admission.checkAuthRate();
  const key = nameKey(auth.name);
  const attempt = { nameKey: key, address: session.address, password: auth.password };
  const login = await passwords.check(attempt, () => hub.accounts.store.find(key));
  if (login === undefined) {
    const refusal = new ChatError("auth_failed", "Wrong name or password");
    return { reply: refusalFrame(refusal), after: session.noteAuthFailure() };
  }
  await strengthen(login, { auth, context });
  checkSessions(login.account.id, context);
  const token = newToken();
  const stored = { tokenHash: hashToken(token), now: hub.clock.now(), client: session.client };
  const principal = await hub.naming.admitAccount(login.account, stored);
  return { ...await withRooms(principal, context), token };
}

/** Hashes the password again where its hash is weaker than a new one. */
async function strengthen(
  { account, password: from }: AccountLogin,
  { auth, context }: { auth: PasswordAuth; context: CommandContext },
): Promise<void> {
  const { hub, passwords, session } = context;
  if (from === undefined || !passwords.isWeak(from)) return;
  const to = await passwords.hash(auth.password, session.address);
  await hub.accounts.store.replaceHash(account.id, { from, to });
}
