// The upgrade of an old database with many messages: 20,000 in the tests, 100,000 in the goal G26.

import { assertEquals } from "@std/assert";
import type { LegacyProgress } from "../../../lib/legacy/upgrade/upgrade.ts";
import type { MysqlTestDatabase } from "../../support/stores/mysql.ts";
import {
  addMessages,
  addUsers,
  createOldTables,
  legacyUpgrade,
  onDatabase,
  openUpgraded,
} from "../../support/stores/old_tables.ts";

/** Rows by the power of two, as any MySQL can. */
async function addMany(database: MysqlTestDatabase, many: number): Promise<void> {
  await onDatabase(database, async (sql) => {
    await createOldTables(sql, { users: "latin1" });
    await addUsers(sql, "ada", "bob", "ADA");
    await addMessages(sql, {});
    for (let rows = 1; rows < many; rows *= 2) {
      await sql.execute(
        "INSERT INTO Messages (user_id, content, timestamp) SELECT 1 + (message_id * 7 + ?) % 3, " +
          "CONCAT('Nachricht für ', message_id, ' ', MD5(message_id + ?)), " +
          "'2020-01-01' + INTERVAL (message_id * 31) % 9000 SECOND FROM Messages " +
          `ORDER BY message_id LIMIT ${Math.min(rows, many - rows)}`,
        [rows, rows],
      );
    }
  });
}

/**
 * Upgrades a database of so many messages. @throws when one of them lost its row, its place or its time
 */
export async function upgradeMany(database: MysqlTestDatabase, many: number): Promise<void> {
  await addMany(database, many);
  const digest = "SELECT COUNT(*) AS many, SUM(CRC32(CONCAT_WS('|', message_id, user_id, " +
    "HEX(CONVERT(content USING utf8mb4)), timestamp))) AS sum FROM Messages";
  const before = await onDatabase(database, (sql) => sql.query(digest));
  const reported: number[] = [];
  const report = {
    onStart: () => {},
    onProgress: ({ messages }: LegacyProgress) => {
      if (messages !== undefined) reported.push(messages.done);
    },
    onEnd: () => {},
  };
  {
    await using repository = await openUpgraded(database, legacyUpgrade(report));
    const lobby = await repository.rooms.find("lobby");
    assertEquals(lobby?.last, many);
  }
  assertEquals([reported[0], reported.at(-1)], [256, many]);
  await onDatabase(database, async (sql) => {
    assertEquals(await sql.query(digest), before);
    // Each message against the one before: one seq more, a higher id, no earlier time.
    const wrong = await sql.query(
      "SELECT COUNT(*) AS many FROM Messages m LEFT JOIN Messages p " +
        "ON p.room_id = m.room_id AND p.seq = m.seq - 1 WHERE m.room_id <> 1 OR (m.seq <> 1 AND " +
        "(p.seq IS NULL OR p.message_id >= m.message_id OR p.time > m.time))",
    );
    assertEquals(wrong, [{ many: 0 }]);
    const early = await sql.query(
      "SELECT COUNT(*) AS many FROM Messages WHERE " +
        "time < TIMESTAMPDIFF(SECOND, '1970-01-01', timestamp) * 1000",
    );
    assertEquals(early, [{ many: 0 }]);
  });
}
