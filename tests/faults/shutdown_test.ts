// A server told to stop: under load, and a second time (shutdown/under_load.ts, shutdown/twice.ts).

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { stopTwice } from "./shutdown/twice.ts";
import { STOP_MS, stopUnderLoad } from "./shutdown/under_load.ts";
import { temporaryDirectory } from "./support/temporary.ts";

const CLIENTS = 50;
const WORK = 500;

Deno.test("shutdown: under load everyone is answered, told and shown out", async () => {
  await using home = await temporaryDirectory();
  const load = { directory: home.path, clients: CLIENTS, work: WORK };
  const { problems, acked, shownOut, tookMs } = await stopUnderLoad(load);
  assertEquals(problems, []);
  assertLess(tookMs, STOP_MS);
  assertEquals(shownOut, CLIENTS);
  assertGreater(acked, WORK - 1);
});

Deno.test("shutdown: the second signal does not wait for those who will not go", async () => {
  await using home = await temporaryDirectory();
  const { code, tookMs } = await stopTwice(home.path);
  assertEquals(code, 1);
  assertLess(tookMs, 300);
});
