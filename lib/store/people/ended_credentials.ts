// Ends a user's codes and tokens when the password changes or a further token is added, in SQL, as a part
// of that transaction.

import { integer } from "../column_readers.ts";
import type { EndedToken, UserId } from "../records.ts";
import type { Transaction } from "../sql.ts";
import { endToken } from "./tokens.ts";

/**
 * Ends the codes by which one becomes this user. To be called before the user's row is changed: a
 * redemption locks its code first, and the token that it adds is seen afterwards.
 */
export async function endCodesFor(sql: Transaction, user: UserId): Promise<void> {
  await sql.execute("DELETE FROM Codes WHERE user_id = ?", [user]);
}

/** Makes room for one more token: the first to go are of the same program, then those not used for long. */
export async function endSpareTokens(
  sql: Transaction,
  user: UserId,
  { client = "", now, most }: { client?: string | undefined; now: number; most: number },
): Promise<readonly EndedToken[]> {
  const rows = await sql.query(
    "SELECT token_id FROM Tokens WHERE user_id = ? AND scopes IS NULL " +
      "AND (expires IS NULL OR expires > ?) " +
      "ORDER BY CASE WHEN client = ? THEN 0 ELSE 1 END, last_used, token_id",
    [user, now, client],
  );
  const ended = rows.slice(0, Math.max(0, rows.length + 1 - most))
    .map((row) => ({ token: integer(row, "token_id"), user }));
  for (const { token } of ended) await endToken(sql, { token, user, now });
  return ended;
}

export async function endTokensBut(
  sql: Transaction,
  { user, keep, now }: { user: UserId; keep: number | undefined; now: number },
): Promise<readonly EndedToken[]> {
  const rows = await sql.query("SELECT token_id FROM Tokens WHERE user_id = ?", [user]);
  const ended = rows.map((row) => ({ token: integer(row, "token_id"), user }))
    .filter(({ token }) => token !== keep);
  for (const { token } of ended) await endToken(sql, { token, user, now });
  return ended;
}
