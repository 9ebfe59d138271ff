import { assertEquals } from "@std/assert";
import { formatDuration } from "../../../lib/client/output/durations.ts";
import { describeStanding } from "../../../lib/client/output/wording.ts";

Deno.test("duration: it is written in the largest unit that needs no fraction", () => {
  const cases = [
    [1, "0.001 s"],
    [1_500, "1.5 s"],
    [90_000, "90 s"],
    [60_000, "1 min"],
    [1_800_000, "30 min"],
    [5_400_000, "90 min"],
    [7_200_000, "2 h"],
  ] as const;
  for (const [ms, says] of cases) assertEquals(formatDuration(ms), says);
});

const CASES = [
  [{ room: "?42" }, "Asked as ?42"],
  [{ room: "?42", position: 1 }, "Asked as ?42 · next in the queue"],
  [
    { room: "?42", position: 3, expected_ms: 350_000 },
    "Asked as ?42 · 3rd in the queue · usually answered in about 6 min",
  ],
  [
    { room: "?42", position: 12, expected_ms: 900 },
    "Asked as ?42 · 12th in the queue · usually answered in less than a minute",
  ],
  [{ room: "?42", position: 22 }, "Asked as ?42 · 22nd in the queue"],
  [
    { room: "?42", position: 1, operators: 0 },
    "Asked as ?42 · next in the queue · nobody is at the desk now: it is kept",
  ],
  [{ room: "?42", position: 2, operators: 2 }, "Asked as ?42 · 2nd in the queue"],
] as const;

for (const [ok, says] of CASES) {
  Deno.test(`standing: ${says}`, () => assertEquals(describeStanding(ok), says));
}
