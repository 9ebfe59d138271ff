// Runs the tests that touch a database on Oracle's own MySQL 5.6, the only MySQL that a registry has: one
// version below what the program takes, so it runs in a copy that takes it. deno task test:mysql

import { EXIT_CODES } from "../../lib/exit_codes.ts";
import { ProgramCopy } from "../faults/oracle/copy.ts";
import { fetchMysql56, startMysql56, UnavailableError } from "./server.ts";
import { SKIPPED } from "./skipped.ts";

const ROOT = new URL("../../", import.meta.url);
const MOST_MS = 1_800_000;
const TESTED = ["store", "legacy", "protocol", "server", "cluster", "cli"]
  .map((folder) => `tests/${folder}`);

/** The copy takes 5.6; nothing else differs. */
const RELAXED = {
  file: "lib/store/mysql/driver.ts",
  search: "{ major: 5, minor: 7 }",
  replace: "{ major: 5, minor: 6 }",
};

async function main(): Promise<number> {
  const folder = await fetchMysql56();
  await using server = await startMysql56(folder);
  await using copy = await ProgramCopy.create(ROOT);
  copy.apply([RELAXED]);
  Deno.env.set("PARLEY_TEST_MYSQL", `mysql://root@127.0.0.1:${server.port}/`);
  const outcome = await copy.run([
    ...["test", "--quiet", "--no-prompt", "--allow-all", "--preload", "tests/mysql56/skip.ts"],
    ...TESTED,
  ], { mostMs: MOST_MS });
  for (const { why, tests } of SKIPPED) write(`skipped, as ${why}:\n  ${tests.join("\n  ")}\n`);
  const [summary = "no summary"] = /^.*\d+ passed.*$/m.exec(outcome.output) ?? [];
  const unknown = SKIPPED.flatMap(({ tests }) => tests)
    .filter((test) => !outcome.output.includes(test));
  for (const test of unknown) write(`no test is called "${test}"\n`);
  if (outcome.code !== 0) write(`${outcome.output.split(" ERRORS ").at(-1)}\n`);
  write(`MySQL 5.6.24: ${summary.trim()}, in ${Math.round(outcome.seconds)} s\n`);
  return unknown.length > 0 ? 1 : outcome.code;
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof UnavailableError)) throw error;
  Deno.stderr.writeSync(new TextEncoder().encode(`test:mysql: ${error.message}\n`));
  return EXIT_CODES.unreachable;
}

if (import.meta.main) Deno.exit(await main().catch(exitCodeOf));
