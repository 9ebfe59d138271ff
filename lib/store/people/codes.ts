// Codes in SQL. A redemption takes one use of the code, in the transaction that stores its result, so that
// no use counts twice and no result is stored in part.

import { ROLES } from "../../wire/frames/roles.ts";
import { integer, optionalInteger, optionalText, text } from "../column_readers.ts";
import { insertMember } from "../new_members.ts";
import {
  type NewToken,
  type RoomId,
  roomId,
  type TokenOwner,
  type UserId,
  userId,
  type UserName,
} from "../records.ts";
import type { CodeKind, CodeRecord, NewCode } from "./credential_store.ts";
import type { Codes } from "../repository.ts";
import type { Role } from "../../wire/frames/roles.ts";
import {
  limitTo,
  padToPowerOfTwo,
  placeholders,
  type Row,
  type SqlDriver,
  type Transaction,
} from "../sql.ts";
import { holding, userOf } from "../users.ts";
import { insertToken } from "./token_rows.ts";

const KINDS: readonly CodeKind[] = ["join", "reset", "device"];

const SELECT =
  "SELECT c.code_id, c.kind, c.role AS given_role, c.rooms, c.uses, c.used, c.created, " +
  "c.expires, m.user_id, m.username, m.role, u.user_id AS for_id, u.username AS for_name, " +
  "u.role AS for_role FROM Codes c JOIN Users m ON m.user_id = c.creator_id " +
  "LEFT JOIN Users u ON u.user_id = c.user_id WHERE c.used < c.uses AND c.expires > ? " +
  "AND m.state = 'active' AND COALESCE(u.state, 'active') = 'active' AND ";

export class SqlCodes implements Codes {
  readonly #sql: SqlDriver;

  constructor(sql: SqlDriver) {
    this.#sql = sql;
  }

  async add(code: NewCode): Promise<number> {
    const { codeHash, kind, creator, user, role, rooms = [], uses, now, expires } = code;
    const { insertId } = await this.#sql.execute(
      "INSERT INTO Codes (code_hash, kind, creator_id, user_id, role, rooms, uses, created, expires) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      [
        codeHash,
        kind,
        creator,
        user ?? null,
        role ?? null,
        JSON.stringify(rooms),
        uses,
        now,
        expires,
      ],
    );
    return insertId;
  }

  async find(codeHash: Uint8Array, { now }: { now: number }): Promise<CodeRecord | undefined> {
    const [row] = await this.#sql.query(SELECT + "c.code_hash = ?", [now, codeHash]);
    return row === undefined ? undefined : codeOf(row);
  }

  async list(
    options: { creator?: UserId | undefined; after: number; limit: number; now: number },
  ): Promise<readonly CodeRecord[]> {
    const { creator, after, limit, now } = options;
    const rows = creator === undefined
      ? await this.#sql.query(
        SELECT + "c.code_id > ? ORDER BY c.code_id" + limitTo(limit),
        [now, after],
      )
      : await this.#sql.query(
        SELECT + "c.creator_id = ? AND c.code_id > ? ORDER BY c.code_id" + limitTo(limit),
        [now, creator, after],
      );
    return rows.map(codeOf);
  }

  async end(code: number, { creator }: { creator?: UserId | undefined }): Promise<boolean> {
    const { changes } = creator === undefined
      ? await this.#sql.execute("DELETE FROM Codes WHERE code_id = ?", [code])
      : await this.#sql.execute("DELETE FROM Codes WHERE code_id = ? AND creator_id = ?", [
        code,
        creator,
      ]);
    return changes > 0;
  }

  redeemForAccount(redemption: {
    readonly code: number;
    readonly name: UserName;
    readonly role: Role;
    readonly rooms: readonly RoomId[];
    readonly password?: string | undefined;
    readonly token: NewToken;
  }): Promise<TokenOwner | undefined> {
    const { code, name: { name, key, skeleton }, role, rooms, password, token } = redemption;
    return this.#sql.transaction(async (sql) => {
      if (!await takeUse(sql, { code, now: token.now })) return undefined;
      const { insertId } = await holding(sql.execute(
        "INSERT INTO Users (username, name_key, name_skeleton, role, password, created) " +
          "VALUES (?, ?, ?, ?, ?, ?)",
        [name, key, skeleton, role, password ?? null, token.now],
      ));
      const id = userId(insertId);
      const number = await insertToken(sql, id, token);
      await joinRooms(sql, id, { rooms, now: token.now });
      return { id, name, role, holdsName: true, token: number };
    });
  }

  redeemForToken(redemption: {
    readonly code: number;
    readonly user: UserId;
    readonly token: NewToken;
  }): Promise<TokenOwner | undefined> {
    const { code, user, token } = redemption;
    return this.#sql.transaction(async (sql) => {
      if (!await takeUse(sql, { code, now: token.now })) return undefined;
      const [row] = await sql.query(
        "SELECT user_id, username, role, is_bot, state, name_key FROM Users WHERE user_id = ?",
        [user],
      );
      if (row === undefined) return undefined;
      const number = await insertToken(sql, user, token);
      return { ...userOf(row), holdsName: row.name_key !== null, token: number };
    });
  }

  async expire({ now }: { now: number }): Promise<void> {
    await this.#sql.execute("DELETE FROM Codes WHERE expires <= ? OR used >= uses", [now]);
  }
}

/** Locks the code's row: of two who redeem its last use, one waits and then finds none. */
export async function takeUse(
  sql: Transaction,
  { code, now }: { code: number; now: number },
): Promise<boolean> {
  const { changes } = await sql.execute(
    "UPDATE Codes SET used = used + 1 WHERE code_id = ? AND used < uses AND expires > ?",
    [code, now],
  );
  return changes > 0;
}

/** Adds a new user a member of those of the rooms that still exist. */
async function joinRooms(
  sql: Transaction,
  user: UserId,
  { rooms, now }: { rooms: readonly RoomId[]; now: number },
): Promise<void> {
  if (rooms.length === 0) return;
  const some = padToPowerOfTwo(rooms);
  const heads = await sql.queryLocking(
    `SELECT room_id, last_seq FROM Rooms WHERE room_id IN (${placeholders(some.length)}) ` +
      "ORDER BY room_id",
    some,
  );
  for (const row of heads) {
    const room = roomId(integer(row, "room_id"));
    await insertMember(sql, { room, user, read: integer(row, "last_seq"), now });
  }
}

function codeOf(row: Row): CodeRecord {
  const kind = KINDS.find((known) => known === text(row, "kind"));
  if (kind === undefined) throw new TypeError("Column kind holds no kind of code");
  const forId = optionalInteger(row, "for_id");
  return {
    id: integer(row, "code_id"),
    kind,
    creator: userOf(row),
    user: forId === undefined
      ? undefined
      : userOf({ user_id: forId, username: text(row, "for_name"), role: text(row, "for_role") }),
    role: ROLES.find((role) => role === optionalText(row, "given_role")),
    rooms: roomsOf(text(row, "rooms")),
    uses: integer(row, "uses"),
    used: integer(row, "used"),
    created: integer(row, "created"),
    expires: integer(row, "expires"),
  };
}

function roomsOf(json: string): readonly RoomId[] {
  const rooms: unknown = JSON.parse(json);
  if (!Array.isArray(rooms) || !rooms.every(Number.isSafeInteger)) {
    throw new TypeError("Column rooms holds no list of rooms");
  }
  return rooms.map((room: number) => roomId(room));
}
