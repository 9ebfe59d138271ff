// Tokens of devices and of programs. A token is printed once, alone on stdout.

import { formatTokens } from "./tables.ts";
import type { ActionOf } from "../config/people/admin_command.ts";
import type { TokenSummary } from "../wire/frames/credentials.ts";
import { ensureBot } from "./accounts.ts";
import type { AdminSession } from "./admin_session.ts";
import { type Report, withoutRequestId } from "./report.ts";

export async function listTokens(
  session: AdminSession,
  { user }: ActionOf<"token list">,
): Promise<Report> {
  const tokens = await session.readAll<TokenSummary>(async (last) => {
    const page = await session.request({ type: "tokens", user, after: last?.token });
    return { items: page.tokens, more: page.more };
  });
  if (tokens.length === 0) return { objects: [], notes: [`${user} has no tokens`] };
  return { objects: tokens, text: formatTokens(tokens) };
}

/** The account of the program is created when there is none of that name. */
export async function createToken(
  session: AdminSession,
  { bot, scopes, label, expiresMs }: ActionOf<"token create">,
): Promise<Report> {
  await ensureBot(session, bot);
  const token = await session.request({
    type: "token",
    user: bot,
    label,
    scopes,
    expires_ms: expiresMs,
  });
  return {
    objects: [withoutRequestId(token)],
    text: `${token.token}\n`,
    notes: [`Token ${token.id} of ${bot} may ${scopes.join(", ")}; it is shown only now`],
  };
}

export async function revokeToken(
  session: AdminSession,
  { token }: ActionOf<"token revoke">,
): Promise<Report> {
  const ok = await session.request({ type: "revoke", token });
  return { objects: [withoutRequestId(ok)], notes: [`Token ${token} has ended`] };
}
