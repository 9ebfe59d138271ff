// G10: the server gets a stop signal under load, repeatedly: it drains, sends bye, and leaves no
// message undecided; on a second signal it ends at once.

import { stopTwice } from "../shutdown/twice.ts";
import { STOP_MS, stopUnderLoad } from "../shutdown/under_load.ts";
import { Random } from "../../support/random.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const STOPS = { ci: 20, long: 200 };
const CLIENTS = 200;
const WORK = [200, 1_500] as const;
/** Runs with a second signal. */
const TWICE = 3;
const AT_ONCE_MS = 300;

export const shutdown: Goal = {
  id: "G10",
  title: "shutdown",
  asked: `20 stops under load of 200: exit 0 in ${STOP_MS} ms, bye, FIN, nothing undecided; ` +
    "a second signal ends at once",
  run,
};

async function run(size: Size, { seed, directory }: GoalContext): Promise<Verdict> {
  const random = new Random(seed);
  const findings = new Findings();
  let acked = 0;
  let shownOut = 0;
  let slowestMs = 0;
  for (let stop = 0; stop < STOPS[size]; stop++) {
    const home = createHome(`${directory}/stop${stop}`);
    const load = { directory: home, clients: CLIENTS, work: random.integer(...WORK) };
    const report = await stopUnderLoad(load);
    acked += report.acked;
    shownOut += report.shownOut;
    slowestMs = Math.max(slowestMs, report.tookMs);
    findings.fault(...report.problems.map((problem) => `stop ${stop}: ${problem}`));
  }
  let secondMs = 0;
  for (let time = 0; time < TWICE; time++) {
    const { code, tookMs } = await stopTwice(createHome(`${directory}/twice${time}`));
    secondMs = Math.max(secondMs, tookMs);
    findings.exactly("exit when told twice", { is: code, asked: 1 });
  }
  findings.inTime("a stop", { is: slowestMs, asked: STOP_MS });
  findings.inTime("a second signal", { is: secondMs, asked: AT_ONCE_MS });
  return findings.verdict({
    reached: `${STOPS[size]} stops, slowest ${slowestMs.toFixed(0)} ms, ${shownOut} shown out; ` +
      `told twice ${secondMs.toFixed(0)} ms`,
    counts: { stops: STOPS[size], acknowledged: acked, shown_out: shownOut, second_signals: TWICE },
  });
}

function createHome(path: string): string {
  Deno.mkdirSync(path);
  return path;
}
