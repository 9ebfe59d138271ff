// The hostile run from the command line, of any length, or one class of it: deno run -A
// tests/faults/hostile.ts --frames 200000 --seed 1 --class 12

import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { HOSTILE_CLASSES } from "./hostile/classes.ts";
import { saveCase } from "./hostile/corpus.ts";
import { explain, isUnharmed } from "./hostile/report.ts";
import { runHostile } from "./hostile/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const CORPUS = new URL("../corpus/", import.meta.url);

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a whole number is wanted");
}

async function main(): Promise<number> {
  const options = new Command("hostile")
    .option("--frames <count>", "how many cases are sent", parseCount, 5_000)
    .option("--seed <number>", "what chance is made of", parseCount, Date.now() % 1_000_000)
    .option("--class <number>", "only this one", parseCount)
    .option("--save", "keep the cases that fail in tests/corpus/")
    .parse(["", "", ...Deno.args]).opts();
  const { frames, seed, class: only } = options;
  await using home = await temporaryDirectory();
  const started = performance.now();
  const report = await runHostile({
    classes: HOSTILE_CLASSES.filter(({ number }) => only === undefined || number === only),
    cases: frames,
    seed,
    directory: home.path,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const text = `${seconds} s, ${await explain(report, seed)}`;
  Deno.stdout.writeSync(new TextEncoder().encode(text));
  if (options.save) {
    for (const { number, hostile, why } of report.failures) {
      saveCase(CORPUS, { number, title: why, hostile });
    }
  }
  return isUnharmed(report) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
