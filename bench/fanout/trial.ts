// Runs a scenario against a server of its own. Returns the cost and the delivery errors.

import { ownCpuUs } from "../cpu_time.ts";
import { type Figure, figureOf, measureYardstick, median } from "../sampling.ts";
import { ClientGroup, type RunFigures } from "./client_group.ts";
import type { Scenario } from "./scenarios.ts";
import type { DeliveryErrors } from "./seq_check.ts";
import type { RunningTarget } from "./targets.ts";

export interface TrialOptions {
  /** Starts the server. */
  readonly start: () => Promise<RunningTarget>;
  /** The number of measured runs, each of `runMs`; before the first there is a warm-up run. */
  readonly runs: number;
  readonly runMs: number;
}

export interface Trial {
  /** The cost of a delivery: CPU of the server and its database. */
  readonly figure: Figure;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Shares of one core: the server with its database, and the generator. */
  readonly serverShare: number;
  readonly generatorShare: number;
  readonly errors: DeliveryErrors;
}

/** @throws when a client is disconnected or refused, or a text arrives changed */
export async function runTrial(scenario: Scenario, options: TrialOptions): Promise<Trial> {
  const { start, runs, runMs } = options;
  await using target = await start();
  await using group = await ClientGroup.connect(target.connect, scenario);
  await group.send(runMs);
  const measured: Measured[] = [];
  for (let run = 0; run < runs; run++) {
    const yardstickBeforeUs = measureYardstick();
    const before = { server: target.cpuUs(), generator: ownCpuUs() };
    const run = await group.send(runMs);
    const after = { server: target.cpuUs(), generator: ownCpuUs() };
    measured.push({
      ...run,
      serverUs: after.server - before.server,
      generatorUs: after.generator - before.generator,
      yardstickUs: (yardstickBeforeUs + measureYardstick()) / 2,
    });
    // Every further run would wait for messages that never arrive.
    if (group.errors().lost > 0) break;
  }
  return summarize(measured, group.errors());
}

/** A run, what was spent on it in microseconds of CPU, and what the yardstick costs then. */
export interface Measured extends RunFigures {
  readonly serverUs: number;
  readonly generatorUs: number;
  readonly yardstickUs: number;
}

export function summarize(measured: readonly Measured[], errors: DeliveryErrors): Trial {
  const middle = (value: (run: Measured) => number) => median(measured.map(value));
  const samples = measured.map(({ serverUs, seconds, deliveries, yardstickUs }) => ({
    us: serverUs / deliveries,
    elapsedUs: seconds * 1e6 / deliveries,
    yardstickUs,
  }));
  return {
    figure: figureOf("delivery", samples),
    perSecond: middle(({ seconds, deliveries }) => deliveries / seconds),
    p50Ms: middle(({ p50Ms }) => p50Ms),
    p99Ms: middle(({ p99Ms }) => p99Ms),
    serverShare: middle(({ serverUs, seconds }) => serverUs / 1e6 / seconds),
    generatorShare: middle(({ generatorUs, seconds }) => generatorUs / 1e6 / seconds),
    errors,
  };
}
