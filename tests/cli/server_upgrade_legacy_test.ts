// The old program's tables, met by the real server: refused with what could be done, or upgraded and
// then served.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ChildServer } from "../support/processes/child_server.ts";
import { type MysqlTestDatabase, testMysql } from "../support/stores/mysql.ts";
import {
  addMessages,
  addUsers,
  createOldTables,
  fingerprint,
  onDatabase,
} from "../support/stores/old_tables.ts";

/** How the server is started on the database, in a directory that goes with the test. */
async function withServerOn(
  { url, options: { host, port } }: MysqlTestDatabase,
  body: (start: (...args: readonly string[]) => ChildServer) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-upgrade-" });
  try {
    await body((...args) =>
      ChildServer.spawn({
        directory,
        database: `${host}:${port}`,
        args: ["--database", url, ...args],
      })
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function createThree(database: MysqlTestDatabase): Promise<void> {
  await onDatabase(database, async (sql) => {
    await createOldTables(sql, { users: "latin1" });
    await addUsers(sql, "ada");
    await addMessages(sql, { content: "eins" }, { content: "zwei" }, { content: "fünf" });
  });
}

testMysql("server: old tables are refused with code 78, untouched", async (database) => {
  await createThree(database);
  const before = await onDatabase(database, fingerprint);
  await withServerOn(database, async (start) => {
    await using server = start();
    await server.ready().catch(() => {});
    assertEquals((await server.ended).code, 78);
    const printed = server.log.join("\n");
    assert(printed.startsWith("parley-server: The database"), printed);
    assertStringIncludes(printed, "Messages with 3 rows (latin1)");
    assert(printed.endsWith("To upgrade, start with --upgrade-legacy."), printed);
  });
  assertEquals(await onDatabase(database, fingerprint), before);
});

testMysql("server: --upgrade-legacy upgrades them once, then serves them", async (database) => {
  await createThree(database);
  await withServerOn(database, async (start) => {
    for (const steps of [9, 0]) {
      await using server = start("--upgrade-legacy");
      await server.ready();
      assertEquals(server.logged("upgrade started").length, steps === 0 ? 0 : 1);
      assertEquals(server.logged("upgrade").map((entry) => entry.step).length, steps);
      assertEquals(server.logged("upgrade finished").length, steps === 0 ? 0 : 1);
      using peer = await server.connect();
      const auth = { method: "guest", name: `eve${steps}` };
      peer.send({ type: "hello", id: "hello", version: 1, auth });
      const page = await peer.ask({ type: "history", id: "page", room: "lobby" });
      const events = page?.events as readonly { seq: number; from: string; content: string }[];
      assertEquals(events.map(({ seq, from, content }) => `${seq} ${from} ${content}`), [
        "1 ada eins",
        "2 ada zwei",
        "3 ada fünf",
      ]);
      // The name is an account's: no guest can speak as her.
      using other = await server.connect();
      const reply = await other.ask({
        type: "hello",
        id: "hello",
        version: 1,
        auth: { method: "guest", name: "ADA" },
      });
      assertEquals([reply?.type, reply?.code], ["error", "name_taken"]);
      assertEquals((await server.terminate()).code, 0);
    }
  });
});
