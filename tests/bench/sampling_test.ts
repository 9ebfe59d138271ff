import { assertEquals, assertRejects } from "@std/assert";
import { type Clocks, measure, median, spreadOf } from "../../bench/sampling.ts";

/** Clocks that stand still unless something is spent. */
class Spending implements Clocks {
  us = 0;
  waitedUs = 0;

  cpuUs(): number {
    return this.us;
  }

  elapsedUs(): number {
    return this.us + this.waitedUs;
  }
}

const EMPTY = { name: "x", unit: "row", units: 1 };

Deno.test("bench sampling: the cost of a unit is that of a run, shared by its units", async () => {
  const clocks = new Spending();
  const yardstick = () => void (clocks.us += 40);
  const run = () => void (clocks.us += 50, clocks.waitedUs += 150);
  const options = { samples: 3, sampleUs: 1_000, clocks, yardstick };
  assertEquals(await measure({ ...EMPTY, units: 100, run }, options), {
    unit: "row",
    us: 0.5,
    yardsticks: 0.0125,
    spread: 0,
    elapsedUs: 2,
  });
});

Deno.test("bench sampling: what other processes spend counts too", async () => {
  const clocks = new Spending();
  let otherUs = 1_000_000;
  const run = () => void (clocks.us += 50, otherUs += 30);
  const options = { samples: 3, sampleUs: 1_000, clocks, yardstick: () => {} };
  const figure = await measure({ ...EMPTY, run, otherProcessesUs: () => otherUs }, options);
  assertEquals(figure.us, 80);
});

Deno.test("bench sampling: one sample that was disturbed does not move the figure", async () => {
  const clocks = new Spending();
  let runs = 0;
  const run = () => void (clocks.us += ++runs === 3 ? 90_000 : 1_000);
  const options = { samples: 5, sampleUs: 1_000, clocks, yardstick: () => {} };
  assertEquals((await measure({ ...EMPTY, run }, options)).us, 1_000);
});

Deno.test("bench sampling: a machine that slows down for a while has not slowed the work", async () => {
  const clocks = new Spending();
  let runs = 0;
  const slow = () => runs >= 4 && runs < 6 ? 2 : 1;
  const run = () => void (runs++, clocks.us += 1_000 * slow());
  const yardstick = () => void (clocks.us += 100 * slow());
  const { yardsticks } = await measure({ ...EMPTY, run }, {
    samples: 7,
    sampleUs: 1_000,
    clocks,
    yardstick,
  });
  assertEquals(yardsticks, 10);
});

Deno.test("bench sampling: a workload that fails has no figure", async () => {
  const run = () => Promise.reject(new Error("not stored"));
  const options = { samples: 1, sampleUs: 1 };
  await assertRejects(() => measure({ ...EMPTY, run }, options), Error, "not stored");
});

Deno.test("bench sampling: the median of an even number lies between two", () => {
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(spreadOf([1, 2, 3, 4, 5]), 1 / 3);
  assertEquals(spreadOf([7]), 0);
});
