// The tokens of users, one a device, in SQL: listing and ending them. The login by a token is in users.ts.

import { chunk } from "@std/collections/chunk";
import { bytes, integer, optionalInteger, text, userIdOf } from "../column_readers.ts";
import { expireTokensOf } from "../expired_tokens.ts";
import type { EndedToken, TokenRecord, UserId } from "../records.ts";
import type { Tokens } from "../repository.ts";
import {
  limitTo,
  padToPowerOfTwo,
  placeholders,
  type Row,
  type SqlDriver,
  type Transaction,
} from "../sql.ts";
import { userOf } from "../users.ts";
import { expiryOf, noteEnded, scopesOf } from "./token_rows.ts";

/** How many endings are read at once, and from how far back: transactions may commit out of order. */
const ENDINGS_AT_ONCE = 1_000;
const OVERLAP = 64;
const USES_AT_ONCE = 256;

const SELECT =
  "SELECT t.token_id, t.user_id, t.label, t.client, t.created, t.last_used, t.expires, " +
  "t.scopes, u.username, u.role FROM Tokens t JOIN Users u ON u.user_id = t.user_id ";

export class SqlTokens implements Tokens {
  readonly #sql: SqlDriver;

  constructor(sql: SqlDriver) {
    this.#sql = sql;
  }

  async list(
    user: UserId,
    { after, limit, now }: { after: number; limit: number; now: number },
  ): Promise<readonly TokenRecord[]> {
    const rows = await this.#sql.query(
      SELECT + "WHERE t.user_id = ? AND t.token_id > ? AND (t.expires IS NULL OR t.expires > ?) " +
        "ORDER BY t.token_id" + limitTo(limit),
      [user, after, now],
    );
    return rows.map(tokenOf);
  }

  async find(token: number, { now }: { now: number }): Promise<TokenRecord | undefined> {
    const [row] = await this.#sql.query(
      SELECT + "WHERE t.token_id = ? AND (t.expires IS NULL OR t.expires > ?)",
      [token, now],
    );
    return row === undefined ? undefined : tokenOf(row);
  }

  async noteUses(tokens: readonly number[], { now }: { now: number }): Promise<void> {
    for (const part of chunk(tokens, USES_AT_ONCE)) {
      const some = padToPowerOfTwo(part);
      await this.#sql.execute(
        `UPDATE Tokens SET last_used = ? WHERE token_id IN (${placeholders(some.length)}) ` +
          "AND last_used < ?",
        [now, ...some, now],
      );
    }
  }

  async end(token: number, { now }: { now: number }): Promise<boolean> {
    const user = await this.#sql.transaction(async (sql) => {
      const [row] = await sql.query("SELECT user_id FROM Tokens WHERE token_id = ?", [token]);
      if (row === undefined) return undefined;
      const user = userIdOf(row);
      return await endToken(sql, { token, user, now }) ? user : undefined;
    });
    if (user === undefined) return false;
    // What a cut leaves undone is done by the next `expire`.
    await expireTokensOf(this.#sql, user, { now });
    return true;
  }

  async endings(
    after: number,
  ): Promise<{ readonly tokens: readonly EndedToken[]; readonly last: number }> {
    const rows = await this.#sql.query(
      "SELECT end_id, token_id, user_id FROM EndedTokens WHERE end_id > ? ORDER BY end_id" +
        limitTo(ENDINGS_AT_ONCE + OVERLAP),
      [Math.max(0, after - OVERLAP)],
    );
    const last = rows.at(-1);
    return {
      tokens: rows.map((row) => ({ token: integer(row, "token_id"), user: userIdOf(row) })),
      last: last === undefined ? after : Math.max(after, integer(last, "end_id")),
    };
  }

  async lastEnding(): Promise<number> {
    const [row] = await this.#sql.query("SELECT MAX(end_id) AS last FROM EndedTokens");
    return row === undefined ? 0 : optionalInteger(row, "last") ?? 0;
  }
}

/**
 * Ends a token at once, on every server: its row stays until the user's name and rooms are seen to. The row is
 * found by its primary key, which is locked before any other index, as wherever tokens are deleted.
 *
 * @returns whether it was valid
 */
export async function endToken(
  sql: Transaction,
  { token, user, now }: EndedToken & { now: number },
): Promise<boolean> {
  const [row] = await sql.query(
    "SELECT t.token_hash, u.role FROM Tokens t JOIN Users u ON u.user_id = t.user_id " +
      "WHERE t.token_id = ?",
    [token],
  );
  if (row === undefined) return false;
  const tokenHash = bytes(row, "token_hash");
  const { changes } = await sql.execute(
    "UPDATE Tokens SET expires = 0 WHERE token_hash = ? AND (expires IS NULL OR expires > 0)",
    [tokenHash],
  );
  if (changes === 0) return false;
  // A token in a file of the server is added at its start, unless it is known to have ended.
  if (text(row, "role") === "admin") await noteEnded(sql, tokenHash);
  await sql.execute("INSERT INTO EndedTokens (token_id, user_id, ended) VALUES (?, ?, ?)", [
    token,
    user,
    now,
  ]);
  return true;
}

function tokenOf(row: Row): TokenRecord {
  const used = integer(row, "last_used");
  const { role } = userOf(row);
  return {
    id: integer(row, "token_id"),
    user: userIdOf(row),
    label: text(row, "label"),
    client: text(row, "client"),
    created: integer(row, "created"),
    used,
    expires: expiryOf({ used, role, expires: optionalInteger(row, "expires") }),
    scopes: scopesOf(row),
  };
}
