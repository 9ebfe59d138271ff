// Protocol 10.1 and 10.3: queues by name.

import { assertEquals } from "@std/assert";
import type { Frame } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { comeBack, greet, UNHURRIED } from "./scene.ts";

Deno.test("protocol 10.3: an inquiry waits in the queue that it names, whatever the case, and all are listed without one", async () => {
  await using server = await startTestServer({ limits: { ...UNHURRIED, inquiries_burst: 100 } });
  const [op, ann] = [await comeBack(server, server.adminToken), await greet(server, "ann")];
  await ann.ask({ type: "inquiry", content: "one", queue: "billing" });
  await ann.ask({ type: "inquiry", content: "two" });
  await ann.ask({ type: "inquiry", content: "three", queue: "Billing", choices: ["yes", "no"] });
  const listed = async (more: Frame = {}) =>
    (await op.ask({ type: "queue", ...more })).inquiries
      .map(({ inquiry, queue }: Frame) => [inquiry, queue]);
  assertEquals(await listed(), [[1, "billing"], [2, undefined], [3, "billing"]]);
  assertEquals(await listed({ queue: "BILLING" }), [[1, "billing"], [3, "billing"]]);
  assertEquals(await listed({ queue: "other" }), []);
  assertEquals((await op.ask({ type: "queue", queue: "billing", limit: 1 })).more, true);
  for (const type of ["inquiry", "queue"]) {
    const wrong = { type, content: "x" };
    assertEquals((await op.ask({ ...wrong, queue: 7 })).code, "bad_field");
    assertEquals((await op.ask({ ...wrong, queue: "a b" })).code, "bad_field");
    assertEquals((await op.ask({ ...wrong, queue: "" })).code, "bad_field");
  }
});
