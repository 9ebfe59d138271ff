// Runs the tests, files in parallel: deno task test; with paths only those; deno task test:programs runs
// the slow ones, which the first leaves out; deno task test:quick runs the fast folders on SQLite. The
// last line is the sum, as in "1900 passed, 0 failed, 3 skipped".

import { existsSync } from "node:fs";
import { isMysqlMissing, MYSQL_VARIABLE } from "./support/stores/mysql.ts";
import { throwawayServerPort } from "./support/stores/mysql_server.ts";

/** Tests without processes, and without a database server where SQLite does. */
const QUICK = [
  ...["chat", "client", "collections", "config", "legacy/object_splitter_test.ts"],
  ...["protocol", "server", "terminal", "wire"],
  ...["layers_test.ts", "log_test.ts", "output_queue_test.ts", "time_test.ts"],
].map((path) => `tests/${path}`);

/** Tests of the programs as a person runs them, and the fault suite's own: they start real processes. */
const PROGRAMS = ["tests/cli", "tests/faults"];

/** Files wait for processes and for times more than they compute. */
const FILES_A_CORE = 2;

/** What `deno test` says of a test that it waits for: after a minute, and each time that has doubled. */
const SLOW_TEST = /'([^'\n]+)' has been running for over \((\d+)m/g;
/** A test that takes this many minutes does not end; the slowest takes half a minute. */
const STUCK_MINUTES = 4;

/** How many tests came to which end. */
interface Sum {
  passed: number;
  failed: number;
  skipped: number;
}

const NO_CHECK = "--no-check";
/** Types are checked by `deno task check`; here they would take a third of the time. */
const QUICK_FLAGS = [
  ...[NO_CHECK, "--reporter=dot"],
  // Random histories, half of its time: they run in `deno task test`.
  "--ignore=tests/terminal/line_histories_test.ts",
];

async function main(args: readonly string[]): Promise<number> {
  const isQuick = args.includes("--quick");
  const paths = args.includes("--programs") ? PROGRAMS : args.filter((arg) => arg !== "--quick");
  const all = [`--ignore=${PROGRAMS.join()}`, "tests/"];
  const chosen = paths.length > 0 ? paths : isQuick ? QUICK : all;
  const started = performance.now();
  const env = await environment(isQuick);
  const types = isQuick || args.includes(NO_CHECK) ? undefined : checkTypes(chosen);
  const tests = [...(isQuick ? QUICK_FLAGS : []), ...(types === undefined ? [] : [NO_CHECK])];
  const { code, sum } = await runTests([...tests, ...chosen], env);
  const areTypesRight = await types ?? true;
  const seconds = Math.round((performance.now() - started) / 1_000);
  write(`\n${paths.length === 0 ? "tests" : paths.join(" ")} in ${seconds} s`);
  if (!areTypesRight) write("the types are not right: see above, or run deno task check");
  const failed = sum.failed + (areTypesRight ? 0 : 1);
  write(`${sum.passed} passed, ${failed} failed, ${sum.skipped} skipped`);
  return code === 0 && !areTypesRight ? 1 : code;
}

/** Checks the types beside the tests: one core does it for ten seconds, in which the other would wait. */
async function checkTypes(chosen: readonly string[]): Promise<boolean> {
  // Not the options, nor the value that one may have beside it.
  const paths = chosen.filter((arg) => existsSync(arg));
  if (paths.length === 0) return true;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", ...paths],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) Deno.stderr.writeSync(stderr);
  return success;
}

/** One database server for all: each file creates databases of its own in it. */
async function environment(isQuick: boolean): Promise<Record<string, string>> {
  const jobs = Deno.env.get("DENO_JOBS") ?? `${navigator.hardwareConcurrency * FILES_A_CORE}`;
  if (isQuick) return { DENO_JOBS: jobs, [MYSQL_VARIABLE]: "none" };
  const given = Deno.env.get(MYSQL_VARIABLE) ?? "";
  if ((given !== "" && given !== "require") || isMysqlMissing()) return { DENO_JOBS: jobs };
  const port = await throwawayServerPort();
  return { DENO_JOBS: jobs, [MYSQL_VARIABLE]: `mysql://root@127.0.0.1:${port}/` };
}

async function runTests(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; sum: Sum }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--parallel", "--quiet", "--no-prompt", "--allow-all", ...args],
    env: { ...env },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let last = "";
  const decoder = new TextDecoder();
  for await (const bytes of child.stdout) {
    Deno.stdout.writeSync(bytes);
    last = (last + decoder.decode(bytes, { stream: true })).slice(-2_000);
    const slow = [...withoutColors(last).matchAll(SLOW_TEST)];
    const stuck = slow.find(([, , minutes]) => Number(minutes) >= STUCK_MINUTES);
    if (stuck === undefined) continue;
    write(`\nstopped: the test '${stuck[1]}' does not end`);
    child.kill("SIGTERM");
    break;
  }
  const { code } = await child.status;
  const sum = parseSum(last);
  if (sum !== undefined) return { code, sum };
  // It has ended before the tests did, as where a file has no right types.
  return { code: code === 0 ? 1 : code, sum: { passed: 0, failed: 1, skipped: 0 } };
}

/** Reads "ok | 3 passed (4 steps) | 0 failed | 1 ignored (2s)" at the end of what `deno test` prints. */
function parseSum(output: string): Sum | undefined {
  const line = withoutColors(output).split("\n").findLast((text) =>
    /\d+ passed\b.*\d+ failed/.test(text)
  );
  if (line === undefined) return undefined;
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(line)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
}

function withoutColors(output: string): string {
  // deno-lint-ignore no-control-regex
  return output.replaceAll(/\x1b\[[\d;]*m/g, "");
}

function write(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
