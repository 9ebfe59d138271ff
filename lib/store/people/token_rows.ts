// The rows of Tokens: how one is written, and when it ends. Knows no user.

import type { Role } from "../../wire/frames/roles.ts";
import { optionalText } from "../column_readers.ts";
import type { NewToken, UserId } from "../records.ts";
import type { Row, Sql } from "../sql.ts";

const DAY_MS = 86_400_000;
/** A token is valid for so long after its last use, unless it has an end of its own. */
export const TOKEN_MS = 30 * DAY_MS;

/** Stores a token. @returns its number @throws {SqlError} of kind `duplicate` when the hash is stored */
export async function insertToken(sql: Sql, user: UserId, token: NewToken): Promise<number> {
  const { tokenHash, now, label = "", client = "", expires, scopes } = token;
  const { insertId } = await sql.execute(
    "INSERT INTO Tokens (token_hash, user_id, last_used, label, client, created, expires, scopes) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [tokenHash, user, now, label, client, now, expires ?? null, scopes?.join(" ") ?? null],
  );
  return insertId;
}

/** In Meta, under the hash of a token of an administrator: it has ended, and is not to be added again. */
export const ENDED = "token ended";

/** Keeps a token from being added again. */
export async function noteEnded(sql: Sql, tokenHash: Uint8Array): Promise<void> {
  await sql.execute("INSERT INTO Meta (name, value) VALUES (?, ?)", [tokenHash.toHex(), ENDED]);
}

/** When a token ends: at its own time, or 30 days after its last use; an administrator's does not. */
export function expiryOf(
  { used, role, expires }: { used: number; role: Role; expires: number | undefined },
): number | undefined {
  return expires ?? (role === "admin" ? undefined : used + TOKEN_MS + 1);
}

/** The scopes in a row; undefined when the token has none, and is good for everything. */
export function scopesOf(row: Row): readonly string[] | undefined {
  return optionalText(row, "scopes")?.split(" ");
}
