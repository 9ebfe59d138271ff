// The people a server knows, and their tokens, in SQL.

import { type Role, ROLES } from "../wire/frame.ts";
import { bytes, integer, text } from "./columns.ts";
import type { StoreLog } from "./append/group_commit.ts";
import {
  NameHeldError,
  type TokenOwner,
  type UserId,
  type UserName,
  type UserRecord,
  type Users,
} from "./repository.ts";
import {
  isSqlError,
  limitTo,
  padToPowerOfTwo,
  placeholders,
  queryAmong,
  type Row,
  type Sql,
  type SqlDriver,
  SqlError,
  type Transaction,
} from "./sql.ts";

const HOUR_MS = 3_600_000;
/** A token lives this long after its last use; an administrator's for ever. */
const TOKEN_MS = 30 * 24 * HOUR_MS;
/** Users whose expired tokens are looked up at once, and memberships that end in one transaction. */
const EXPIRE_STEP = 256;
const MEMBERSHIPS_STEP = 64;

/** In Meta, under a token's hash: another token has taken its place. */
const ENDED = "token ended";

/** Makes a user from the columns user_id, username and role. */
export function userOf(row: Row): UserRecord {
  return { id: integer(row, "user_id"), name: text(row, "username"), role: roleOf(row) };
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

  async createGuest(
    guest: { name: UserName; tokenHash: Uint8Array; now: number },
  ): Promise<UserRecord> {
    const { name, tokenHash, now } = guest;
    const made = await this.#sql.transaction(async (sql) => {
      const { insertId } = await holding(sql.execute(
        "INSERT INTO Users (username, name_key, name_skeleton, role) VALUES (?, ?, ?, 'guest')",
        [name.name, name.key, name.skeleton],
      ));
      await insertToken(sql, insertId, { tokenHash, now });
      return insertId;
    });
    return { id: made, name: name.name, role: "guest" };
  }

  createPassingGuest(nameOf: (user: UserId) => string): Promise<UserRecord> {
    return this.#sql.transaction(async (sql) => {
      const { insertId: id } = await sql.execute(
        "INSERT INTO Users (username, role) VALUES ('', 'guest')",
      );
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
      "SELECT u.user_id, u.username, u.role, u.name_key, t.last_used " +
        "FROM Tokens t JOIN Users u ON u.user_id = t.user_id WHERE t.token_hash = ?",
      [tokenHash],
    );
    if (row === undefined) return undefined;
    const user = userOf(row);
    const unusedMs = now - integer(row, "last_used");
    if (unusedMs > TOKEN_MS && user.role !== "admin") return undefined;
    if (unusedMs >= HOUR_MS) await this.#noteUse(tokenHash, now);
    return { ...user, holdsName: row.name_key !== null };
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

  async ensureAccount(account: { name: UserName; role: Role; now: number }): Promise<UserRecord> {
    const { name: { name, key, skeleton }, role } = account;
    const known = await this.#findAccount(key);
    if (known !== undefined) return known;
    try {
      const { insertId } = await this.#sql.execute(
        "INSERT INTO Users (username, name_key, name_skeleton, role) VALUES (?, ?, ?, ?)",
        [name, key, skeleton, role],
      );
      return { id: insertId, name, role };
    } catch (error) {
      // Another server was quicker.
      const made = isSqlError(error, "duplicate") ? await this.#findAccount(key) : undefined;
      if (made === undefined) throw error;
      return made;
    }
  }

  async addToken(
    user: UserId,
    token: { tokenHash: Uint8Array; now: number; instead?: readonly Uint8Array[] | "all" },
  ): Promise<void> {
    const { instead = [] } = token;
    await this.#sql.transaction(async (sql) => {
      const rows = await sql.query("SELECT token_hash FROM Tokens WHERE user_id = ?", [user]);
      const hashes = rows.map((row) => bytes(row, "token_hash"));
      const wanted = instead === "all" ? undefined : new Set(instead.map((hash) => hash.toHex()));
      for (const hash of hashes) {
        if (wanted !== undefined && !wanted.has(hash.toHex())) continue;
        await sql.execute("DELETE FROM Tokens WHERE token_hash = ?", [hash]);
        await sql.execute("INSERT INTO Meta (name, value) VALUES (?, ?)", [hash.toHex(), ENDED]);
      }
      await insertToken(sql, user, token);
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

  async findMany(users: readonly UserId[]): Promise<ReadonlyMap<UserId, UserRecord>> {
    const rows = await queryAmong(users, (places, some) =>
      this.#sql.query(
        `SELECT user_id, username, role FROM Users WHERE user_id IN (${places})`,
        some,
      ));
    return new Map(rows.map((row) => [integer(row, "user_id"), userOf(row)]));
  }

  async expire(options: { now: number }): Promise<void> {
    const before = options.now - TOKEN_MS;
    for (;;) {
      const users = await this.#findExpired(before);
      for (const user of users) {
        while (await this.#sql.transaction((sql) => expireSome(sql, { user, before }))) {
          // The rest of the memberships, in a transaction of its own.
        }
      }
      if (users.length < EXPIRE_STEP) return;
    }
  }

  /** Some of those whose tokens have expired. */
  async #findExpired(before: number): Promise<readonly UserId[]> {
    const rows = await this.#sql.query(
      "SELECT DISTINCT t.user_id FROM Tokens t JOIN Users u ON u.user_id = t.user_id " +
        "WHERE t.last_used < ? AND u.role <> 'admin'" + limitTo(EXPIRE_STEP),
      [before],
    );
    return rows.map((row) => integer(row, "user_id"));
  }

  async #findAccount(nameKey: string): Promise<UserRecord | undefined> {
    const [row] = await this.#sql.query(
      "SELECT user_id, username, role FROM Users WHERE name_key = ? AND role <> 'guest'",
      [nameKey],
    );
    return row === undefined ? undefined : userOf(row);
  }

  /** A full disk must lock nobody out: the login holds, and its use is noted next time. */
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

/** A statement that gives a name. @throws {NameHeldError} when another has it */
async function holding<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    if (isSqlError(error, "duplicate")) throw new NameHeldError("The name is another's");
    throw error;
  }
}

async function insertToken(
  sql: Sql,
  user: UserId,
  token: { tokenHash: Uint8Array; now: number },
): Promise<void> {
  await sql.execute("INSERT INTO Tokens (token_hash, user_id, last_used) VALUES (?, ?, ?)", [
    token.tokenHash,
    user,
    token.now,
  ]);
}

/**
 * Ends some memberships of a guest who cannot come back, and the tokens behind the last of them: who is
 * interrupted finds the rest by these.
 *
 * @returns whether there are more
 */
async function expireSome(
  sql: Transaction,
  { user, before }: { user: UserId; before: number },
): Promise<boolean> {
  const isOver = await isGuestWithoutToken(sql, { user, before });
  const ended = isOver ? await endMemberships(sql, user) : 0;
  if (ended === MEMBERSHIPS_STEP) return true;
  // Used a moment ago, by a connection to another server: then it stays.
  await sql.execute("DELETE FROM Tokens WHERE user_id = ? AND last_used < ?", [user, before]);
  await sql.execute(
    "UPDATE Users SET name_key = NULL, name_skeleton = NULL WHERE user_id = ? AND role = 'guest' " +
      "AND NOT EXISTS (SELECT 1 FROM Tokens WHERE Tokens.user_id = Users.user_id)",
    [user],
  );
  return false;
}

async function isGuestWithoutToken(
  sql: Sql,
  { user, before }: { user: UserId; before: number },
): Promise<boolean> {
  const rows = await sql.query(
    "SELECT 1 FROM Users u WHERE u.user_id = ? AND u.role = 'guest' " +
      "AND NOT EXISTS (SELECT 1 FROM Tokens t WHERE t.user_id = u.user_id AND t.last_used >= ?)",
    [user, before],
  );
  return rows.length > 0;
}

/** Some of a user's memberships, the rooms' rows first. @returns how many */
async function endMemberships(sql: Transaction, user: UserId): Promise<number> {
  const found = await sql.query(
    "SELECT room_id FROM Members WHERE user_id = ?" + limitTo(MEMBERSHIPS_STEP),
    [user],
  );
  if (found.length === 0) return 0;
  const rooms = padToPowerOfTwo(found.map((row) => integer(row, "room_id")));
  const among = `IN (${placeholders(rooms.length)})`;
  await sql.queryLocking(
    `SELECT room_id FROM Rooms WHERE room_id ${among} ORDER BY room_id`,
    rooms,
  );
  // Somebody who has left meanwhile is counted no more.
  const still = await sql.query(
    `SELECT room_id FROM Members WHERE user_id = ? AND room_id ${among}`,
    [user, ...rooms],
  );
  const ended = padToPowerOfTwo(still.map((row) => integer(row, "room_id")));
  if (ended.length > 0) {
    const these = `IN (${placeholders(ended.length)})`;
    await sql.execute(`DELETE FROM Members WHERE user_id = ? AND room_id ${these}`, [
      user,
      ...ended,
    ]);
    await sql.execute(
      `UPDATE Rooms SET member_count = member_count - 1 WHERE room_id ${these}`,
      ended,
    );
  }
  return found.length;
}
