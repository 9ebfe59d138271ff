import { assertEquals, assertStringIncludes } from "@std/assert";
import { Findings } from "./findings.ts";
import type { Verdict } from "./goal.ts";
import { demandExercise, formatJson, formatResult, formatTable } from "./results.ts";

const PASSED: Verdict = { status: "pass", reached: "3 kills", counts: { kills: 3 } };
const RESULT = {
  goal: { id: "G3", title: "process crash", asked: "2 kills" },
  verdict: PASSED,
  seconds: 4.2,
  load: 0.5,
  others: 0.02,
};
const RUN = { size: "ci" as const, seed: 7, seconds: 5, results: [RESULT] };

Deno.test("results: a success that the server had a part in stays one", () => {
  assertEquals(demandExercise(PASSED), PASSED);
});

Deno.test("results: a success in which something was never done is a failure", () => {
  const idle = demandExercise({ ...PASSED, counts: { kills: 3, sends: 0 } });
  assertEquals(idle.status, "fail");
  assertStringIncludes(idle.reached, "no sends");
});

Deno.test("results: a success that counted nothing is a failure", () => {
  assertEquals(demandExercise({ ...PASSED, counts: {} }).status, "fail");
  assertEquals(demandExercise({ ...PASSED, counts: { kills: NaN } }).status, "fail");
});

Deno.test("results: what is not proven is neither proven nor failed by its counts", () => {
  const missing: Verdict = { status: "not proven", reached: "no strace", counts: {} };
  assertEquals(demandExercise(missing), missing);
});

Deno.test("results: a line tells goal, figure reached, figure asked and verdict", () => {
  assertEquals(formatResult(RESULT), "G3 process crash: 3 kills (asked: 2 kills): pass, 4 s");
});

Deno.test("results: a line tells of a machine that others used, and of a second try", () => {
  const busy = { ...RESULT, others: 0.4, load: 3, firstTry: "1 kill" };
  assertEquals(
    formatResult(busy),
    "G3 process crash: 3 kills (asked: 2 kills): pass, 4 s; others used 40 % of the machine; " +
      "second try at load 3.0, the first came to: 1 kill",
  );
});

Deno.test("results: the table has a row for each goal, and the sum", () => {
  assertEquals(
    formatTable(RUN),
    "G3  process crash  pass  4 s  3 kills\n" +
      "1 pass, 0 fail, 0 not proven, 0 later · size ci, seed 7, 5 s",
  );
});

Deno.test("results: the file holds what the table holds", () => {
  const { seed, goals: [goal] } = JSON.parse(formatJson(RUN));
  assertEquals([seed, goal.id, goal.status, goal.asked, goal.counts.kills], [
    7,
    "G3",
    "pass",
    "2 kills",
    3,
  ]);
});

Deno.test("findings: nothing found is a success", () => {
  const findings = new Findings();
  findings.atMost("p99", { is: 3, asked: 3 });
  assertEquals(findings.verdict({ reached: "3", counts: {} }).status, "pass");
});

Deno.test("findings: a missed time alone may be tried again, a fault may not", () => {
  const findings = new Findings();
  findings.inTime("p99", { is: 51, asked: 50 });
  const late = findings.verdict({ reached: "51 ms", counts: {} });
  assertEquals([late.status, late.isOnlyLate], ["fail", true]);
  findings.exactly("lost", { is: 1, asked: 0 });
  assertEquals(findings.verdict({ reached: "", counts: {} }).isOnlyLate, false);
});

Deno.test("findings: a figure that is no number misses every limit", () => {
  const findings = new Findings();
  findings.atMost("growth", { is: NaN, asked: 1 });
  findings.atLeast("acked", { is: NaN, asked: 1 });
  findings.inTime("p99", { is: NaN, asked: 1 });
  assertStringIncludes(findings.verdict({ reached: "", counts: {} }).reached, "p99");
  assertStringIncludes(findings.verdict({ reached: "", counts: {} }).reached, "growth");
  assertStringIncludes(findings.verdict({ reached: "", counts: {} }).reached, "acked");
});

Deno.test("findings: a small figure that misses is told apart from its limit", () => {
  const findings = new Findings();
  findings.atMost("memory", { is: 1.153, asked: 1.15 });
  assertStringIncludes(
    findings.verdict({ reached: "", counts: {} }).reached,
    "memory: 1.153 above 1.150",
  );
});
