// Every part of the benchmark at its smallest: that it still does what it measures. How long it takes
// is not looked at.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { cpuUsOf, OTHERS_UNKNOWN, ownCpuUs, parseStat } from "../../bench/cpu_time.ts";
import { PARTS } from "../../bench/parts/mod.ts";
import { runYardstick } from "../../bench/yardstick.ts";
import { measure } from "../../bench/sampling.ts";
import { createSqlite, type MeasuredDatabase, type MeasuredStore } from "../../bench/stores.ts";
import { createMysqlDatabase, isMysqlMissing } from "../support/stores/mysql.ts";

/** The tests' own server: a new one for each run takes longer than all the rest. */
async function createMysql(): Promise<MeasuredDatabase> {
  const database = await createMysqlDatabase();
  const { url, options } = database;
  const home = await Deno.makeTempDir({ prefix: "parley-bench-" });
  return {
    home,
    url,
    address: `${options.host}:${options.port}`,
    open: () => database.open(),
    cpuUs: () => 0,
    async [Symbol.asyncDispose](): Promise<void> {
      await database[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}

const STORES: readonly MeasuredStore[] = [
  { name: "sqlite", create: createSqlite },
  { name: "mysql", missing: isMysqlMissing() ? "none" : undefined, create: createMysql },
];

for (const part of PARTS) {
  Deno.test(`bench parts: ${part.name} does what it measures`, async () => {
    const names: string[] = [];
    for await (const workload of part.workloads({ historyRows: [150, 1_100], stores: STORES })) {
      names.push(workload.name);
      if ("missing" in workload) continue;
      const figure = await measure(workload, { samples: 1, sampleUs: 0, yardstick: () => {} });
      assert(figure.us >= 0 && figure.elapsedUs > 0, workload.name);
    }
    assert(names.length > 0);
    assertEquals(new Set(names).size, names.length);
    assertEquals(names.filter((name) => !name.startsWith(part.name)), []);
  });
}

Deno.test("bench parts: what cannot be measured is told, and has no workload", async () => {
  const create = () => Promise.reject(new Error("asked for a store that is missing"));
  const stores = [{ name: "mysql", missing: "no server", create }] as const;
  for (const part of PARTS.filter(({ name }) => name === "commit" || name === "history")) {
    const [first, ...others] = await Array.fromAsync(
      part.workloads({ historyRows: [150], stores }),
    );
    assertEquals([first, others], [{ name: `${part.name} mysql`, missing: "no server" }, []]);
  }
});

Deno.test("bench yardstick: it does the same work every time", () => {
  const hash = runYardstick();
  assert(hash > 0);
  assertEquals(runYardstick(), hash);
});

Deno.test("cpu time: user and system are added, whatever the process is called", () => {
  const stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 100 0 0";
  assertEquals(parseStat(stat), 3_000_000);
  assert(ownCpuUs() > 0);
  if (OTHERS_UNKNOWN === undefined) assert(cpuUsOf(Deno.pid) > 0);
  else assertThrows(() => cpuUsOf(Deno.pid), Error, OTHERS_UNKNOWN);
});
