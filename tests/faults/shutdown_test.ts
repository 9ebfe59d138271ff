// A server told to stop: under load, and a second time (shutdown/under_load.ts, shutdown/twice.ts).

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { testMysql } from "../support/stores/mysql.ts";
import { mysqlStore } from "./crash/stores.ts";
import { stopTwice } from "./shutdown/twice.ts";
import { type LoadOptions, STOP_MS, stopUnderLoad } from "./shutdown/under_load.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const CLIENTS = 50;
const WORK = 500;

Deno.test("shutdown: under load everyone is answered, told and shown out [sqlite]", async () => {
  await using home = await temporaryDirectory();
  await proveGentle({ directory: home.path });
});

testMysql(
  "shutdown: under load everyone is answered, told and shown out [mysql]",
  async (database) => {
    await using home = await temporaryDirectory();
    await proveGentle({ directory: home.path, store: mysqlStore(database) });
  },
);

async function proveGentle(where: Pick<LoadOptions, "directory" | "store">): Promise<void> {
  const report = await stopUnderLoad({ ...where, clients: CLIENTS, work: WORK });
  assertEquals(report.problems, []);
  assertLess(report.tookMs, STOP_MS);
  assertEquals(report.shownOut, CLIENTS);
  assertGreater(report.acked, WORK - 1);
}

Deno.test("shutdown: the second signal does not wait for those who will not go", async () => {
  await using home = await temporaryDirectory();
  const { code, tookMs } = await stopTwice(home.path);
  assertEquals(code, 1);
  assertLess(tookMs, 300);
});
