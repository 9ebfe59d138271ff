// The table of costs has every request of the protocol, and each is answered on a small store: so
// G25 measures on a large one what it claims.

import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../lib/server/commands/mod.ts";
import { openSqlite } from "../../lib/store/sqlite/driver.ts";
import { measureCosts } from "./costs/measuring.ts";
import { costTable } from "./costs/requests.ts";
import { buildWorld, TINY } from "./costs/world.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { cpuMsOf } from "./support/process_info.ts";
import { temporaryDirectory } from "../support/temporary.ts";

Deno.test("costs: every request of the command table is in the table of costs", () => {
  const table = costTable(TINY);
  assertEquals(Object.keys(table).toSorted(), Object.keys(COMMANDS).toSorted());
  const names = Object.entries(table).flatMap(([type, requests]) =>
    requests.map(({ name }) => `${type}: ${name}`)
  );
  assert(Object.values(table).every((requests) => requests.length > 0));
  assertEquals(new Set(names).size, names.length);
});

Deno.test({
  name: "costs: each is answered, and CPU is spent on it",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    await using home = await temporaryDirectory();
    Deno.mkdirSync(`${home.path}/data`, { mode: 0o700 });
    const driver = await openSqlite({ path: `${home.path}/data/parley.db` });
    await buildWorld(driver, { size: TINY, now: Date.now() });
    await using server = await ChildServer.start({
      directory: home.path,
      args: ["--limit", "all=off"],
    });
    const adminToken = Deno.readTextFileSync(`${home.path}/data/admin.token`).trim();
    const costs = await measureCosts(costTable(TINY), { server, adminToken, times: 1 });
    assertEquals(costs.length, Object.values(costTable(TINY)).flat().length);
    assert(costs.every(({ ms, elapsedMs }) => ms >= 0 && elapsedMs > 0));
    assert(cpuMsOf(server.pid) > 0);
  },
});
