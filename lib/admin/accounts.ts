// Accounts: who there is, what they may do, and whether they may log in.

import { Failure } from "../client/exit.ts";
import type { ActionOf } from "../config/people/admin_command.ts";
import { ChatError } from "../wire/errors.ts";
import type { ServerFrame } from "../wire/frame.ts";
import type { AccountSummary } from "../wire/frames/people.ts";
import { createResetCode } from "./codes.ts";
import type { AdminSession } from "./admin_session.ts";
import { type Report, withoutRequestId } from "./report.ts";
import { formatAccounts, formatTime } from "./tables.ts";

/** The server's own most. */
const PAGE = 100;

export async function listAccounts(
  session: AdminSession,
  { role, state }: ActionOf<"user list">,
): Promise<Report> {
  const accounts = await session.readAll<AccountSummary>(async (last) => {
    const page = await session.request({ type: "accounts", after: last?.name, limit: PAGE });
    return { items: page.accounts, more: page.more };
  });
  const found = accounts.filter((account) =>
    (role === undefined || account.role === role) &&
    (state === undefined || account.state === state)
  );
  if (found.length === 0) return { objects: [], notes: ["There are no such accounts"] };
  return { objects: found, text: formatAccounts(found) };
}

/** A guest, too. */
export async function showUser(
  session: AdminSession,
  { user }: ActionOf<"user show">,
): Promise<Report> {
  const known = withoutRequestId(await session.request({ type: "whois", user }));
  const lines = [
    `name      ${known.name}`,
    `role      ${known.bot ? "bot" : known.role}`,
    `since     ${formatTime(known.since)}`,
    `here      ${known.here ? "yes" : "no"}`,
  ];
  if (known.role === "guest") return { objects: [known], text: `${lines.join("\n")}\n` };
  // Without a change it is the account as it is.
  const account = withoutRequestId(await session.request({ type: "account", name: known.name }));
  lines.push(
    `state     ${account.state}`,
    `password  ${account.password ? "yes" : "no"}`,
  );
  return { objects: [account, known], text: `${lines.join("\n")}\n` };
}

/** With a code by which its owner chooses a password and logs in. */
export async function addAccount(
  session: AdminSession,
  { user, role }: ActionOf<"user add">,
): Promise<Report> {
  const known = await findUser(session, user);
  if (known !== undefined && known.role !== "guest") {
    throw new Failure(
      "refused",
      `There is an account ${known.name} already: its role is ${known.role}`,
    );
  }
  const account = await session.request({ type: "account", name: user, role });
  const code = await createResetCode(session, { kind: "code reset", user: account.name });
  return { ...code, objects: [withoutRequestId(account), ...code.objects] };
}

export async function setRole(
  session: AdminSession,
  { user, role }: ActionOf<"user role">,
): Promise<Report> {
  // The request would create an account that does not exist.
  await session.request({ type: "whois", user });
  const account = await session.request({ type: "account", name: user, role });
  const notes = [
    `${account.name} is ${account.role === "member" ? "a" : "an"} ${account.role} now`,
  ];
  return { objects: [withoutRequestId(account)], notes };
}

export async function suspend(
  session: AdminSession,
  { user }: ActionOf<"user suspend">,
): Promise<Report> {
  const account = await session.request({ type: "account", name: user, state: "suspended" });
  const notes = [`${account.name} is suspended: their connections are ended`];
  return { objects: [withoutRequestId(account)], notes };
}

export async function activate(
  session: AdminSession,
  { user }: ActionOf<"user activate">,
): Promise<Report> {
  const account = await session.request({ type: "account", name: user, state: "active" });
  return { objects: [withoutRequestId(account)], notes: [`${account.name} may log in again`] };
}

/** Creates the account of a program, unless there is one. */
export async function ensureBot(session: AdminSession, bot: string): Promise<void> {
  if (await findUser(session, bot) !== undefined) return;
  await session.request({ type: "account", name: bot, bot: true });
}

async function findUser(
  session: AdminSession,
  user: string,
): Promise<ServerFrame<"whois"> | undefined> {
  try {
    return await session.request({ type: "whois", user });
  } catch (error) {
    if (error instanceof ChatError && error.code === "no_such_user") return undefined;
    throw error;
  }
}
