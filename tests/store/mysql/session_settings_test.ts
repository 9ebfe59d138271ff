// Settings that an administrator has made the default for all sessions: none of them changes what is stored
// or shown, or how the schema is made and old tables are upgraded.

import { assertEquals } from "@std/assert";
import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import { type MysqlOptions, openMysql } from "../../../lib/store/mysql/driver.ts";
import { isSqlError } from "../../../lib/store/sql.ts";
import { upgradeLegacy } from "../../../lib/legacy/upgrade/upgrade.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { isMysqlMissing } from "../../support/stores/mysql.ts";
import { startOwnMysqlServer } from "../../support/stores/mysql_server.ts";
import {
  addMessages,
  createOldTables,
  definitions,
  legacyUpgrade,
  NOW,
} from "../../support/stores/old_tables.ts";
import { createGuest, createRoom, draft, newTokenHash } from "../../support/stores/store_facts.ts";
import { roomId } from "../../../lib/store/records.ts";

/** Each to a value that would change something here, if sessions took it over. */
const ODD: readonly string[] = [
  "sql_mode = 'ANSI,IGNORE_SPACE,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH'",
  "sql_mode = 'ORACLE,EMPTY_STRING_IS_NULL,PAD_CHAR_TO_FULL_LENGTH'",
  "time_zone = '+05:30'",
  "lc_messages = 'de_DE'",
  "character_set_server = latin1",
  "collation_server = latin1_german2_ci",
  "init_connect = 'SET NAMES latin1, autocommit = 0'",
  "autocommit = OFF",
  "completion_type = 'RELEASE'",
  "tx_isolation = 'SERIALIZABLE'",
  "transaction_isolation = 'SERIALIZABLE'",
  "tx_read_only = ON",
  "transaction_read_only = ON",
  "foreign_key_checks = OFF",
  "unique_checks = OFF",
  "sql_auto_is_null = ON",
  "max_join_size = 1",
  "sql_big_selects = OFF",
  "sql_safe_updates = ON",
  "sql_select_limit = 1",
  "div_precision_increment = 0",
  "group_concat_max_len = 4",
  "max_sort_length = 8",
  "max_sort_length = 64",
  "tmp_disk_table_size = 1024",
  "tmp_memory_table_size = 0",
  "innodb_lock_wait_timeout = 100",
  "lock_wait_timeout = 1",
  "max_execution_time = 1",
  "max_statement_time = 0.001",
  "net_read_timeout = 1",
  "net_write_timeout = 1",
  "wait_timeout = 1",
  "idle_transaction_timeout = 1",
  "idle_readonly_transaction_timeout = 1",
  "idle_write_transaction_timeout = 1",
  "alter_algorithm = 'INSTANT'",
  "auto_increment_increment = 7",
  "auto_increment_offset = 3",
  "default_storage_engine = 'MyISAM'",
  "innodb_strict_mode = OFF",
  "innodb_default_row_format = 'compact'",
  "explicit_defaults_for_timestamp = OFF",
  "low_priority_updates = ON",
  "query_cache_type = 1",
  "optimizer_switch = 'index_condition_pushdown=off,materialization=off,semijoin=off,derived_merge=off'",
];

Deno.test({
  name: "mysql settings: what is stored and shown is the same under any defaults of the server",
  ignore: isMysqlMissing(),
  async fn(): Promise<void> {
    await using server = await startOwnMysqlServer([]);
    const at = { host: "127.0.0.1", port: server.port };
    const root = await MysqlConnection.open({ ...at, user: "root", database: undefined }, 10_000);
    await root.command("CREATE USER 'ada'@'%'");
    const bases = ["plain", "plain_old", "odd", "odd_old"];
    for (const base of bases) await root.command(`GRANT ALL ON ${base}.* TO 'ada'@'%'`);
    const use = (database: string): MysqlOptions => ({ ...at, user: "ada", database });
    const before = [await useNew(use("plain")), await useOld(root, use("plain_old"))];
    let known = 0;
    for (const setting of ODD) {
      await root.command(`SET GLOBAL ${setting}`).then(() => known++, (error) => {
        // Of one kind of server only, or of other values.
        if (!isSqlError(error, "refused")) throw error;
      });
    }
    assertEquals(known > 35, true, `${known}`);
    assertEquals([await useNew(use("odd")), await useOld(root, use("odd_old"))], before);
    await root.close();
  },
});

const TEXTS = ["über 🦆", "a\\b'c\"d`e", "  spaces  ", "%_", "ß", "NULL", "x".repeat(9_000)];

/** Makes a schema and uses it. @returns all that is seen */
async function useNew(options: MysqlOptions): Promise<unknown> {
  await using driver = await openMysql(options);
  await using repository = await openRepository(driver, { now: () => NOW });
  const { users, rooms, members, messages } = repository;
  const tokenHash = newTokenHash();
  const ada = await createGuest(repository, "äda");
  await users.addToken(ada.id, { tokenHash, now: NOW });
  const bob = await createGuest(repository, "bob");
  const names = ["Zoo", "äpfel", "b".repeat(60), "b".repeat(60) + "a", "c"];
  const created = [];
  for (const name of names) created.push(await createRoom(repository, name));
  const [room] = created;
  await members.add({ room: roomId(room?.id ?? 0), user: bob.id, read: 0, now: NOW });
  const answers = await messages.append(
    TEXTS.map((content, n) => draft(ada.id, { room: roomId(room?.id ?? 0), content, cid: `${n}` })),
  );
  const again = await messages.append([
    draft(ada.id, { room: roomId(room?.id ?? 0), content: TEXTS[0], cid: "0" }),
  ]);
  const found = await users.findByToken(tokenHash, { now: NOW + 7_200_000 });
  const [row] = await driver.query(
    "SELECT ABS(TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP())) AS age FROM Users WHERE user_id = ?",
    [ada.id],
  );
  const connection = await MysqlConnection.open(options, 10_000);
  const schema = await definitions(connection);
  await connection.close();
  return {
    schema,
    answers,
    again,
    found: found?.name,
    age: Number(row?.age) < 60,
    listed: (await rooms.list({ limit: 100 })).map(({ name }) => name),
    unread: (await members.ofUser(bob.id, { order: "key", limit: 10 })).map(({ unread }) => unread),
    events: (await messages.after(roomId(room?.id ?? 0), 0, 100)).map((event) => ({
      ...event,
      user: 0,
    })),
  };
}

/** Upgrades an old program's tables. @returns what the lobby shows */
async function useOld(root: MysqlConnection, options: MysqlOptions): Promise<unknown> {
  await root.command(`CREATE DATABASE ${options.database} CHARACTER SET latin1`);
  const sql = await MysqlConnection.open(options, 10_000);
  await createOldTables(sql, { users: "latin1" });
  await sql.execute("INSERT INTO Users (user_id, username) VALUES (1, 'ann'), (2, 'bärbel')");
  await addMessages(sql, { content: "grüße" }, { user: 2 }, { user: 2, at: null });
  await sql.close();
  const upgrade = { ...legacyUpgrade(), now: () => NOW };
  await using repository = await openRepository(await openMysql(options), {
    now: () => NOW,
    upgradeLegacy: (sql) => upgradeLegacy(sql, upgrade),
  });
  const events = await repository.messages.after(roomId(1), 0, 100);
  // Times are read in the server's own zone.
  return events.map(({ seq, from, body }) => ({ seq, from, content: body.content }));
}
