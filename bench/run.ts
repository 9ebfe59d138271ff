// Measures the cost of the program's parts and compares it with the saved baseline: deno task bench
// --only framing,history --history 10000000; --save measures three times and saves the figures

import { Command } from "@commander-js/extra-typings";
import { formatBaseline, mergeBaseline, readBaseline, thisMachine } from "./baseline.ts";
import { measureMedian, remeasureSlower } from "./repeated_measurement.ts";
import { namesAmong, runMain, showProgress, wholeNumber, write } from "./command_line.ts";
import { PARTS } from "./parts/mod.ts";
import { measure, type SamplingOptions } from "./sampling.ts";
import { STORES } from "./stores.ts";
import { formatJson, formatMachine, formatTable, type Result } from "./table.ts";
import type { Part, Scale } from "./workload.ts";

const FILE = new URL("baseline.json", import.meta.url);
const SAMPLING: SamplingOptions = { samples: 11, sampleUs: 60_000 };
/** The history sizes that are always measured, and the largest. */
const HISTORY_ROWS = [1_000, 100_000];
const MOST_ROWS = 10_000_000;

interface Options {
  readonly only?: readonly string[] | undefined;
  readonly history: number;
  readonly save?: true | undefined;
  readonly json?: true | undefined;
}

export function parseBenchOptions(args: readonly string[]): Options {
  const names = PARTS.map(({ name }) => name);
  return new Command("bench")
    .description("CPU of this program's parts, now and when the baseline was saved")
    .option("--only <parts>", `only these, of ${names.join(",")}`, namesAmong(names))
    .option(
      "--history <rows>",
      "the longest history",
      wholeNumber(HISTORY_ROWS[0] ?? 0, MOST_ROWS),
      HISTORY_ROWS.at(-1) ?? 0,
    )
    .option("--save", "save the figures as the baseline")
    .option("--json", "for programs")
    .allowExcessArguments(false)
    .exitOverride()
    .parse(["", "", ...args]).opts();
}

async function main(): Promise<number> {
  const { only, history, save, json } = parseBenchOptions(Deno.args);
  const parts = PARTS.filter(({ name }) => only?.includes(name) ?? true);
  const historyRows = [...HISTORY_ROWS.filter((rows) => rows < history), history];
  const machine = thisMachine();
  const saved = readBaseline(FILE);
  const before = saved?.figures ?? {};
  const scale = { historyRows, stores: STORES };
  const pass = (isWanted: (name: string) => boolean) => measureAll(parts, { scale, isWanted });
  const results = save ? await measureMedian(pass) : await remeasureSlower(pass, before);
  if (json) {
    write(formatJson(results, { machine, saved: before }));
  } else {
    write(`${formatMachine(machine)}\n`);
    if (saved !== undefined) write(`baseline: ${formatMachine(saved.machine)}\n`);
    write(`\n${formatTable(results, before)}`);
  }
  if (save) {
    const figures = Object.fromEntries(
      results.flatMap((result) => "figure" in result ? [[result.name, result.figure]] : []),
    );
    Deno.writeTextFileSync(FILE, formatBaseline(mergeBaseline(saved, { machine, figures })));
  }
  return 0;
}

interface PassOptions {
  readonly scale: Scale;
  readonly isWanted: (name: string) => boolean;
}

async function measureAll(
  parts: readonly Part[],
  { scale, isWanted }: PassOptions,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const part of parts) {
    for await (const workload of part.workloads(scale)) {
      if (!isWanted(workload.name)) continue;
      showProgress(workload.name);
      if ("missing" in workload) results.push(workload);
      else results.push({ name: workload.name, figure: await measure(workload, SAMPLING) });
    }
  }
  return results;
}

if (import.meta.main) await runMain(main);
