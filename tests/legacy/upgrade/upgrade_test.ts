// The old program's tables become ours: every row, every character, in order, and nothing without the
// wish. Times are in legacy_rows_test.ts, what is refused in legacy_plan_test.ts, cuts in legacy_steps_test.ts.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import type { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import { type StoredEvent, userId } from "../../../lib/store/records.ts";
import { OpenError, type Row } from "../../../lib/store/sql.ts";
import {
  createMysqlDatabase,
  type MysqlTestDatabase,
  testMysql,
} from "../../support/stores/mysql.ts";
import {
  addMessages,
  addUsers,
  createOldTables,
  definitions,
  fingerprint,
  legacyUpgrade,
  NOW,
  type OldTables,
  onDatabase,
  openUpgraded,
} from "../../support/stores/old_tables.ts";
import { createGuest, draft, LOBBY } from "../../support/stores/store_facts.ts";
import { openTestRepository } from "../../support/stores/databases.ts";

/** What must not change of old rows, as bytes of UTF-8. */
function oldRows(sql: MysqlConnection): Promise<readonly Row[]> {
  return sql.query(
    "SELECT m.message_id AS id, m.user_id, HEX(CONVERT(m.content USING utf8mb4)) AS content, " +
      "CAST(m.timestamp AS CHAR) AS at, HEX(CONVERT(u.username USING utf8mb4)) AS username, " +
      "CAST(u.created_at AS CHAR) AS created FROM Messages m " +
      "LEFT JOIN Users u ON u.user_id = m.user_id ORDER BY m.message_id",
  );
}

async function events(database: MysqlTestDatabase): Promise<readonly StoredEvent[]> {
  await using repository = await openUpgraded(database);
  return await repository.messages.after(LOBBY, 0, 1_000);
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).join("");
/** What each character set holds besides: controls, both quotes, the first and last of each length. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  latin1: ["Grüße, naïve café 50 €", "„quoted“ – it’s", "  spaces  ", ""],
  utf8mb3: [
    "Ünï",
    "Привет, Ελλάδα, שלום",
    "日本語",
    "\u0000\u0001\u007f\u0080\u07ff\u0800\uffff",
    " ",
  ],
  utf8mb4: ["😀 👩‍👩‍👧‍👦 \u{10000}\u{10ffff}", "e\u0301 é", "a\u0000b\u001b[31m", "x".repeat(65_535)],
};

for (const [users, messages] of [["latin1"], ["utf8mb3"], ["utf8mb4"], ["latin1", "utf8mb4"]]) {
  const charset = messages ?? users ?? "";
  testMysql(
    `legacy upgrade: every character stays, of ${users} and ${charset}`,
    async (database) => {
      const texts = TEXTS[charset] ?? [];
      const before = await onDatabase(database, async (sql) => {
        await createOldTables(sql, { users, messages });
        await addUsers(sql, ...(TEXTS[users ?? ""] ?? []).map((text) => text.slice(0, 255)));
        await addMessages(sql, ...texts.map((content, n) => ({ content, user: n + 1 })));
        if (charset === "latin1") {
          await sql.command(
            `INSERT INTO Messages (user_id, content) VALUES (1, _latin1 X'${BYTES}')`,
          );
        }
        return await oldRows(sql);
      });
      const found = await events(database);
      assertEquals(found.slice(0, texts.length).map(({ body }) => body.content), texts);
      assertEquals(await onDatabase(database, oldRows), before);
      assert(before.length >= texts.length && found.length === before.length);
    },
  );
}

testMysql(
  "legacy upgrade: a text that grows past its column gets a wider one",
  async (database) => {
    const content = "é".repeat(65_535);
    await onDatabase(database, async (sql) => {
      await createOldTables(sql, { users: "latin1" });
      await addUsers(sql, "ada");
      await addMessages(sql, { content });
    });
    assertEquals((await events(database)).map(({ body }) => body.content), [content]);
  },
);

testMysql(
  "legacy upgrade: messages are the lobby's first, by message_id, whatever holes there are",
  async (database) => {
    await onDatabase(database, async (sql) => {
      await createOldTables(sql, { users: "latin1" });
      await addUsers(sql, "ada", "bob");
      const ids = [700_000, 3, 2_147_483_000, 4, 1, 900];
      await addMessages(sql, ...ids.map((id) => ({ id, content: `${id}`, user: 1 + id % 2 })));
    });
    {
      await using repository = await openUpgraded(database);
      const lobby = await repository.rooms.find("lobby");
      assertEquals([lobby?.id, lobby?.first, lobby?.last], [LOBBY, 1, 6]);
      const page = await repository.messages.before(LOBBY, 7, 3);
      assertEquals(page.map(({ seq, body }) => [seq, body.content]), [
        [4, "900"],
        [5, "700000"],
        [6, "2147483000"],
      ]);
      const guest = await createGuest(repository, "eve");
      assertEquals(await repository.messages.append([draft(guest.id, { from: "eve", cid: "a" })]), [
        { seq: 7, time: NOW, dup: false },
      ]);
    }
    const [first, ...others] = await events(database);
    assertEquals(first, {
      seq: 1,
      user: userId(2),
      from: "bob",
      guest: false,
      bot: false,
      time: Date.UTC(2020, 0, 1),
      body: { kind: "message", to: undefined, content: "1" },
    });
    assertEquals(others.at(-1)?.from, "eve");
  },
);

testMysql(
  "legacy upgrade: the first user of each name that can be one gets its key",
  async (database) => {
    const names: readonly (readonly [name: string, key: string | null])[] = [
      ["Ada", "ada"],
      ["ada", null],
      ["ADA", null],
      ["bob", "bob"],
      ["bob", null],
      ["admin", null],
      ["c0nsole", null],
      ["ADM1N", null],
      ["", null],
      [" carl", null],
      ["carl ", null],
      ["carl", "carl"],
      ["d", null],
      ["e_", null],
      ["f 2", null],
      ["Jürgen", null],
      ["😀", null],
      ["g\u001b]0;x\u0007\r\n", null],
      ["h".repeat(32), "h".repeat(32)],
      ["i".repeat(33), null],
      ["😀".repeat(255), null],
      ["unknown", "unknown"],
    ];
    await onDatabase(database, async (sql) => {
      await createOldTables(sql);
      await addUsers(sql, ...names.map(([name]) => name));
      await addMessages(sql, ...names.map((_, n) => ({ user: n + 1 })));
    });
    const found = await events(database);
    assertEquals(found.map((event) => event.from), names.map(([name]) => name));
    const keys = await onDatabase(
      database,
      (sql) => sql.query("SELECT CAST(name_key AS CHAR) AS name, role FROM Users ORDER BY user_id"),
    );
    assertEquals(keys, names.map(([, name]) => ({ name, role: "member" })));
    await using repository = await openUpgraded(database);
    const asked = ["ada", "ADA", "jürgen"].map(userNameOf);
    const held = await repository.users.findHeld(asked);
    assertEquals([...held].map(({ name }) => name), ["ada", "ADA"]);
  },
);

testMysql(
  "legacy upgrade: the message of a user who is missing is by unknown",
  async (database) => {
    await onDatabase(database, async (sql) => {
      await createOldTables(sql, { users: "latin1", messages: "utf8mb3", engine: "MyISAM" });
      await addUsers(sql, "carl", "ada");
      await sql.execute("INSERT INTO Users (user_id, username) VALUES (78, 'unknown')");
      const users = [2, 77, 1, 78, 77, 0, -5, 2_147_483_647];
      await addMessages(sql, ...users.map((user) => ({ user })));
    });
    const found = await events(database);
    assertEquals(found.map(({ user, from }) => `${user} ${from}`), [
      "2 ada",
      "77 unknown",
      "1 carl",
      "78 unknown",
      "77 unknown",
      "79 unknown",
      "79 unknown",
      "79 unknown",
    ]);
    await onDatabase(database, async (sql) => {
      const keyed = await sql.query(
        "SELECT user_id FROM Users WHERE name_key IS NOT NULL ORDER BY user_id",
      );
      assertEquals(keyed.map((row) => row.user_id), [1, 2, 78]);
      const engines = await sql.query(
        "SELECT DISTINCT engine AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
      );
      assertEquals(engines, [{ name: "InnoDB" }]);
      await assertRejects(() => sql.execute("UPDATE Messages SET user_id = 99"));
    });
  },
);

testMysql(
  "legacy upgrade: a database without users or messages is upgraded too",
  async (database) => {
    await onDatabase(database, (sql) => createOldTables(sql));
    assertEquals(await events(database), []);
    await using repository = await openUpgraded(database);
    const guest = await createGuest(repository);
    assertEquals(guest.id, 1);
    const [appended] = await repository.messages.append([draft(guest.id)]);
    assertEquals(appended, { seq: 1, time: NOW, dup: false });
  },
);

const CREATED: Readonly<Record<string, OldTables>> = {
  "by the old program": {},
  "in MyISAM": { engine: "MyISAM" },
  "from a dump, which spells the index out": { moreOfMessages: ", KEY user_id (user_id)" },
};

for (const [how, tables] of Object.entries(CREATED)) {
  testMysql(
    `legacy upgrade: nothing tells the tables from new ones, made ${how}`,
    async (database) => {
      await using other = await createMysqlDatabase();
      await onDatabase(database, (sql) => createOldTables(sql, { users: "latin1", ...tables }));
      await (await openUpgraded(database))[Symbol.asyncDispose]();
      await (await openTestRepository(other))[Symbol.asyncDispose]();
      assertEquals(await onDatabase(database, definitions), await onDatabase(other, definitions));
    },
  );
}

testMysql(
  "legacy upgrade: without the wish it says what it would do and changes nothing",
  async (database) => {
    const before = await onDatabase(database, async (sql) => {
      await createOldTables(sql, { users: "latin1", messages: "utf8mb3" });
      await addUsers(sql, "ada", "bob");
      await addMessages(sql, {});
      return await fingerprint(sql);
    });
    const legacy = { ...legacyUpgrade(), isWanted: false };
    const error = await assertRejects(() => openUpgraded(database, legacy), OpenError);
    assertEquals(error.kind, "incompatible");
    for (
      const part of [
        `"${database.options.database}"`,
        "Users with 2 rows, Messages with 1 row (latin1, utf8mb3)",
        "create a backup",
        "Nothing has been changed. To upgrade, start with --upgrade-legacy.",
      ]
    ) assert(error.message.includes(part), error.message);
    assertEquals(await onDatabase(database, fingerprint), before);
  },
);

testMysql(
  "legacy upgrade: on what is ours already, or empty, the wish is harmless",
  async (database) => {
    await (await openUpgraded(database))[Symbol.asyncDispose]();
    await using other = await createMysqlDatabase();
    await (await openTestRepository(other))[Symbol.asyncDispose]();
    assertEquals(await onDatabase(database, definitions), await onDatabase(other, definitions));
    const before = await onDatabase(database, fingerprint);
    await (await openUpgraded(database))[Symbol.asyncDispose]();
    assertEquals(await onDatabase(database, fingerprint), before);
  },
);

/** The old program's tables with everything that its owner may have left open. */
async function allowNull(sql: MysqlConnection, engine: string): Promise<void> {
  await sql.command(
    "CREATE TABLE Users (user_id INT AUTO_INCREMENT PRIMARY KEY, username VARCHAR(50), " +
      `created_at TIMESTAMP(3) NULL) ENGINE=${engine} CHARACTER SET latin1`,
  );
  await sql.command(
    "CREATE TABLE Messages (message_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, user_id INT, " +
      "content VARCHAR(500), timestamp TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) " +
      "ON UPDATE CURRENT_TIMESTAMP(3), FOREIGN KEY (user_id) REFERENCES Users (user_id)) " +
      `ENGINE=${engine} CHARACTER SET latin1`,
  );
  await sql.command(
    "INSERT INTO Users VALUES (1, 'ada', NULL), (2, NULL, '2020-01-01 00:00:00.125')",
  );
  const rows = ["1, 'größe'", "NULL, 'by nobody'", "1, NULL", "NULL, NULL", "2, ''", "2, 'last'"];
  await sql.command(
    "INSERT INTO Messages VALUES " +
      rows.map((row, n) => `(${n + 1}, ${row}, '2020-01-01 00:00:0${n}.125')`).join(", "),
  );
}

for (const engine of ["InnoDB", "MyISAM"]) {
  testMysql(
    `legacy upgrade: rows without a user, a text or a name are kept in their places, of ${engine}`,
    async (database) => {
      await onDatabase(database, (sql) => allowNull(sql, engine));
      const shown = (await events(database)).map(({ seq, from, body, time }) =>
        [seq, from, body.content, time - Date.UTC(2020, 0, 1)] as const
      );
      assertEquals(shown, [
        [1, "ada", "größe", 125],
        [2, "unknown", "by nobody", 1_125],
        [3, "ada", "", 2_125],
        [4, "unknown", "", 3_125],
        [5, "(unknown)", "", 4_125],
        [6, "(unknown)", "last", 5_125],
      ]);
      await using repository = await openUpgraded(database);
      const guest = await createGuest(repository, "eve");
      const [next] = await repository.messages.append([draft(guest.id)]);
      assert(next !== undefined && "seq" in next && next.seq === 7);
    },
  );
}
