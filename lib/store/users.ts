// Users and their tokens, in SQL.

import { type Role, ROLES } from "../wire/frames/roles.ts";
import { bytes, integer, optionalInteger, text, userIdOf } from "./column_readers.ts";
import type { StoreLog } from "./store_log.ts";
import { expireTokens } from "./expired_tokens.ts";
import { NameHeldError, type Users } from "./repository.ts";
import { ENDED, expiryOf, insertToken, noteEnded, scopesOf } from "./people/token_rows.ts";
import {
  type NewToken,
  type TokenOwner,
  type UserId,
  userId,
  type UserName,
  type UserRecord,
} from "./records.ts";
import { findOrInsert, isSqlError, queryAmong, type Row, type SqlDriver, SqlError } from "./sql.ts";

const HOUR_MS = 3_600_000;

/** A user from the columns user_id, username and role, and is_bot and state where they are read. */
export function userOf(row: Row): UserRecord {
  const user = { id: userIdOf(row), name: text(row, "username"), role: roleOf(row) };
  if (row.is_bot === undefined) return user;
  return { ...user, isBot: row.is_bot === 1, isSuspended: row.state === "suspended" };
}

function roleOf(row: Row): Role {
  const value = text(row, "role");
  const role = ROLES.find((known) => known === value);
  if (role === undefined) throw new TypeError("Column role holds no role");
  return role;
}

export class SqlUsers implements Users {
  readonly #sql: SqlDriver;
  readonly #log: StoreLog;

  constructor(sql: SqlDriver, log: StoreLog) {
    this.#sql = sql;
    this.#log = log;
  }

  async createGuest({ name, ...token }: NewToken & { name: UserName }): Promise<TokenOwner> {
    const created = await this.#sql.transaction(async (sql) => {
      const { insertId } = await holding(sql.execute(
        "INSERT INTO Users (username, name_key, name_skeleton, role, created) " +
          "VALUES (?, ?, ?, 'guest', ?)",
        [name.name, name.key, name.skeleton, token.now],
      ));
      const id = userId(insertId);
      return { id, token: await insertToken(sql, id, token) };
    });
    return { ...created, name: name.name, role: "guest", holdsName: true };
  }

  createPassingGuest(nameOf: (user: UserId) => string): Promise<UserRecord> {
    return this.#sql.transaction(async (sql) => {
      const { insertId } = await sql.execute(
        "INSERT INTO Users (username, role) VALUES ('', 'guest')",
      );
      const id = userId(insertId);
      const name = nameOf(id);
      await sql.execute("UPDATE Users SET username = ? WHERE user_id = ?", [name, id]);
      return { id, name, role: "guest" };
    });
  }

  async findByToken(
    tokenHash: Uint8Array,
    options: { now: number },
  ): Promise<TokenOwner | undefined> {
    const { now } = options;
    const [row] = await this.#sql.query(
      "SELECT u.user_id, u.username, u.role, u.is_bot, u.state, u.name_key, t.token_id, t.last_used, t.expires, " +
        "t.scopes FROM Tokens t JOIN Users u ON u.user_id = t.user_id WHERE t.token_hash = ?",
      [tokenHash],
    );
    if (row === undefined) return undefined;
    const user = userOf(row);
    const used = integer(row, "last_used");
    const expires = optionalInteger(row, "expires");
    const end = expiryOf({ used, role: user.role, expires });
    if (end !== undefined && now >= end) return undefined;
    if (now - used >= HOUR_MS) await this.#noteUse(tokenHash, now);
    const holdsName = row.name_key !== null;
    return {
      ...user,
      holdsName,
      token: integer(row, "token_id"),
      scopes: scopesOf(row),
      expires,
    };
  }

  async holdName(user: UserId, name: UserName): Promise<void> {
    await this.#sql.transaction(async (sql) => {
      await holding(sql.execute(
        "UPDATE Users SET username = ?, name_key = ?, name_skeleton = ? " +
          "WHERE user_id = ? AND role = 'guest'",
        [name.name, name.key, name.skeleton, user],
      ));
      await sql.execute("UPDATE Members SET name_key = ? WHERE user_id = ?", [name.key, user]);
    });
  }

  async findHeld(names: readonly UserName[]): Promise<ReadonlySet<UserName>> {
    const keys = await this.#formsInUse("name_key", names.map(({ key }) => key));
    const skeletons = await this.#formsInUse(
      "name_skeleton",
      names.map(({ skeleton }) => skeleton),
    );
    return new Set(
      names.filter(({ key, skeleton }) => keys.has(key) || skeletons.has(skeleton)),
    );
  }

  async #formsInUse(
    column: "name_key" | "name_skeleton",
    forms: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const rows = await queryAmong(
      forms,
      (places, some) =>
        this.#sql.query(`SELECT ${column} AS form FROM Users WHERE ${column} IN (${places})`, some),
    );
    return new Set(rows.map((row) => text(row, "form")));
  }

  ensureAccount(account: { name: UserName; role: Role; now: number }): Promise<UserRecord> {
    const { name: { name, key, skeleton }, role, now } = account;
    return findOrInsert(() => this.#findAccount(key), async () => {
      const { insertId } = await this.#sql.execute(
        "INSERT INTO Users (username, name_key, name_skeleton, role, created) " +
          "VALUES (?, ?, ?, ?, ?)",
        [name, key, skeleton, role, now],
      );
      return { id: userId(insertId), name, role, isBot: false, isSuspended: false };
    });
  }

  async addToken(
    user: UserId,
    token: NewToken & { instead?: readonly Uint8Array[] | "all" },
  ): Promise<number> {
    const { instead = [] } = token;
    return await this.#sql.transaction(async (sql) => {
      const rows = await sql.query(
        "SELECT token_hash FROM Tokens WHERE user_id = ? AND (expires IS NULL OR expires > 0)",
        [user],
      );
      const hashes = rows.map((row) => bytes(row, "token_hash"));
      const wanted = instead === "all" ? undefined : new Set(instead.map((hash) => hash.toHex()));
      for (const hash of hashes) {
        if (wanted !== undefined && !wanted.has(hash.toHex())) continue;
        await sql.execute("DELETE FROM Tokens WHERE token_hash = ?", [hash]);
        await noteEnded(sql, hash);
      }
      return await insertToken(sql, user, token);
    });
  }

  async isEndedToken(tokenHash: Uint8Array): Promise<boolean> {
    const rows = await this.#sql.query("SELECT 1 FROM Meta WHERE name = ? AND value = ?", [
      tokenHash.toHex(),
      ENDED,
    ]);
    return rows.length > 0;
  }

  async hasToken(user: UserId): Promise<boolean> {
    const rows = await this.#sql.query("SELECT 1 FROM Tokens WHERE user_id = ? LIMIT 1", [user]);
    return rows.length > 0;
  }

  async findByKeys(keys: readonly string[]): Promise<ReadonlyMap<string, UserRecord>> {
    const rows = await queryAmong(keys, (places, some) =>
      this.#sql.query(
        `SELECT user_id, username, role, is_bot, state, name_key FROM Users WHERE name_key IN (${places})`,
        some,
      ));
    return new Map(rows.map((row) => [text(row, "name_key"), userOf(row)]));
  }

  async findMany(users: readonly UserId[]): Promise<ReadonlyMap<UserId, UserRecord>> {
    const rows = await queryAmong(users, (places, some) =>
      this.#sql.query(
        `SELECT user_id, username, role, is_bot, state FROM Users WHERE user_id IN (${places})`,
        some,
      ));
    return new Map(rows.map((row) => [userIdOf(row), userOf(row)]));
  }

  async operators(): Promise<readonly UserRecord[]> {
    const rows = await this.#sql.query(
      "SELECT user_id, username, role FROM Users WHERE role IN ('operator', 'admin') " +
        "AND is_bot = 0 AND state = 'active' LIMIT 1000",
    );
    return rows.map(userOf);
  }

  expire(options: { now: number }): Promise<void> {
    return expireTokens(this.#sql, options);
  }

  async #findAccount(nameKey: string): Promise<UserRecord | undefined> {
    const [row] = await this.#sql.query(
      "SELECT user_id, username, role, is_bot, state FROM Users " +
        "WHERE name_key = ? AND role <> 'guest'",
      [nameKey],
    );
    return row === undefined ? undefined : userOf(row);
  }

  /** A full disk must not lock users out: the login succeeds, and a later one notes the use. */
  async #noteUse(tokenHash: Uint8Array, now: number): Promise<void> {
    try {
      await this.#sql.execute("UPDATE Tokens SET last_used = ? WHERE token_hash = ?", [
        now,
        tokenHash,
      ]);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.#log("use of a token not noted", { why: error.message });
    }
  }
}

/** A statement that gives a user a name. @throws {NameHeldError} when another user has it */
export async function holding<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    if (isSqlError(error, "duplicate")) throw new NameHeldError("The name belongs to another user");
    throw error;
  }
}
