// The crash-consistency run from the command line, of any length: deno run -A tests/faults/crash.ts
// --kills 100 --store sqlite --seed 1

import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { createMysqlDatabase } from "../support/stores/mysql.ts";
import { runCrashes } from "./crash/run.ts";
import { mysqlStore, sqliteStore } from "./crash/stores.ts";
import { formatReport, isClean } from "./crash/report.ts";
import { temporaryDirectory } from "../support/temporary.ts";

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a whole number is wanted");
}

async function main(): Promise<number> {
  const { kills, seed, store } = new Command("crash")
    .option("--kills <count>", "how often the server is killed", parseCount, 20)
    .option("--seed <number>", "what chance is made of", parseCount, Date.now() % 1_000_000)
    .addOption(
      new Option("--store <store>", "where messages are kept").choices(["sqlite", "mysql"])
        .default("sqlite"),
    )
    .parse(["", "", ...Deno.args]).opts();
  await using home = await temporaryDirectory();
  const started = performance.now();
  await using database = store === "mysql" ? await createMysqlDatabase() : undefined;
  const report = await runCrashes({
    kills,
    seed,
    directory: home.path,
    store: database === undefined ? sqliteStore(home.path) : mysqlStore(database),
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const text = `seed ${seed}, ${seconds} s\n${formatReport(report)}`;
  Deno.stdout.writeSync(new TextEncoder().encode(text));
  return isClean(report) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
