// The server killed in the middle of its work: everything acknowledged is there once, where it was
// acknowledged, and everyone who comes back hears everything once and in order.

import { assert } from "@std/assert";
import { formatReport, isClean } from "./crash/report.ts";
import { runCrashes } from "./crash/run.ts";
import { sqliteStore } from "./crash/stores.ts";
import { temporaryDirectory } from "./support/temporary.ts";

const KILLS = 5;

Deno.test("crash: five kills lose, double, move and alter nothing [sqlite]", async () => {
  await using home = await temporaryDirectory();
  const report = await runCrashes({
    kills: KILLS,
    seed: 1,
    directory: home.path,
    store: sqliteStore(home.path),
  });
  assert(isClean(report), formatReport(report));
  // A run in which nothing happened proves nothing.
  assert(report.kills > KILLS, formatReport(report));
  assert(report.acked > 100 * KILLS, formatReport(report));
});
