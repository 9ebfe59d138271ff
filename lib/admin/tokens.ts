// Tokens of devices and of programs. A token is printed once, alone on stdout.

import type { Session } from "../client/link/session.ts";
import { formatTokens } from "./tables.ts";
import type { ActionOf } from "../config/people/admin_command.ts";
import type { TokenSummary } from "../wire/frames/credentials.ts";
import { type Report, withoutRequestId } from "./report.ts";

export async function listTokens(
  session: Session,
  { user }: ActionOf<"token list">,
): Promise<Report> {
  const tokens: TokenSummary[] = [];
  for (let after: number | undefined, more = true; more; after = tokens.at(-1)?.token) {
    const page = await session.request({ type: "tokens", user, after });
    tokens.push(...page.tokens);
    more = page.more && page.tokens.length > 0;
  }
  if (tokens.length === 0) return { objects: [], notes: [`${user} has no tokens`] };
  return { objects: tokens, text: formatTokens(tokens) };
}

export async function revokeToken(
  session: Session,
  { token }: ActionOf<"token revoke">,
): Promise<Report> {
  const ok = await session.request({ type: "revoke", token });
  return { objects: [withoutRequestId(ok)], notes: [`Token ${token} has ended`] };
}
