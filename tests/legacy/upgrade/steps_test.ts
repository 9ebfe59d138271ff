// An upgrade that is cut off goes on: after every one of its statements, and within them.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { LegacyProgress } from "../../../lib/legacy/upgrade/upgrade.ts";
import { OpenError, SqlError } from "../../../lib/store/sql.ts";
import { testMysql } from "../../support/stores/mysql.ts";
import {
  addMessages,
  addUsers,
  createOldTables,
  legacyUpgrade,
  NOW,
  onDatabase,
  openUpgraded,
  seenThrough,
} from "../../support/stores/old_tables.ts";
import { openTestRepository, type TestDatabase } from "../../support/stores/databases.ts";
import { createSmall, CUT, cutAfterStatements, cutWithinStatements, faulty } from "./cuts.ts";
import { roomId } from "../../../lib/store/records.ts";

/** Here every third place is tried; the goal G26 tries all of them. */
const STEP = 3;

testMysql("legacy steps: cut off after a statement, it goes on", async () => {
  assert(await cutAfterStatements(STEP) > 8);
});

testMysql("legacy steps: cut off within a change of the old tables, it goes on", async () => {
  assert(await cutWithinStatements(STEP) > 0);
});

testMysql("legacy steps: numbering goes on where it was cut off", async (database) => {
  await onDatabase(database, async (sql) => {
    await createOldTables(sql);
    await addUsers(sql, "ada");
    await addMessages(sql, ...Array.from({ length: 600 }, () => ({})));
  });
  const reported: number[] = [];
  const report = {
    onStart: () => {},
    onProgress: ({ messages }: LegacyProgress) => {
      if (messages === undefined) return;
      reported.push(messages.done);
      if (reported.length === 2) throw CUT;
    },
    onEnd: () => {},
  };
  await assertRejects(() => openUpgraded(database, legacyUpgrade(report)), OpenError);
  await using repository = await openUpgraded(database, legacyUpgrade(report));
  assertEquals(reported, [256, 512, 600]);
  assertEquals((await repository.rooms.find("lobby"))?.last, 600);
});

testMysql("legacy steps: one that was begun is not gone on with unasked", async (database) => {
  await createSmall(database);
  const dying = faulty(({ place }, run) => place > 9 ? Promise.reject(CUT) : run());
  await assertRejects(() => openUpgraded(seenThrough(database, dying)), OpenError);
  const unasked = { ...legacyUpgrade(), isWanted: false };
  for (const open of [openTestRepository, (old: TestDatabase) => openUpgraded(old, unasked)]) {
    const error = await assertRejects(() => open(database), OpenError);
    assertEquals(error.kind, "incompatible");
    assert(error.message.includes("interrupted: continue it with --upgrade-legacy"), error.message);
  }
});

testMysql("legacy steps: who holds the tables is to be stopped", async (database) => {
  await createSmall(database);
  const busy = new SqlError("conflict", "ER_LOCK_WAIT_TIMEOUT", 1205);
  const dying = faulty(({ place }, run) => place > 4 ? Promise.reject(busy) : run());
  const error = await assertRejects(() => openUpgraded(seenThrough(database, dying)), OpenError);
  assertEquals(error.kind, "in_use");
  await (await openUpgraded(database))[Symbol.asyncDispose]();
});

testMysql(
  "legacy steps: the old program's inserts fail once they would be lost",
  async (database) => {
    await createSmall(database);
    await (await openUpgraded(database))[Symbol.asyncDispose]();
    await onDatabase(database, async (sql) => {
      for (const mode of ["STRICT_ALL_TABLES", ""]) {
        await sql.command(`SET SESSION sql_mode = '${mode}'`);
        const insert = "INSERT INTO Messages (user_id, content) VALUES (1, 'late')";
        await assertRejects(() => sql.execute(insert), SqlError, undefined, mode);
      }
    });
  },
);

testMysql("legacy steps: what the old program adds meanwhile is numbered", async (database) => {
  await createSmall(database);
  await onDatabase(database, async (old) => {
    let refused = 0;
    const meanwhile = faulty(async (_statement, run) => {
      const executed = await run();
      await old.execute("INSERT INTO Messages (user_id, content) VALUES (1, 'late')")
        .catch(() => refused++);
      return executed;
    });
    await using repository = await openUpgraded(seenThrough(database, meanwhile));
    const events = await repository.messages.after(roomId(1), 0, 1_000);
    const [row] = await old.query("SELECT COUNT(*) AS many FROM Messages");
    assertEquals(events.length, Number(row?.many));
    assertEquals(events.map((event) => event.seq), events.map((_, index) => index + 1));
    assertEquals([...new Set(events.map((event) => event.time))].at(-1), NOW);
    assert(events.filter((event) => event.body.content === "late").length > 3 && refused > 3);
  });
});
