// Puts the parts together: a database that is open becomes a repository. Knows which database it is
// only as far as the name of its schema.

import { text } from "./columns.ts";
import type { DraftLineLimits } from "./draft_line.ts";
import { APPEND_LIMITS, GroupCommit, type StoreLog } from "./group_commit.ts";
import { SqlMembers } from "./members.ts";
import { SqlMessages } from "./messages.ts";
import { migrate, SCHEMAS } from "./migrations.ts";
import type { Repository } from "./repository.ts";
import { SqlRooms } from "./rooms.ts";
import { isSqlError, type Sql, type SqlDriver } from "./sql.ts";
import { SqlUsers } from "./users.ts";

export interface RepositoryOptions {
  /** The clock: UTC milliseconds. */
  readonly now: () => number;
  /** Of what waits to be stored; the defaults are `APPEND_LIMITS`. */
  readonly limits?: Partial<DraftLineLimits> | undefined;
  readonly log?: StoreLog | undefined;
}

/** The room that always exists, by name and by key. */
const LOBBY = "lobby";

/**
 * Brings the schema up to date, makes the lobby and the epoch when they are missing, and gives the
 * repository. It owns the driver from here on, also when it fails.
 *
 * @throws {OpenError} `incompatible`
 */
export async function openRepository(
  driver: SqlDriver,
  options: RepositoryOptions,
): Promise<Repository> {
  try {
    await driver.exclusively((sql) => migrate(sql, SCHEMAS[driver.dialect]));
    const epoch = await ensureEpoch(driver);
    const repository = assemble(driver, { epoch, ...options });
    await repository.rooms.create({ name: LOBBY, key: LOBBY, kind: "public", now: options.now() });
    return repository;
  } catch (error) {
    await driver[Symbol.asyncDispose]();
    throw error;
  }
}

function assemble(
  driver: SqlDriver,
  options: RepositoryOptions & { epoch: string },
): Repository {
  const { epoch, now, log = () => {} } = options;
  const limits = { ...APPEND_LIMITS, ...options.limits };
  const commit = new GroupCommit(driver.writer, { now, limits, log });
  return {
    epoch,
    users: new SqlUsers(driver, log),
    rooms: new SqlRooms(driver),
    members: new SqlMembers(driver),
    messages: new SqlMessages(driver, commit),
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
