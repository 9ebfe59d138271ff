// A scenario against a server of its own: the real program, with the flags it is shipped with and its
// limits off, on a store of its own. What that cost, and whether all of it was right.

import { ChildServer } from "../../tests/faults/support/child_server.ts";
import { cpuUsOf, ownCpuUs } from "../cpu_time.ts";
import { type Figure, figureOf, measureYardstick, median } from "../sampling.ts";
import type { MeasuredStore } from "../stores.ts";
import { ClientGroup, type RunFigures } from "./client_group.ts";
import type { Scenario } from "./scenarios.ts";
import type { DeliveryErrors } from "./seq_check.ts";

export interface TrialOptions {
  readonly store: MeasuredStore;
  /** How often it is measured, each time so long; before the first it gets warm for as long. */
  readonly runs: number;
  readonly runMs: number;
}

export interface Trial {
  /** Of a delivery: CPU of the server and its database. */
  readonly figure: Figure;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Shares of one core: the server with its database, and the generator. */
  readonly serverShare: number;
  readonly generatorShare: number;
  readonly errors: DeliveryErrors;
}

/** @throws when somebody is cut off or refused, or a text comes back changed */
export async function runTrial(scenario: Scenario, options: TrialOptions): Promise<Trial> {
  const { store, runs, runMs } = options;
  await using database = await store.create();
  await using server = await ChildServer.start({
    directory: database.home,
    args: ["--limit", "all=off"],
    env: { PARLEY_DATABASE: database.url },
    database: database.address,
  });
  await using gathering = await ClientGroup.connect(server.address, scenario);
  await gathering.send(runMs);
  const serverUs = () => cpuUsOf(server.pid) + database.cpuUs();
  const spells: Measured[] = [];
  for (let run = 0; run < runs; run++) {
    const yardstickBeforeUs = measureYardstick();
    const before = { server: serverUs(), generator: ownCpuUs() };
    const spell = await gathering.send(runMs);
    const after = { server: serverUs(), generator: ownCpuUs() };
    spells.push({
      ...spell,
      serverUs: after.server - before.server,
      generatorUs: after.generator - before.generator,
      yardstickUs: (yardstickBeforeUs + measureYardstick()) / 2,
    });
    // Every further run would wait for what never comes.
    if (gathering.errors().lost > 0) break;
  }
  return summarize(spells, gathering.errors());
}

/** A spell, what was spent on it in microseconds of CPU, and what the yardstick costs then. */
export interface Measured extends RunFigures {
  readonly serverUs: number;
  readonly generatorUs: number;
  readonly yardstickUs: number;
}

export function summarize(spells: readonly Measured[], oddities: DeliveryErrors): Trial {
  const middle = (value: (spell: Measured) => number) => median(spells.map(value));
  const samples = spells.map(({ serverUs, seconds, deliveries, yardstickUs }) => ({
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
    errors: oddities,
  };
}
