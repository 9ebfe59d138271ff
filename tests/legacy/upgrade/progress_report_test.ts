// What the server adds to the upgrade of old tables: keys for names, and its progress.

import { assertEquals } from "@std/assert";
import { createLog, type LogEntry } from "../../../lib/log.ts";
import { accountKeyOf, UpgradeReport } from "../../../lib/legacy/upgrade/progress_report.ts";

Deno.test("upgrade: a name that an account may have becomes its key, no other does", () => {
  const names = ["Ada-1", "a", "Admin", "r00t", "all", "Zoë", "x y", ""];
  assertEquals(names.map(accountKeyOf), [
    "ada-1",
    ...Array.from({ length: 7 }, () => undefined),
  ]);
});

Deno.test("upgrade: on a terminal it is a line that is rewritten, at most so often", () => {
  let now = 0;
  let shown = "";
  const logged: LogEntry[] = [];
  using report = new UpgradeReport({
    log: createLog("info", (entry) => logged.push(entry)),
    write: (text) => shown += text,
    monotonic: () => now,
  });
  const step = { step: 7, steps: 9, doing: "numbering messages" };
  report.onStart("What will be done.");
  report.onProgress(step);
  for (const [at, done] of [[50, 256], [1_500, 70_000], [1_550, 70_256]] as const) {
    now = at;
    report.onProgress({ ...step, messages: { done, of: 100_000 } });
  }
  now = 2_345;
  report.onEnd();
  assertEquals(shown.split("\r\x1b[2K"), [
    "What will be done.\n\n",
    "7/9 numbering messages (0.0 s)",
    "7/9 numbering messages: 70,000 of 100,000 (1.5 s)",
    "Upgraded in 2.3 s.\n\n",
  ]);
  assertEquals(logged, []);
});

Deno.test("upgrade: one that fails leaves its line", () => {
  let shown = "";
  {
    using report = new UpgradeReport({
      log: createLog("off"),
      write: (text) => shown += text,
      monotonic: () => 0,
    });
    report.onProgress({ step: 1, steps: 9, doing: "adding tables" });
  }
  assertEquals(shown, "\r\x1b[2K1/9 adding tables (0.0 s)\n");
});

Deno.test("upgrade: without a terminal each step is a line of the log", () => {
  const entries: LogEntry[] = [];
  let now = 100;
  using report = new UpgradeReport({
    log: createLog("info", (entry) => entries.push(entry)),
    monotonic: () => now,
  });
  report.onStart("What will be done.");
  report.onProgress({ step: 1, steps: 2, doing: "a" });
  now = 350;
  report.onProgress({ step: 2, steps: 2, doing: "b" });
  report.onProgress({ step: 2, steps: 2, doing: "b", messages: { done: 1, of: 2 } });
  now = 400;
  report.onEnd();
  assertEquals(entries.map(({ event, fields }) => [event, fields]), [
    ["upgrade started", { plan: "What will be done." }],
    ["upgrade", { step: 1, of: 2, doing: "a", ms: 0 }],
    ["upgrade", { step: 2, of: 2, doing: "b", ms: 250 }],
    ["upgrade finished", { ms: 300 }],
  ]);
});
