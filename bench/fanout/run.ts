// Measures the cost of a delivery to the whole server, from a sender to all subscribers, every
// message stored: deno task bench:fanout --store sqlite --only S1,trickle; --save saves the
// figures. Exits with 1 when a message was lost, delivered twice or out of order.

import { Command } from "@commander-js/extra-typings";
import { formatBaseline, mergeBaseline, readBaseline, thisMachine } from "../baseline.ts";
import { remeasureSlower } from "../repeated_measurement.ts";
import { namesAmong, runMain, showProgress, wholeNumber, write } from "../command_line.ts";
import { OTHERS_UNKNOWN } from "../cpu_time.ts";
import type { Figure } from "../sampling.ts";
import { STORES } from "../stores.ts";
import { formatMachine } from "../table.ts";
import { formatTrials, formatTrialsJson, isWrong, type TrialResult } from "./report.ts";
import { describeScenario, SCENARIOS } from "./scenarios.ts";
import { listTargets, OVER } from "./targets.ts";
import { runTrial } from "./trial.ts";

const FILE = new URL("../baseline.json", import.meta.url);
const RUNS = 5;
const MOST_SECONDS = 60;

interface Options {
  readonly only?: readonly string[] | undefined;
  readonly store?: readonly string[] | undefined;
  readonly over: readonly string[];
  readonly seconds: number;
  readonly save?: true | undefined;
  readonly json?: true | undefined;
}

export function parseFanoutOptions(args: readonly string[]): Options {
  const scenarios = SCENARIOS.map(({ name }) => name);
  const stores = STORES.map(({ name }) => name);
  return new Command("bench:fanout")
    .description("CPU of the whole server for each delivery, now and when the baseline was saved")
    .option("--only <names>", `only these, of ${scenarios.join(",")}`, namesAmong(scenarios))
    .option("--store <names>", `only on these, of ${stores.join(",")}`, namesAmong(stores))
    .option(
      "--over <names>",
      `plain or encrypted, and NATS beside it, of ${OVER.join(",")}`,
      namesAmong(OVER),
      ["plain"],
    )
    .option(
      "--seconds <number>",
      `how long each of ${RUNS} runs is`,
      wholeNumber(1, MOST_SECONDS),
      2,
    )
    .option("--save", "save the figures as the baseline")
    .option("--json", "for programs")
    .allowExcessArguments(false)
    .exitOverride()
    .parse(["", "", ...args]).opts();
}

async function main(): Promise<number> {
  const options = parseFanoutOptions(Deno.args);
  if (OTHERS_UNKNOWN !== undefined) {
    write(`Not measured: ${OTHERS_UNKNOWN}\n`);
    return 1;
  }
  const machine = thisMachine();
  const saved = readBaseline(FILE);
  const before = saved?.figures ?? {};
  const results = await takeTrials(options, before);
  if (options.json) {
    write(formatTrialsJson(results, before));
  } else {
    write(`${formatMachine(machine)}\n`);
    for (const scenario of SCENARIOS) write(`${scenario.name}: ${describeScenario(scenario)}\n`);
    write(`\n${formatTrials(results, before)}`);
  }
  const isAnyWrong = results.some((result) => "trial" in result && isWrong(result.trial));
  if (options.save && !isAnyWrong) {
    const figures: Record<string, Figure> = {};
    for (const result of results) {
      if ("trial" in result) figures[result.name] = result.trial.figure;
    }
    Deno.writeTextFileSync(FILE, formatBaseline(mergeBaseline(saved, { machine, figures })));
  }
  return isAnyWrong ? 1 : 0;
}

/** A trial with an error stays an error, whatever a second try gives. */
async function takeTrials(
  options: Options,
  saved: Readonly<Record<string, Figure>>,
): Promise<readonly TrialResult[]> {
  const wrong = new Map<string, TrialResult>();
  const results = await remeasureSlower(async (isWanted) => {
    const taken = await runAll(options, isWanted);
    for (const result of taken) {
      if ("trial" in result && isWrong(result.trial)) wrong.set(result.name, result);
    }
    return taken;
  }, saved);
  return results.map((result) => wrong.get(result.name) ?? result);
}

async function runAll(
  { only, store: named, over, seconds }: Options,
  isWanted: (name: string) => boolean,
): Promise<readonly TrialResult[]> {
  const results: TrialResult[] = [];
  const stores = STORES.filter(({ name }) => named?.includes(name) ?? true);
  for (const scenario of SCENARIOS.filter(({ name }) => only?.includes(name) ?? true)) {
    // Those to be compared one after the other: the machine is another one a minute later.
    for (const target of listTargets(stores, over)) {
      const name = target.nameOf(scenario);
      if (!isWanted(name)) continue;
      showProgress(name);
      if (target.missing === undefined) {
        const { start } = target;
        const trial = await runTrial(scenario, { start, runs: RUNS, runMs: seconds * 1_000 });
        results.push({ name, trial, figure: trial.figure });
      } else {
        results.push({ name, missing: target.missing });
      }
    }
  }
  return results;
}

if (import.meta.main) await runMain(main);
