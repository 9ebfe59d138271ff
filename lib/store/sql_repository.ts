// Opens a repository on an open database. Knows which database it is only by the name of its schema.

import type { Limits } from "../wire/limits.ts";
import { LOBBY } from "../wire/room_ref.ts";
import { text } from "./column_readers.ts";
import { APPEND_LIMITS, GroupCommit } from "./append/group_commit.ts";
import type { StoreLog } from "./store_log.ts";
import { readServerSanctions } from "./moderation/sanctions.ts";
import { SqlIgnores } from "./moderation/sql_ignores.ts";
import { SqlModeration } from "./moderation/sql_moderation.ts";
import type { ServerSanctionRecords } from "./moderation/records.ts";
import { SqlBookmarks } from "./inbox/bookmarks.ts";
import { SqlInbox } from "./inbox/inbox.ts";
import { SqlMembers } from "./members.ts";
import { SqlMessages } from "./messages.ts";
import { migrate, SCHEMAS } from "./schema/migrations.ts";
import { ensureDesk, ensureSignals } from "./desk/desk_room.ts";
import { SqlInquiries } from "./desk/inquiries.ts";
import type { RoomRecord } from "./records.ts";
import type { Repository } from "./repository.ts";
import { SqlAccounts } from "./people/accounts.ts";
import { SqlCodes } from "./people/codes.ts";
import { SqlTokens } from "./people/tokens.ts";
import { SqlRooms } from "./rooms/rooms.ts";
import {
  isSqlError,
  openErrorFrom,
  type SchemaSql,
  type Sql,
  type SqlDriver,
  SqlError,
} from "./sql.ts";
import { FULL_TEXT } from "./search/indexes.ts";
import { SqlSearch } from "./search/search.ts";
import { SqlUsers } from "./users.ts";

export interface RepositoryOptions {
  /** The clock: UTC milliseconds. */
  readonly now: () => number;
  /** The clock for durations, in milliseconds; the process's own when missing. */
  readonly monotonic?: (() => number) | undefined;
  /** How many messages, and bytes of them, may wait to be stored. */
  readonly limits?: Partial<Pick<Limits, "pending" | "pending_bytes">> | undefined;
  /** Milliseconds after which a message that is not known to be stored is answered `unavailable`. */
  readonly waitMs?: number | undefined;
  readonly log?: StoreLog | undefined;
  /** Resolves in the next turn of the event loop: what came before goes into one transaction. */
  readonly nextTurn?: (() => Promise<void>) | undefined;
  /**
   * Upgrades the tables of the legacy program, which kept them in MySQL only, before the migrations run.
   * Without it such tables are refused as those of another program.
   */
  readonly upgradeLegacy?: ((sql: SchemaSql) => Promise<void>) | undefined;
}

/**
 * Brings the schema up to date, from the legacy program's tables too if that is wanted, and stores the lobby
 * and the epoch when they are missing. The repository owns the driver from the call on, also when it fails.
 *
 * @throws {OpenError} `incompatible`, or `unreachable` when the database fails meanwhile
 */
export async function openRepository(
  driver: SqlDriver,
  options: RepositoryOptions,
): Promise<Repository> {
  for (const warning of driver.warnings) options.log?.("database setting", { warning });
  try {
    await driver.withSchemaLock(async (sql) => {
      if (driver.dialect === "mysql") await options.upgradeLegacy?.(sql);
      await migrate(sql, SCHEMAS[driver.dialect]);
    });
    const epoch = await ensureEpoch(driver);
    const start = await readServerSanctions(driver, options.now());
    const { now, log = () => {} } = options;
    const rooms = new SqlRooms(driver, now);
    await rooms.create({ name: LOBBY, key: LOBBY, kind: "public", now: now() });
    const desk = await ensureDesk(driver, { now: now(), log });
    const signals = await ensureSignals(driver, { now: now() });
    return assemble(driver, { epoch, start, desk, signals, rooms, ...options });
  } catch (error) {
    await driver[Symbol.asyncDispose]();
    throw error instanceof SqlError ? openErrorFrom(error) : error;
  }
}

function assemble(
  driver: SqlDriver,
  options: RepositoryOptions & {
    epoch: string;
    start: ServerSanctionRecords;
    desk: RoomRecord;
    signals: RoomRecord;
    rooms: SqlRooms;
  },
): Repository {
  const { epoch, start, desk, signals, rooms, now, limits, log = () => {}, nextTurn } = options;
  const fullText = FULL_TEXT[driver.dialect];
  const commit = new GroupCommit(driver.writer, {
    apart: driver,
    now,
    fullText,
    log,
    desk: desk.id,
    nextTurn,
    limits: {
      ...APPEND_LIMITS,
      pending: limits?.pending ?? APPEND_LIMITS.pending,
      pendingBytes: limits?.pending_bytes ?? APPEND_LIMITS.pendingBytes,
      waitMs: options.waitMs ?? APPEND_LIMITS.waitMs,
    },
  });
  return {
    epoch,
    desk,
    signals,
    users: new SqlUsers(driver, log),
    tokens: new SqlTokens(driver),
    codes: new SqlCodes(driver),
    accounts: new SqlAccounts(driver),
    rooms,
    members: new SqlMembers(driver, { positions: commit.positions, now }),
    inquiries: new SqlInquiries(driver),
    moderation: new SqlModeration(driver, { start, now }),
    ignores: new SqlIgnores(driver),
    messages: new SqlMessages(driver, { commit, desk: desk.id }),
    inbox: new SqlInbox(driver, { positions: commit.positions }),
    bookmarks: new SqlBookmarks(driver),
    search: new SqlSearch(driver, {
      fullText,
      monotonic: options.monotonic ?? (() => performance.now()),
    }),
    async [Symbol.asyncDispose](): Promise<void> {
      await commit[Symbol.asyncDispose]();
      await driver[Symbol.asyncDispose]();
    },
  };
}

async function ensureEpoch(sql: Sql): Promise<string> {
  try {
    const epoch = crypto.getRandomValues(new Uint8Array(16)).toHex();
    await sql.execute("INSERT INTO Meta (name, value) VALUES ('epoch', ?)", [epoch]);
    return epoch;
  } catch (error) {
    if (!isSqlError(error, "duplicate")) throw error;
    const [row] = await sql.query("SELECT value FROM Meta WHERE name = 'epoch'");
    return text(row ?? {}, "value");
  }
}
