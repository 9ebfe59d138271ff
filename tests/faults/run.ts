// Runs the goals in sequence, prints the result of each, and a table at the end: deno task
// test:faults --only G7,G8 --seed 1; deno task test:long is the same at full size

import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import type { Goal, Size, Verdict } from "./goals/goal.ts";
import { GOALS } from "./goals/mod.ts";
import {
  demandExercise,
  formatJson,
  formatResult,
  formatTable,
  isFailed,
  type Result,
} from "./goals/results.ts";
import { othersShare, readMachineTime } from "./support/machine_time.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { within } from "../support/waiting.ts";

const FILE = new URL("../../dist/faults.json", import.meta.url);
/** The time limit of a goal. */
const MOST_MS: Readonly<Record<Size, number>> = { ci: 300_000, long: 12 * 3_600_000 };

interface RunOptions {
  readonly size: Size;
  readonly seed: number;
}

function parseNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a whole number is wanted");
}

function parseIds(text: string): readonly string[] {
  const ids = text.split(",");
  const known = GOALS.map(({ id }) => id);
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length === 0) return ids;
  throw new InvalidArgumentError(`no ${unknown.join(", ")}; there are ${known.join(", ")}`);
}

async function main(): Promise<number> {
  const { only, long, seed } = new Command("faults")
    .option("--only <goals>", "these alone, as in G7,G8", parseIds)
    .option("--long", "at full size")
    .option("--seed <number>", "what chance is made of", parseNumber, Date.now() % 1_000_000)
    .parse(["", "", ...Deno.args]).opts();
  const size = long ? "long" : "ci";
  const goals = GOALS.filter(({ id }) => only?.includes(id) ?? true);
  const started = performance.now();
  const results: Result[] = [];
  write(`${goals.length} goals, size ${size}, seed ${seed}, load ${load().toFixed(1)}`);
  for (const goal of goals) {
    const result = await attain(goal, { size, seed });
    results.push(result);
    write(formatResult(result));
  }
  const run = { size, seed, seconds: (performance.now() - started) / 1_000, results } as const;
  write(`\n${formatTable(run)}`);
  Deno.mkdirSync(new URL(".", FILE), { recursive: true });
  Deno.writeTextFileSync(FILE, formatJson(run));
  return results.length === 0 || results.some(isFailed) ? 1 : 0;
}

/**
 * Runs a goal, and once more if it missed only a time: a disk or a host that stalls for half a
 * second leaves no other trace. The result shows the first try as well.
 */
async function attain(goal: Goal, options: RunOptions): Promise<Result> {
  const first = await attempt(goal, options);
  const { verdict } = first;
  if (verdict.status !== "fail" || !verdict.isOnlyLate) return first;
  return { ...await attempt(goal, options), firstTry: verdict.reached };
}

async function attempt(goal: Goal, { size, seed }: RunOptions): Promise<Result> {
  await using home = await temporaryDirectory();
  const began = { load: load(), at: performance.now(), time: readMachineTime() };
  const progress = (line: string) => reportProgress(`${goal.id}: ${line}`);
  let verdict: Verdict;
  try {
    const running = goal.run(size, { seed, directory: home.path, progress });
    verdict = demandExercise(await within(MOST_MS[size], running, "It did not end"));
  } catch (error) {
    const why = error instanceof Error ? error.stack ?? error.message : String(error);
    verdict = { status: "fail", reached: `seed ${seed}: ${why}`, counts: {} };
  }
  const seconds = (performance.now() - began.at) / 1_000;
  const others = othersShare(began.time, readMachineTime());
  return { goal, verdict, seconds, load: began.load, others };
}

function load(): number {
  return Deno.loadavg()[0] ?? 0;
}

/** Progress is only for a terminal. */
function reportProgress(line: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`  ${line}\n`));
}

function write(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  // Deno.exit also ends the children.
  Deno.addSignalListener("SIGINT", () => Deno.exit(130));
  Deno.addSignalListener("SIGTERM", () => Deno.exit(143));
  Deno.exit(await main());
}
