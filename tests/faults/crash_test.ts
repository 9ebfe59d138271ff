// Kills the server during its work: every acknowledged message is there once, at its seq, and every
// client that reconnects receives everything once and in order.

import { assert } from "@std/assert";
import { formatReport, isClean } from "./crash/report.ts";
import { testMysql } from "../support/stores/mysql.ts";
import { type CrashOptions, runCrashes } from "./crash/run.ts";
import { mysqlStore, sqliteStore } from "./crash/stores.ts";
import { temporaryDirectory } from "../support/temporary.ts";

Deno.test("crash: five kills lose, double, move and alter nothing [sqlite]", async () => {
  await using home = await temporaryDirectory();
  await proveConsistency({ kills: 5, directory: home.path, store: sqliteStore(home.path) });
});

testMysql("crash: three kills lose, double, move and alter nothing [mysql]", async (database) => {
  await using home = await temporaryDirectory();
  await proveConsistency({ kills: 3, directory: home.path, store: mysqlStore(database) });
});

async function proveConsistency(options: Omit<CrashOptions, "seed">): Promise<void> {
  const report = await runCrashes({ ...options, seed: 1 });
  assert(isClean(report), formatReport(report));
  // A run in which nothing happened proves nothing.
  assert(report.kills > options.kills, formatReport(report));
  assert(report.acked > 20 * options.kills, formatReport(report));
}
