// `desk report` against a server that is played by the test.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { report } from "../../../lib/client/desk/report.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { fakeWorld } from "../../support/clients/client_parts.ts";

const OPTIONS = { periodMs: 86_400_000, json: false, timeoutMs: 30_000 };
const REPORT = {
  type: "report",
  since: 0,
  until: 86_400_000,
  asked: 10,
  answered: 4,
  decided: 1,
  withdrawn: 0,
  expired: 2,
  resolved: 0,
  waiting: 3,
  median_ms: 12 * 60_000,
  longest_ms: 7_300_000,
  queues: [],
  more: false,
};

/** What is printed for this reply, on stdout and on stderr. */
async function printed(reply: object, options: object = {}): Promise<[string, string]> {
  await using world = await fakeWorld();
  const reporting = report(world.context, { ...OPTIONS, ...options });
  const peer = await world.server.accept();
  await peer.hello();
  assertEquals((await peer.answer("report", reply)).period_ms, 86_400_000);
  await reporting;
  peer.close();
  return [world.output.out, world.output.err];
}

Deno.test("desk report: a table, in which a quantile that is not reached is above the longest wait", async () => {
  const [out, err] = await printed(REPORT);
  assertEquals(out.split("\n").map((line) => line.split(/\s{2,}/)), [
    [
      "ASKED",
      "ANSWERED",
      "DECIDED",
      "EXPIRED",
      "WITHDRAWN",
      "RESOLVED",
      "WAITING",
      "MEDIAN",
      "P90",
    ],
    ["10", "4", "1", "2", "0", "0", "3", "12 min", ">2 h"],
    [""],
  ]);
  assertStringIncludes(err, "counts as still waiting");
  assertEquals(err.includes("only the newest"), false);
});

Deno.test("desk report: without an inquiry it has no waits, and it says when not all are counted", async () => {
  const none = { median_ms: undefined, longest_ms: undefined, asked: 0, more: true };
  const [out, err] = await printed({ ...REPORT, ...none });
  assertEquals(out.includes(">"), false);
  assertStringIncludes(err, "only the newest are counted");
});

Deno.test("desk report: with queues each has a row below that of all", async () => {
  const [out] = await printed({ ...REPORT, queues: [{ ...REPORT, queue: "net", asked: 9 }] });
  const rows = out.trimEnd().split("\n").map((line) => line.split(/\s{2,}/).slice(0, 2));
  assertEquals(rows, [["QUEUE", "ASKED"], ["all", "10"], ["net", "9"]]);
});

Deno.test("desk report: --json is the reply as it is on the wire", async () => {
  const [out, err] = await printed(REPORT, { json: true });
  assertEquals([{ ...JSON.parse(out), re: undefined }, err], [{ ...REPORT, re: undefined }, ""]);
});

Deno.test("desk report: one that may not read it is told so, with 77", async () => {
  await using world = await fakeWorld();
  const reporting = assertRejects(() => report(world.context, OPTIONS), Failure);
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("report", { type: "error", code: "forbidden", message: "For operators" });
  assertEquals((await reporting).exitCode, 77);
  peer.close();
});
