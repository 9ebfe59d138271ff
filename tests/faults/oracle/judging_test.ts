import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { judge, judgeControl, judgeUncontrolled } from "./judging.ts";
import { formatControl, formatJson, formatResult, formatTable, isFailed } from "./report.ts";

const BUG = { says: /^lost +[1-9]/m };
const LOST = { code: 1, output: "kills 13\nlost 7  not stored\n", seconds: 3, isLate: false };

Deno.test("oracle: a test that fails and says what is wrong has caught the bug", () => {
  assertEquals(judge(BUG, LOST), { status: "caught" });
});

Deno.test("oracle: a test that passes has missed the bug, whatever it says", () => {
  assertEquals(judge(BUG, { ...LOST, code: 0 }), { status: "MISSED", why: "its test passes" });
});

Deno.test("oracle: a test that fails for another reason has missed the bug, and is quoted", () => {
  const { status, why = "" } = judge(BUG, { ...LOST, output: "lost 0\ncannot start\n" });
  assertEquals(status, "MISSED");
  assertMatch(why, /does not say .*lost.*\n {4}lost 0\n {4}cannot start$/s);
});

Deno.test("oracle: a test that does not end has missed the bug", () => {
  const { status, why } = judge(BUG, { ...LOST, seconds: 120, isLate: true });
  assertEquals([status, why], ["MISSED", "its test did not end in 120 s"]);
});

Deno.test("oracle: a bug whose test fails without it is missed, and one that cannot be run is neither", () => {
  assertEquals(judgeUncontrolled("pass"), undefined);
  assertEquals(judgeUncontrolled("fail")?.status, "MISSED");
  assertEquals(judgeUncontrolled("not proven")?.status, "not proven");
});

Deno.test("oracle: a test that left out what it was to show proves nothing", () => {
  const control = (output: string) => judgeControl({ code: 0, output });
  assertEquals(control("ok | 1 passed | 0 failed | 2 filtered out (2s)"), "pass");
  assertEquals(control("ok | 10 passed | 0 failed (2s)"), "pass");
  assertEquals(control("1 pass, 0 fail, 0 not proven, 0 later"), "pass");
  assertEquals(control("ok | 0 passed | 0 failed | 1 ignored (0ms)"), "not proven");
  assertEquals(control("ok | 0 passed | 0 failed | 3 filtered out (0ms)"), "not proven");
  assertEquals(control("G11 two servers: no MySQL: not proven, 0 s"), "not proven");
  assertEquals(judgeControl({ code: 1, output: "ok | 1 passed" }), "fail");
});

const CAUGHT = {
  number: 4,
  title: "no sync",
  test: "trace",
  verdict: { status: "caught" },
  seconds: 5.2,
} as const;
const LATER = {
  number: 12,
  title: "no hash",
  test: "needs accounts",
  verdict: { status: "later", why: "it needs accounts" },
  seconds: 0,
} as const;
const MISSED = {
  ...CAUGHT,
  number: 2,
  verdict: { status: "MISSED", why: "its test passes" },
} as const;
const CONTROL = { test: "trace", control: "pass", seconds: 2 } as const;
const RUN = { controls: [CONTROL], results: [CAUGHT, LATER], seconds: 9 };

Deno.test("oracle: a line tells a bug, its verdict, the time and what went wrong", () => {
  assertEquals(formatResult(CAUGHT), "bug 4, no sync: caught, 5 s");
  assertEquals(formatResult(MISSED), "bug 2, no sync: MISSED, 5 s: its test passes");
  assertEquals(formatControl(CONTROL), "without a bug: trace: pass, 2 s");
});

Deno.test("oracle: the table has a row for each bug in the order of their numbers, and the sum", () => {
  assertEquals(
    formatTable({ ...RUN, results: [LATER, CAUGHT] }),
    " 4  no sync  caught  5 s  trace\n" +
      "12  no hash  later   0 s  needs accounts\n" +
      "1 caught, 0 MISSED, 0 not proven, 1 later · without a bug 1 of 1 tests pass · 9 s",
  );
});

Deno.test("oracle: a run fails by a bug that is missed, a test that fails without one, and by nothing", () => {
  assertEquals(isFailed(RUN), false);
  assertEquals(isFailed({ ...RUN, results: [CAUGHT, MISSED] }), true);
  assertEquals(isFailed({ ...RUN, controls: [{ ...CONTROL, control: "fail" }] }), true);
  assertEquals(isFailed({ ...RUN, results: [] }), true);
});

Deno.test("oracle: the file holds what the table holds", () => {
  const { bugs, controls, seconds } = JSON.parse(formatJson({ ...RUN, results: [MISSED] }));
  assertEquals([seconds, controls[0].control, bugs[0].number, bugs[0].status], [
    9,
    "pass",
    2,
    "MISSED",
  ]);
  assertStringIncludes(bugs[0].why, "its test passes");
});
