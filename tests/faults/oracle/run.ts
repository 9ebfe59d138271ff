// Breaks copies of the program on purpose, one bug at a time, and requires that the named test of
// the suite detects each: deno task test:oracle --only 1,4

import { Command, CommanderError, InvalidArgumentError } from "@commander-js/extra-typings";
import { ProgramCopy } from "./copy.ts";
import { judge, judgeControl, judgeUncontrolled, missed, tailOf, type Verdict } from "./judging.ts";
import { MisfitError } from "./patching.ts";
import {
  type BugResult,
  type ControlResult,
  formatControl,
  formatJson,
  formatResult,
  formatTable,
  isFailed,
} from "./report.ts";
import type { NamedTest, SeededBug } from "./seeded_bug.ts";
import { LATER_BUGS, SEEDED_BUGS } from "./seeded_bugs.ts";

const ROOT = new URL("../../../", import.meta.url);
const FILE = new URL("dist/oracle.json", ROOT);
/** The time limit of a test; after it the bug counts as not detected. */
const MOST_MS = 120_000;
const BAD_USAGE = 2;

function parseNumbers(text: string): readonly number[] {
  const known = [...SEEDED_BUGS, ...LATER_BUGS].map(({ number }) => `${number}`);
  const unknown = text.split(",").filter((number) => !known.includes(number));
  if (unknown.length === 0) return text.split(",").map(Number);
  throw new InvalidArgumentError(`no ${unknown.join(", ")}; there are ${known.join(", ")}`);
}

function parseOptions(): { readonly only?: readonly number[] | undefined } {
  return new Command("oracle")
    .option("--only <bugs>", "these alone, as in 1,4", parseNumbers)
    .allowExcessArguments(false)
    .exitOverride()
    .parse(["", "", ...Deno.args]).opts();
}

async function main(): Promise<number> {
  const { only } = parseOptions();
  const isWanted = ({ number }: { number: number }) => only?.includes(number) ?? true;
  const bugs = SEEDED_BUGS.filter(isWanted);
  const started = performance.now();
  const controls = await runControls(bugs.map(({ test }) => test));
  const results: BugResult[] = [];
  for (const bug of bugs) {
    results.push(await seed(bug, controls));
    write(formatResult(results.at(-1) as BugResult));
  }
  for (const { number, title, needs } of LATER_BUGS.filter(isWanted)) {
    const verdict = { status: "later", why: `it needs ${needs}` } as const;
    results.push({ number, title, test: `needs ${needs}`, verdict, seconds: 0 });
    write(formatResult(results.at(-1) as BugResult));
  }
  const run = { controls, results, seconds: (performance.now() - started) / 1_000 };
  write(`\n${formatTable(run)}`);
  Deno.mkdirSync(new URL(".", FILE), { recursive: true });
  Deno.writeTextFileSync(FILE, formatJson(run));
  return isFailed(run) ? 1 : 0;
}

/** Each test once on the unchanged program: a test that fails without a bug proves nothing. */
async function runControls(tests: readonly NamedTest[]): Promise<readonly ControlResult[]> {
  const distinct = new Map(tests.map((test) => [test.name, test]));
  if (distinct.size === 0) return [];
  await using copy = await ProgramCopy.create(ROOT);
  const controls: ControlResult[] = [];
  for (const { name, args } of distinct.values()) {
    reportProgress(`without a bug: ${name}`);
    const outcome = await copy.run(args, { mostMs: MOST_MS });
    const control = judgeControl(outcome);
    const why = control === "fail" ? { why: tailOf(outcome.output) } : undefined;
    controls.push({ test: name, control, ...why, seconds: outcome.seconds });
    write(formatControl(controls.at(-1) as ControlResult));
  }
  return controls;
}

async function seed(bug: SeededBug, controls: readonly ControlResult[]): Promise<BugResult> {
  const { number, title, test } = bug;
  const started = performance.now();
  reportProgress(`bug ${number}: ${test.name}`);
  await using copy = await ProgramCopy.create(ROOT);
  const verdict = await tryToCatch(bug, { copy, controls });
  const seconds = (performance.now() - started) / 1_000;
  return { number, title, test: test.name, verdict, seconds };
}

async function tryToCatch(
  bug: SeededBug,
  { copy, controls }: {
    readonly copy: ProgramCopy;
    readonly controls: readonly ControlResult[];
  },
): Promise<Verdict> {
  try {
    copy.apply(bug.patches);
  } catch (error) {
    if (error instanceof MisfitError) return missed(error.message);
    throw error;
  }
  const check = await copy.run(["check", "--frozen", "server.ts"], { mostMs: MOST_MS });
  // A bug that the compiler rejects needs no test.
  if (check.code !== 0) return missed(`it does not compile:\n${tailOf(check.output)}`);
  const control = controls.find(({ test }) => test === bug.test.name)?.control ?? "fail";
  return judgeUncontrolled(control) ??
    judge(bug, await copy.run(bug.test.args, { mostMs: MOST_MS }));
}

/** Progress is only for a terminal. */
function reportProgress(line: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`  ${line}\n`));
}

function write(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Commander has already printed the error. */
function exitCodeOf(error: unknown): number {
  if (!(error instanceof CommanderError)) throw error;
  return error.exitCode === 0 ? 0 : BAD_USAGE;
}

if (import.meta.main) {
  // Deno.exit also ends the running tests.
  Deno.addSignalListener("SIGINT", () => Deno.exit(130));
  Deno.addSignalListener("SIGTERM", () => Deno.exit(143));
  Deno.exit(await main().catch(exitCodeOf));
}
