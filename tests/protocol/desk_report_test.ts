// Protocol 10.8: what a report of the desk counts.

import { assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { comeBack, greet, JumpingClock } from "./scene.ts";

/** What is counted, and the waits in seconds. */
function countsOf(report: Frame): readonly unknown[] {
  const { asked, answered, decided, withdrawn, waiting } = report;
  const seconds = (ms: unknown) => ms === undefined ? undefined : Number(ms) / 1_000;
  const waits = [report.median_ms, report.p90_ms, report.longest_ms].map(seconds);
  return [{ asked, answered, decided, withdrawn, waiting }, ...waits];
}

async function ask(client: RawClient, more: object = {}): Promise<unknown> {
  const { inquiry } = await client.ask({ type: "inquiry", content: "May I?", ...more });
  return inquiry;
}

Deno.test("protocol 10.8: a report counts what was asked in the period, once, and who still waits", async () => {
  const clock = new JumpingClock();
  const at = (seconds: number) => clock.setWall(1e12 + seconds * 1_000);
  at(0);
  await using server = await startTestServer({ clock });
  const admin = await comeBack(server, server.adminToken);
  const bob = await greet(server, "bob");
  const report = async (period_ms: number) =>
    countsOf(await admin.ask({ type: "report", period_ms }));
  const none = { asked: 0, answered: 0, decided: 0, withdrawn: 0, waiting: 0 };
  assertEquals(await report(1), [none, undefined, undefined, undefined]);
  const [first, second] = [await ask(bob), await ask(bob, { choices: ["yes", "no"] })];
  at(10);
  await admin.ask({ type: "respond", inquiry: first, content: "Yes" });
  at(30);
  await admin.ask({ type: "decide", inquiry: second, choice: "no" });
  const done = { ...none, asked: 2, answered: 1, decided: 1 };
  assertEquals(await report(60_000), [done, 10, 30, 30]);
  // One more that nobody answers: of three, two have an answer.
  await ask(bob);
  await bob.ask({ type: "withdraw", inquiry: await ask(bob, { choices: ["yes", "no"] }) });
  at(90);
  const left = { ...done, asked: 4, withdrawn: 1, waiting: 1 };
  assertEquals(await report(200_000), [left, 30, undefined, 60]);
  assertEquals(await report(60_000), [
    { ...none, asked: 2, withdrawn: 1, waiting: 1 },
    undefined,
    undefined,
    60,
  ]);
  for (const period_ms of [0, "7d", 3_651 * 86_400_000]) {
    const { code, field } = await admin.ask({ type: "report", period_ms });
    assertEquals([code, field], ["bad_field", "period_ms"]);
  }
});
