import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Baseline,
  formatBaseline,
  mergeBaseline,
  parseBaseline,
  readBaseline,
} from "../../bench/baseline.ts";
import type { Figure } from "../../bench/sampling.ts";

const MACHINE = { deno: "2.9.6", cpu: "a", cores: 2 };

function figure(us: number): Figure {
  return { unit: "message", us, yardsticks: us / 1_000, spread: 0.01, elapsedUs: us };
}

function baseline(figures: Record<string, Figure>, machine = MACHINE): Baseline {
  return { machine, figures };
}

Deno.test("baseline: what is kept is what was measured, to four digits", () => {
  const text = formatBaseline(baseline({ b: figure(1.234567), a: figure(2) }));
  const b = { ...figure(1.235), yardsticks: 0.001235 };
  assertEquals(parseBaseline(text), baseline({ a: figure(2), b }));
  assertEquals(Object.keys(parseBaseline(text).figures), ["a", "b"]);
});

Deno.test("baseline: on the same machine a part measured again leaves the others", () => {
  const saved = baseline({ a: figure(1), b: figure(2) });
  assertEquals(
    mergeBaseline(saved, baseline({ b: figure(3) })),
    baseline({ a: figure(1), b: figure(3) }),
  );
});

Deno.test("baseline: figures of another machine or another Deno are not mixed with these", () => {
  const saved = baseline({ a: figure(1) });
  for (const other of [{ ...MACHINE, cpu: "b" }, { ...MACHINE, deno: "2.9.7" }]) {
    const now = baseline({ b: figure(3) }, other);
    assertEquals(mergeBaseline(saved, now), now);
  }
});

Deno.test("baseline: a file that is none is told, one that is missing is not", async () => {
  const figures = { a: { ...figure(1), us: "fast" } };
  assertThrows(() => parseBaseline(JSON.stringify({ machine: MACHINE, figures })), TypeError);
  const idle = { a: { ...figure(1), yardsticks: 0 } };
  assertThrows(() => parseBaseline(JSON.stringify({ machine: MACHINE, figures: idle })), TypeError);
  assertThrows(() => parseBaseline('{"figures":{}}'), TypeError);
  const directory = await Deno.makeTempDir();
  assertEquals(readBaseline(new URL(`file://${directory}/baseline.json`)), undefined);
  await Deno.remove(directory);
});

Deno.test("baseline: the saved one can be read, and has figures", () => {
  const saved = readBaseline(new URL("../../bench/baseline.json", import.meta.url));
  assert(saved !== undefined);
  assert(Object.keys(saved.figures).length > 0);
});
