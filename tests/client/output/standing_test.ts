import { assertEquals } from "@std/assert";
import { describeStanding } from "../../../lib/client/output/standing.ts";

const CASES = [
  [{ room: "?42" }, "Asked as ?42"],
  [{ room: "?42", position: 1 }, "Asked as ?42 · next in the queue"],
  [
    { room: "?42", position: 3, expected_ms: 350_000 },
    "Asked as ?42 · 3rd in the queue · answers have taken about 6 min lately",
  ],
  [
    { room: "?42", position: 12, expected_ms: 900 },
    "Asked as ?42 · 12th in the queue · answers have taken less than a minute lately",
  ],
  [{ room: "?42", position: 22 }, "Asked as ?42 · 22nd in the queue"],
] as const;

for (const [ok, says] of CASES) {
  Deno.test(`standing: ${says}`, () => assertEquals(describeStanding(ok), says));
}
