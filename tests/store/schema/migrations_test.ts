// How a schema comes to its version: once, in order, resumable, and never over what is not ours.

import { assertEquals, assertRejects } from "@std/assert";
import { migrate, type Schema, SCHEMAS } from "../../../lib/store/schema/migrations.ts";
import { integer, text } from "../../../lib/store/column_readers.ts";
import { statementsOf } from "../../../lib/store/schema/applied_migrations.ts";
import {
  type ExecuteResult,
  OpenError,
  type SchemaSql,
  type SqlDriver,
} from "../../../lib/store/sql.ts";
import { openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import { createGuest, say } from "../../support/stores/store_facts.ts";

/** Two small steps in SQL that every store understands. */
function schemaOf(driver: SqlDriver): Schema {
  return {
    migrationsTable: SCHEMAS[driver.dialect].migrationsTable,
    migrations: [
      { version: 1, name: "a", sql: "-- one;\nCREATE TABLE A (n INT);\nCREATE TABLE B (n INT);\n" },
      { version: 2, name: "c", sql: "CREATE TABLE C (n INT);\nCREATE INDEX C_n ON C (n);\n" },
    ],
  };
}

function apply(driver: SqlDriver, schema = schemaOf(driver)): Promise<void> {
  return driver.withSchemaLock((sql) => migrate(sql, schema));
}

function tablesOf(driver: SqlDriver): Promise<readonly string[]> {
  return driver.withSchemaLock(async (sql) => {
    const names = await sql.tableNames();
    return names.filter((name) => !name.startsWith("sqlite_")).toSorted();
  });
}

async function appliedOf(driver: SqlDriver): Promise<readonly string[]> {
  const rows = await driver.query("SELECT version, name, steps FROM ParleyMigrations ORDER BY 1");
  return rows.map((row) => `${integer(row, "version")} ${text(row, "name")} ${row.steps}`);
}

async function assertIncompatible(apply: Promise<unknown>, says: string): Promise<void> {
  const error = await assertRejects(() => apply, OpenError, says);
  assertEquals(error.kind, "incompatible");
}

Deno.test("migrations: a statement ends with ; at the end of a line, a comment is none", () => {
  assertEquals(statementsOf("-- a;\nONE (';', 1);  \n\n  -- b\nTWO\n  x;\r\nTHREE"), [
    "ONE (';', 1)",
    "TWO\n  x",
    "THREE",
  ]);
});

Deno.test("migrations: both databases have the same steps, numbered from 1", () => {
  const [mysql, sqlite] = [SCHEMAS.mysql.migrations, SCHEMAS.sqlite.migrations];
  assertEquals(mysql.map((one) => one.name), sqlite.map((one) => one.name));
  for (const migrations of [mysql, sqlite]) {
    assertEquals(migrations.map((one) => one.version), migrations.map((_, index) => index + 1));
  }
});

Deno.test("migrations: MySQL's tables name their engine and their character set", () => {
  const statements = [
    SCHEMAS.mysql.migrationsTable,
    ...SCHEMAS.mysql.migrations.map((one) => one.sql),
  ]
    .flatMap(statementsOf).filter((statement) => statement.startsWith("CREATE TABLE"));
  for (const statement of statements) {
    const isSpelledOut = /ENGINE=InnoDB .*CHARACTER SET utf8mb4 COLLATE utf8mb4_bin$/.test(
      statement,
    );
    assertEquals(isSpelledOut, true, statement);
  }
});

testEachStore("migrations: each is applied once, in order", async (database) => {
  await using driver = await database.open();
  for (let n = 0; n < 2; n++) {
    await apply(driver);
    assertEquals(await tablesOf(driver), ["A", "B", "C", "ParleyMigrations"]);
    assertEquals(await appliedOf(driver), ["1 a 2", "2 c 2"]);
  }
});

testEachStore("migrations: a new one is applied to what is there", async (database) => {
  await using driver = await database.open();
  const schema = schemaOf(driver);
  await apply(driver, { ...schema, migrations: schema.migrations.slice(0, 1) });
  await driver.execute("INSERT INTO A (n) VALUES (7)");
  await apply(driver);
  assertEquals(await driver.query("SELECT n FROM A"), [{ n: 7 }]);
  assertEquals(await appliedOf(driver), ["1 a 2", "2 c 2"]);
});

testEachStore("migrations: it goes on wherever it was cut off", async (database) => {
  await using driver = await database.open();
  // A cut after each of the statements that a whole run sends, one further each time.
  for (let cut = 0;; cut++) {
    let left = cut;
    const isCut = await driver.withSchemaLock((sql) =>
      migrate(cutOff(sql, () => left-- <= 0), schemaOf(driver))
    )
      .then(() => false, (error) => error === CUT);
    if (!isCut) break;
    if (cut > 40) throw new Error("It never came to its end");
  }
  assertEquals(await tablesOf(driver), ["A", "B", "C", "ParleyMigrations"]);
  assertEquals(await appliedOf(driver), ["1 a 2", "2 c 2"]);
});

const CUT = new Error("cut off");

/** Runs a statement and then fails, when it `isTime`. */
function cutOff(sql: SchemaSql, isTime: () => boolean): SchemaSql {
  return {
    query: (text, params) => sql.query(text, params),
    tableNames: () => sql.tableNames(),
    async execute(text, params): Promise<ExecuteResult> {
      const executed = await sql.execute(text, params);
      if (isTime()) throw CUT;
      return executed;
    },
  };
}

testEachStore("migrations: one that was changed since is refused", async (database) => {
  await using driver = await database.open();
  await apply(driver);
  const { migrationsTable, migrations } = schemaOf(driver);
  const changed = migrations.map((one) => ({ ...one, sql: one.sql.replace("B (n", "B (m") }));
  await assertIncompatible(
    apply(driver, { migrationsTable, migrations: changed }),
    "schema version 1 is not",
  );
});

testEachStore("migrations: the ends of lines are no change", async (database) => {
  await using driver = await database.open();
  await apply(driver);
  const { migrationsTable, migrations } = schemaOf(driver);
  const other = migrations.map((one) => ({ ...one, sql: one.sql.replaceAll("\n", "\r\n") }));
  await apply(driver, { migrationsTable, migrations: other });
});

testEachStore("migrations: a newer schema is refused", async (database) => {
  await using driver = await database.open();
  await apply(driver);
  const { migrationsTable, migrations } = schemaOf(driver);
  const older = { migrationsTable, migrations: migrations.slice(0, 1) };
  await assertIncompatible(apply(driver, older), "version 2, this program supports up to 1");
  assertEquals(await appliedOf(driver), ["1 a 2", "2 c 2"]);
});

testEachStore(
  "migrations: tables of another program are refused and left alone",
  async (database) => {
    await using driver = await database.open();
    await driver.execute("CREATE TABLE users (user_id INT)");
    await driver.execute("INSERT INTO users (user_id) VALUES (7)");
    await assertIncompatible(
      driver.withSchemaLock((sql) => migrate(sql, SCHEMAS[driver.dialect])),
      "tables of another program (Users)",
    );
    assertEquals(await tablesOf(driver), ["users"]);
    assertEquals(await driver.query("SELECT user_id FROM users"), [{ user_id: 7 }]);
  },
);

testEachStore("migrations: a table that no migration makes is no hindrance", async (database) => {
  await using driver = await database.open();
  await driver.execute("CREATE TABLE Invoices (n INT)");
  await apply(driver);
  assertEquals(await appliedOf(driver), ["1 a 2", "2 c 2"]);
});

testEachStore(
  "migrations: a repository that cannot be opened closes its driver",
  async (database) => {
    {
      await using driver = await database.open();
      await driver.execute("CREATE TABLE Rooms (n INT)");
    }
    await assertIncompatible(openTestRepository(database), "another program");
    // A file that were still open could not be opened again.
    await using driver = await database.open();
    assertEquals(await tablesOf(driver), ["Rooms"]);
  },
);

testEachStore("migrations: the times that people read are UTC", async (database) => {
  const driver = await database.open();
  await using repository = await openTestRepository({
    ...database,
    open: () => Promise.resolve(driver),
  });
  const before = Math.floor(Date.now() / 1000) * 1000;
  const ada = await createGuest(repository);
  await say(repository, { user: ada.id, texts: ["x"] });
  const after = Date.now();
  for (const [table, column] of [["Users", "created_at"], ["Messages", "timestamp"]]) {
    const [row] = await driver.query(`SELECT CAST(${column} AS CHAR(19)) AS at FROM ${table}`);
    const at = Date.parse(`${text(row ?? {}, "at").replace(" ", "T")}Z`);
    assertEquals(at >= before && at <= after, true, `${column}: ${text(row ?? {}, "at")}`);
  }
});
