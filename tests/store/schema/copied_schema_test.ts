// Most tests of the store work on a copy of the schema (tests/support/stores/migrated.ts): it is what the
// migrations make.

import { assertEquals } from "@std/assert";
import { openMigrated, testDatabases } from "../../support/stores/databases.ts";
import { readDefinitions, readTables, upgrade } from "../../support/stores/schema_fixtures.ts";

const MIGRATIONS = "SELECT version, name, checksum, steps FROM ParleyMigrations ORDER BY version";

for (const store of testDatabases()) {
  Deno.test({
    name: `copied schema: it is what the migrations make, as often as it is copied [${store.name}]`,
    ignore: store.isMissing,
    async fn(): Promise<void> {
      await using migrated = await store.create();
      await using driver = await migrated.open();
      await upgrade(driver);
      for (let n = 0; n < 3; n++) {
        await using copied = await store.create();
        await using copy = await openMigrated(copied);
        assertEquals(await readDefinitions(copy), await readDefinitions(driver));
        assertEquals(await readTables(copy), await readTables(driver));
        assertEquals(await copy.query(MIGRATIONS), await driver.query(MIGRATIONS));
        await upgrade(copy);
        assertEquals(await readTables(copy), await readTables(driver));
      }
    },
  });

  Deno.test({
    name: `copied schema: a database that has tables keeps them alone [${store.name}]`,
    ignore: store.isMissing,
    async fn(): Promise<void> {
      await using database = await store.create();
      {
        await using driver = await database.open();
        await driver.execute("CREATE TABLE Invoices (n INT)");
      }
      await using driver = await openMigrated(database);
      assertEquals([...(await readTables(driver)).keys()], ["Invoices"]);
    },
  });
}
