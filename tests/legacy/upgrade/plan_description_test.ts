// What the old program's owner has made of its tables: what stays, what stands in the way, and what is
// not the old program's at all.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { OpenError } from "../../../lib/store/sql.ts";
import { type MysqlTestDatabase, testMysql } from "../../support/stores/mysql.ts";
import {
  addMessages,
  addUsers,
  createOldTables,
  fingerprint,
  legacyUpgrade,
  type OldTables,
  onDatabase,
  openUpgraded,
} from "../../support/stores/old_tables.ts";
import { createGuest, draft, LOBBY } from "../../support/stores/store_facts.ts";

/** Makes a database by these statements, and the words with which its upgrade is refused. */
async function refusal(
  database: MysqlTestDatabase,
  { tables, then = [] }: { tables?: OldTables | undefined; then?: readonly string[] },
): Promise<string> {
  const before = await onDatabase(database, async (sql) => {
    if (tables !== undefined) await createOldTables(sql, tables);
    for (const statement of then) await sql.command(statement);
    return await fingerprint(sql);
  });
  const error = await assertRejects(() => openUpgraded(database), OpenError);
  assertEquals(error.kind, "incompatible");
  assertEquals(await onDatabase(database, fingerprint), before);
  return error.message;
}

testMysql("legacy plan: columns of the owner's own stay, and are named", async (database) => {
  await onDatabase(database, async (sql) => {
    await createOldTables(sql, {
      users: "latin1",
      moreOfUsers: ", email VARCHAR(16000) UNIQUE, color INT NOT NULL DEFAULT 7",
      moreOfMessages: ", length INT AS (LENGTH(content)) STORED, KEY by_time (timestamp)",
    });
    await addUsers(sql, "ada");
    await sql.command("UPDATE Users SET email = 'ä@example.org'");
    await addMessages(sql, { content: "fünf" });
  });
  const plans: string[] = [];
  const report = {
    onStart: (plan: string) => plans.push(plan),
    onProgress: () => {},
    onEnd: () => {},
  };
  {
    await using repository = await openUpgraded(database, legacyUpgrade(report));
    const guests = [await createGuest(repository, "eve"), await createGuest(repository, "eva")];
    const [appended] = await repository.messages.append([draft(guests[1]?.id ?? 0)]);
    assert(appended !== undefined && "seq" in appended);
  }
  assertEquals(plans.length, 1);
  const kept = "columns of your own stay: Users.email, Users.color, Messages.length.";
  assert(plans[0]?.includes(kept), plans[0]);
  await onDatabase(database, async (sql) => {
    const users = await sql.query("SELECT username, email, color FROM Users ORDER BY user_id");
    assertEquals(users, [
      { username: "ada", email: "ä@example.org", color: 7 },
      { username: "eve", email: null, color: 7 },
      { username: "eva", email: null, color: 7 },
    ]);
    const messages = await sql.query("SELECT length FROM Messages ORDER BY seq");
    assertEquals(messages.map((row) => row.length), [5, 5]);
  });
});

const OBSTACLES: readonly {
  readonly says: string;
  readonly tables?: OldTables;
  readonly then?: readonly string[];
}[] = [
  { says: "Users.role has the name", tables: { moreOfUsers: ", role INT" } },
  { says: "Messages.SEQ has the name", tables: { moreOfMessages: ", SEQ INT" } },
  { says: "Users.email must have a value", tables: { moreOfUsers: ", email INT NOT NULL" } },
  { says: "Users has the unique index username", tables: { moreOfUsers: ", UNIQUE (username)" } },
  {
    says: "Messages has the unique index one",
    tables: { moreOfMessages: ", n INT DEFAULT 0, UNIQUE one (user_id, n)" },
  },
  {
    says: "Users.username is not VARCHAR(255),",
    then: ["ALTER TABLE Users MODIFY username VARCHAR(256) NOT NULL"],
  },
  {
    says: "Messages.content is not TEXT,",
    then: ["ALTER TABLE Messages MODIFY content BLOB NOT NULL"],
  },
  {
    says: "Messages.timestamp is not DATETIME",
    then: ["ALTER TABLE Messages MODIFY timestamp BIGINT"],
  },
  {
    says: "Messages.message_id is not INT AUTO_INCREMENT",
    then: ["ALTER TABLE Messages MODIFY message_id INT NOT NULL"],
  },
  {
    says: "Messages has the trigger noted",
    then: ["CREATE TRIGGER noted BEFORE INSERT ON Messages FOR EACH ROW SET NEW.user_id = 1"],
  },
  {
    says: "Likes refers to Messages.message_id",
    then: ["CREATE TABLE Likes (n INT, FOREIGN KEY (n) REFERENCES Messages (message_id))"],
  },
  {
    says: "Users.user_id has values below 0",
    then: ["INSERT INTO Users VALUES (-1, 'ada', NULL)"],
  },
  {
    says: "Messages is partitioned",
    tables: { engine: "MyISAM" },
    then: ["ALTER TABLE Messages PARTITION BY HASH (message_id) PARTITIONS 2"],
  },
];

for (const { says, tables = {}, then = [] } of OBSTACLES) {
  testMysql(`legacy plan: refused, as ${says}`, async (database) => {
    const message = await refusal(database, { tables, then });
    assert(message.includes(`  - ${says}`), message);
    assert(message.includes("Nothing has been changed."), message);
  });
}

const STRANGERS: Readonly<Record<string, { tables?: OldTables; then: readonly string[] }>> = {
  "tables of other columns": {
    then: ["CREATE TABLE Users (id INT)", "CREATE TABLE Messages (id INT)"],
  },
  "one of the two": { then: ["CREATE TABLE Users (user_id INT, username TEXT, created_at INT)"] },
  "a third of our names": { tables: {}, then: ["CREATE TABLE Rooms (n INT)"] },
  "a view of our name": {
    tables: {},
    then: ["RENAME TABLE Users TO People", "CREATE VIEW Users AS SELECT * FROM People"],
  },
};

for (const [what, created] of Object.entries(STRANGERS)) {
  testMysql(`legacy plan: another program's, as by ${what}`, async (database) => {
    const message = await refusal(database, created);
    assert(message.includes("tables of another program"), message);
  });
}

testMysql("legacy plan: tables of other names are nobody's business", async (database) => {
  await onDatabase(database, async (sql) => {
    await createOldTables(sql);
    await sql.command(
      "CREATE TABLE Badges (n INT, FOREIGN KEY (n) REFERENCES Users (user_id)) ENGINE=InnoDB",
    );
    await addUsers(sql, "ada");
    await addMessages(sql, {});
    await sql.command("INSERT INTO Badges VALUES (1)");
  });
  await using repository = await openUpgraded(database);
  assertEquals((await repository.messages.after(LOBBY, 0, 10)).length, 1);
});
