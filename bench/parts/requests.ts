// The cost of each request of the protocol to the whole server with a full store: a million
// messages, a thousand rooms, ten thousand members. The figure includes the cost of sending the
// request.

import { costTable } from "../../tests/faults/costs/requests.ts";
import { CostAsker } from "../../tests/faults/costs/measuring.ts";
import { buildWorld, LARGE, TINY, type WorldSize } from "../../tests/faults/costs/world.ts";
import { ChildServer } from "../../tests/support/processes/child_server.ts";
import { cpuUsOf, OTHERS_UNKNOWN } from "../cpu_time.ts";
import type { MeasuredStore } from "../stores.ts";
import type { Part, Scale, Unmeasured, Workload } from "../workload.ts";

/** The large data set is used from this history size on. */
const LARGE_FROM_ROWS = 100_000;

export const requests: Part = {
  name: "requests",
  async *workloads({ stores, historyRows }: Scale): AsyncGenerator<Workload | Unmeasured> {
    const size = Math.max(...historyRows) < LARGE_FROM_ROWS ? TINY : LARGE;
    for (const store of stores) {
      const missing = store.missing ?? OTHERS_UNKNOWN;
      if (missing === undefined) yield* ofStore(store, size);
      else yield { name: `requests ${store.name}`, missing };
    }
  },
};

async function* ofStore(
  store: MeasuredStore,
  size: WorldSize,
): AsyncGenerator<Workload> {
  await using database = await store.create();
  const { home: directory, url, address } = database;
  await buildWorld(await database.open(), { size, now: Date.now() });
  await using server = await ChildServer.start({
    directory,
    env: { PARLEY_DATABASE: url },
    database: address,
    args: ["--limit", "all=off"],
  });
  const adminToken = Deno.readTextFileSync(`${directory}/data/admin.token`).trim();
  for (const [type, asked] of Object.entries(costTable(size))) {
    for (const request of asked) {
      using asker = new CostAsker({ type, request }, { server, adminToken });
      yield {
        name: `requests ${store.name}: ${asker.name}`,
        unit: "request",
        units: 1,
        async run(): Promise<void> {
          await asker.prepare();
          await asker.ask();
        },
        otherProcessesUs: () => cpuUsOf(server.pid) + database.cpuUs(),
      };
    }
  }
}
