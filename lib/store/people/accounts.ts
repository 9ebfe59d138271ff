// Accounts and their passwords, in SQL. tokens.ts ends tokens, codes.ts redeems codes.

import type { AccountLogin, AccountRecord } from "./account_store.ts";
import { integer, optionalText, text, userIdOf } from "../column_readers.ts";
import {
  type EndedToken,
  type NewToken,
  type TokenOwner,
  type UserId,
  userId,
  type UserName,
} from "../records.ts";
import type { Accounts } from "../repository.ts";
import { type Role, ROLES } from "../../wire/frames/roles.ts";
import { limitTo, type Row, type SqlDriver, type Transaction } from "../sql.ts";
import { holding, userOf } from "../users.ts";
import type { AccountUpdate } from "./account_store.ts";
import { lockLog, writeEntry } from "../moderation/act_log.ts";
import { expireChanges, findLastChange, noteChange, readChanges } from "./account_changes.ts";
import { takeUse } from "./codes.ts";
import { endCodesFor, endSpareTokens, endTokensBut } from "./ended_credentials.ts";
import { insertToken } from "./token_rows.ts";

const SELECT = "SELECT user_id, username, role, is_bot, state, password, created FROM Users ";
const ACCOUNT_ROLES: readonly Role[] = ROLES.filter((role) => role !== "guest");
export class SqlAccounts implements Accounts {
  readonly #sql: SqlDriver;

  constructor(sql: SqlDriver) {
    this.#sql = sql;
  }

  async find(nameKey: string): Promise<AccountLogin | undefined> {
    const [row] = await this.#sql.query(SELECT + "WHERE name_key = ? AND role <> 'guest'", [
      nameKey,
    ]);
    if (row === undefined) return undefined;
    return { account: accountOf(row), password: optionalText(row, "password") };
  }

  async findById(user: UserId): Promise<AccountRecord | undefined> {
    const [row] = await this.#sql.query(SELECT + "WHERE user_id = ?", [user]);
    return row === undefined ? undefined : accountOf(row);
  }

  async list(
    { after, limit }: { after: string; limit: number },
  ): Promise<readonly AccountRecord[]> {
    // Role by role, in the order of an index: guests, of whom there may be many, are never looked at.
    const pages = ACCOUNT_ROLES.map((role) =>
      this.#sql.query(
        SELECT + "WHERE role = ? AND name_key > ? ORDER BY name_key" + limitTo(limit),
        [role, after],
      )
    );
    const found = (await Promise.all(pages)).flat().map(accountOf);
    return found.sort((a, b) => a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1).slice(
      0,
      limit,
    );
  }

  async create(
    account: Parameters<Accounts["create"]>[0],
  ): Promise<AccountRecord> {
    const { name: { name, key, skeleton }, role, isBot, now, by } = account;
    const id = await this.#sql.transaction(async (sql) => {
      const entry = by === undefined ? undefined : await lockLog(sql);
      const { insertId } = await holding(sql.execute(
        "INSERT INTO Users (username, name_key, name_skeleton, role, is_bot, created) " +
          "VALUES (?, ?, ?, ?, ?, ?)",
        [name, key, skeleton, role, isBot ? 1 : 0, now],
      ));
      const id = userId(insertId);
      await logChange(sql, entry, { by, time: now, target: id, targetName: name, detail: role });
      return id;
    });
    return { id, name, role, isBot, isSuspended: false, hasPassword: false, created: now };
  }

  register(
    user: UserId,
    account: { name: UserName; password: string | undefined; now: number },
  ): Promise<boolean> {
    const { name: { name, key, skeleton }, password, now } = account;
    return this.#sql.transaction(async (sql) => {
      const { changes } = await holding(sql.execute(
        "UPDATE Users SET username = ?, name_key = ?, name_skeleton = ?, password = ?, " +
          "role = 'member' WHERE user_id = ? AND role = 'guest'",
        [name, key, skeleton, password ?? null, user],
      ));
      if (changes === 0) return false;
      await sql.execute("UPDATE Members SET name_key = ? WHERE user_id = ?", [key, user]);
      await noteChange(sql, user, now);
      return true;
    });
  }

  update(
    user: UserId,
    { role, isSuspended, by, now }: AccountUpdate & { now: number },
  ): Promise<AccountRecord | "last_admin" | undefined> {
    return this.#sql.transaction(async (sql) => {
      const entry = by === undefined ? undefined : await lockLog(sql);
      // All administrators are locked first: of two who demote each other one finds the other gone. One
      // without a password and a token could not come in to help.
      const admins = await sql.queryLocking(
        "SELECT user_id, password FROM Users WHERE role = 'admin' AND state = 'active' " +
          "ORDER BY user_id",
      );
      const tokens = await sql.query(
        "SELECT DISTINCT t.user_id FROM Tokens t JOIN Users u ON u.user_id = t.user_id " +
          "WHERE u.role = 'admin' AND t.scopes IS NULL AND (t.expires IS NULL OR t.expires > ?)",
        [now],
      );
      const withToken = new Set(tokens.map((row) => userIdOf(row)));
      const [row] = await sql.queryLocking(SELECT + "WHERE user_id = ? AND role <> 'guest'", [
        user,
      ]);
      if (row === undefined) return undefined;
      const before = accountOf(row);
      const after = {
        ...before,
        role: role ?? before.role,
        isSuspended: isSuspended ?? before.isSuspended,
      };
      const others = admins.filter((admin) =>
        userIdOf(admin) !== user && (admin.password !== null || withToken.has(userIdOf(admin)))
      );
      const isAdmin = ({ role, isSuspended }: AccountRecord) => role === "admin" && !isSuspended;
      if (isAdmin(before) && !isAdmin(after) && others.length === 0) return "last_admin";
      await sql.execute("UPDATE Users SET role = ?, state = ? WHERE user_id = ?", [
        after.role,
        after.isSuspended ? "suspended" : "active",
        user,
      ]);
      await noteChange(sql, user, now);
      const state = isSuspended === undefined ? [] : [isSuspended ? "suspended" : "active"];
      const detail = [...role === undefined ? [] : [role], ...state].join(", ");
      await logChange(sql, entry, { by, time: now, target: user, targetName: after.name, detail });
      return after;
    });
  }

  addToken(
    user: UserId,
    { password, token, most }: { password: string; token: NewToken; most: number },
  ): Promise<{ readonly token: number; readonly ended: readonly EndedToken[] } | undefined> {
    return this.#sql.transaction(async (sql) => {
      // A change of the password waits for this, or this for it.
      const [row] = await sql.queryLocking(
        "SELECT password, state FROM Users WHERE user_id = ?",
        [user],
      );
      const isSame = row !== undefined && text(row, "state") === "active" &&
        optionalText(row, "password") === password;
      if (!isSame) return undefined;
      const ended = await endSpareTokens(sql, user, { ...token, most });
      return { token: await insertToken(sql, user, token), ended };
    });
  }

  setPassword(
    user: UserId,
    { from, to, keep, now }: {
      from: string | undefined;
      to: string;
      keep: number | undefined;
      now: number;
    },
  ): Promise<readonly EndedToken[] | undefined> {
    return this.#sql.transaction(async (sql) => {
      await endCodesFor(sql, user);
      const is = from === undefined ? "password IS NULL" : "password = ?";
      const { changes } = await sql.execute(
        `UPDATE Users SET password = ? WHERE user_id = ? AND ${is}`,
        from === undefined ? [to, user] : [to, user, from],
      );
      return changes === 0 ? undefined : await endTokensBut(sql, { user, keep, now });
    });
  }

  async replaceHash(user: UserId, { from, to }: { from: string; to: string }): Promise<void> {
    await this.#sql.execute("UPDATE Users SET password = ? WHERE user_id = ? AND password = ?", [
      to,
      user,
      from,
    ]);
  }

  redeemForPassword(
    redemption: { code: number; user: UserId; hash: string; token: NewToken },
  ): Promise<{ readonly owner: TokenOwner; readonly ended: readonly EndedToken[] } | undefined> {
    const { code, user, hash, token } = redemption;
    return this.#sql.transaction(async (sql) => {
      if (!await takeUse(sql, { code, now: token.now })) return undefined;
      await endCodesFor(sql, user);
      await sql.execute("UPDATE Users SET password = ? WHERE user_id = ?", [hash, user]);
      const ended = await endTokensBut(sql, { user, keep: undefined, now: token.now });
      const [row] = await sql.query(SELECT + "WHERE user_id = ?", [user]);
      if (row === undefined) return undefined;
      const number = await insertToken(sql, user, token);
      return { owner: { ...accountOf(row), holdsName: true, token: number }, ended };
    });
  }

  changes(
    after: number,
  ): Promise<{ readonly users: readonly UserId[]; readonly last: number }> {
    return readChanges(this.#sql, after);
  }

  lastChange(): Promise<number> {
    return findLastChange(this.#sql);
  }

  expire({ now }: { now: number }): Promise<void> {
    return expireChanges(this.#sql, now);
  }
}

function accountOf(row: Row): AccountRecord {
  return {
    ...userOf(row),
    isBot: integer(row, "is_bot") === 1,
    isSuspended: text(row, "state") === "suspended",
    hasPassword: row.password !== null,
    created: integer(row, "created"),
  };
}

/** Logs what an administrator has changed, under the number that the lock of the log has given. */
async function logChange(
  sql: Transaction,
  entry: number | undefined,
  { by, ...about }: Omit<Parameters<typeof writeEntry>[2], "act" | "by"> & {
    by: AccountUpdate["by"];
  },
): Promise<void> {
  if (entry === undefined || by === undefined) return;
  await writeEntry(sql, entry, { act: "account", by, ...about });
}
