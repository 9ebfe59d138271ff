// A database whose thread starts late (tests/support/stores/late_thread.ts) is one like any other.

import { assertEquals } from "@std/assert";
import { createSqliteDatabase, openMigrated } from "../../support/stores/databases.ts";
import { until } from "../../support/waiting.ts";

const MIB = 2 ** 20;

Deno.test("late thread: a long log is copied all the same", async () => {
  await using database = await createSqliteDatabase();
  await using driver = await openMigrated(database);
  const size = () => Deno.statSync(database.url.slice("sqlite:".length)).size;
  await driver.execute("CREATE TABLE Texts (text TEXT)");
  for (let n = 0; n < 10; n++) {
    await driver.execute("INSERT INTO Texts (text) VALUES (?)", ["x".repeat(MIB)]);
  }
  await until(() => size() > 8 * MIB);
  assertEquals(await driver.query("SELECT COUNT(*) AS rows FROM Texts"), [{ rows: 10 }]);
});
