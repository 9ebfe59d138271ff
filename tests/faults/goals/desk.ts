// G23: claims and decisions at the desk: one of many wins, on every store and between two servers, whatever is
// killed; and a script that waits for one ends soon after it.

import { isMysqlMissing } from "../../support/stores/mysql.ts";
import { RestartingServer } from "../crash/restarting_server.ts";
import { measureExits } from "../desk/exits.ts";
import { DecidingCrowd, judgeCases } from "../desk/kills.ts";
import { judgeEnded, killAtEachStep } from "../desk/named_kills.ts";
import { prepareStore } from "../desk/prepared_stores.ts";
import { logIn, race } from "../desk/races.ts";
import { STEPS, TrappedServers } from "../desk/trap.ts";
import { findBugLines } from "../support/leftovers.ts";
import { inParallel } from "../support/parallel.ts";
import type { ChildServer } from "../../support/processes/child_server.ts";
import { Random } from "../../support/random.ts";
import { pause } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const OPERATORS = 20;
const ROUNDS: Readonly<Record<Size, number>> = { ci: 100, long: 10_000 };
/** On each store. */
const KILLS: Readonly<Record<Size, number>> = { ci: 10, long: 300 };
const SAMPLES: Readonly<Record<Size, number>> = { ci: 40, long: 500 };
/** How long a server runs before it is killed, at most. */
const LIFE_MS = 120;
const EXIT_MS = 100;

/** The stores, and how many servers work on each. */
const STAGES = [
  { name: "sqlite", kind: "sqlite", servers: 1 },
  { name: "mysql", kind: "mysql", servers: 1 },
  { name: "two servers", kind: "mysql", servers: 2 },
] as const;
type Stage = typeof STAGES[number];

export const desk: Goal = {
  id: "G23",
  title: "decisions",
  asked:
    "100 rounds of 20 who claim and of 20 who decide on each store and across two servers: winners exactly " +
    "1; 10 kills on each at random moments, and one at each of 12 named steps from the question to the exit " +
    "of the script that waits: lost, doubled or crossed decisions and claims 0, approvals " +
    "without a person 0, gaps in the desk 0; " +
    "from `decide` to the exit of a script on the same server p99 100 ms",
  run,
};

interface RunOptions {
  readonly size: Size;
  readonly context: GoalContext;
  readonly findings: Findings;
}

async function run(size: Size, context: GoalContext): Promise<Verdict> {
  const findings = new Findings();
  const counts: Record<string, number> = { rounds: 0, kills: 0, decided: 0, closed: 0, claimed: 0 };
  const add = (more: Readonly<Record<string, number>>) => {
    for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count;
  };
  const stages = STAGES.filter(({ kind }) => kind === "sqlite" || !isMysqlMissing());
  const exits: string[] = [];
  for (const stage of stages) {
    context.progress(`${stage.name}: races`);
    const options = { size, context, findings };
    const { counts: raced, exits: measured } = await runRaces(stage, options);
    add(raced);
    if (measured !== "") exits.push(measured);
    context.progress(`${stage.name}: kills`);
    add(await runKills(stage, options));
  }
  // Most of their time is that of clients who wait before they come back.
  context.progress("kills at each step");
  const options = { size, context, findings };
  await inParallel(stages.length, stages, async (stage) => {
    add(await runNamedKills(stage, options));
  });
  const where = stages.map(({ name }) => name).join(", ");
  const reached = `${where}: ${counts.rounds} rounds, ${counts.kills} kills, ` +
    `${counts.steps} at named steps, ${counts.decided} decided, ${counts.closed} closed, ${counts.claimed} claimed; exits ${
      exits.join(", ")
    }`;
  return findings.verdict({ reached, counts });
}

/** On one server the exits of scripts are measured, too: between two without a bus a poll is awaited. */
async function runRaces(
  stage: Stage,
  { size, context, findings }: RunOptions,
): Promise<{ readonly counts: Readonly<Record<string, number>>; readonly exits: string }> {
  const directory = `${context.directory}/${stage.name.replace(" ", "-")}-races`;
  const { kind } = stage;
  await using store = await prepareStore({ kind, directory, operators: OPERATORS });
  const sources = Array.from({ length: stage.servers }, () => new RestartingServer(store.options));
  const servers: ChildServer[] = [];
  try {
    for (const source of sources) servers.push(await source.start());
    const rounds = ROUNDS[size];
    const { operators } = store;
    const { decided, ...closed } = await race({ servers, operators, rounds, findings });
    const counts = { rounds, decided, closed: closed.withdrawn + closed.expired };
    if (stage.servers > 1) return { counts, exits: "" };
    const [server] = servers;
    const [operator] = operators;
    if (server === undefined || operator === undefined) throw new Error("Nothing was started");
    const delays = await measureExits({ server, operator, samples: SAMPLES[size], findings });
    findings.inTime(`p99 to the exit on ${stage.name}`, { is: delays.p99Ms, asked: EXIT_MS });
    const exits = `${stage.name} p50 ${delays.percentile(0.5)} ms, p99 ${delays.p99Ms} ms`;
    return { counts: { ...counts, exits: delays.count }, exits };
  } finally {
    for (const server of servers) findings.fault(...findBugLines(server));
    for (const source of sources) await source.kill();
  }
}

async function runKills(
  stage: Stage,
  { size, context, findings }: RunOptions,
): Promise<Readonly<Record<string, number>>> {
  const directory = `${context.directory}/${stage.name.replace(" ", "-")}-kills`;
  const { kind } = stage;
  await using store = await prepareStore({ kind, directory, operators: OPERATORS });
  const sources = Array.from({ length: stage.servers }, () => new RestartingServer(store.options));
  const random = new Random(context.seed);
  const crowd = new DecidingCrowd({ servers: sources, operators: store.operators, findings });
  try {
    for (const source of sources) await source.start();
    crowd.begin();
    for (let kill = 0; kill < KILLS[size]; kill++) {
      await pause(random.integer(0, LIFE_MS));
      const source = random.pick(sources);
      await source.kill();
      const server = await source.start();
      findings.fault(...findBugLines(server));
    }
    await crowd.stop();
    const [source] = sources;
    const [operator] = store.operators;
    if (source === undefined || operator === undefined) throw new Error("Nothing was started");
    await source.kill();
    // The log is read by a server that has seen nothing of it.
    const auth = { method: "token", token: operator.token };
    using peer = await logIn(await source.start(), auth);
    const { decided, expired, claimed } = await judgeCases(peer, { cases: crowd.cases, findings });
    return { kills: KILLS[size], decided, closed: expired, claimed };
  } finally {
    for (const source of sources) {
      source.close();
      await source.kill();
    }
  }
}

/** Between two servers the asker is at one and the operators at the other: that of the frame is killed. */
async function runNamedKills(
  stage: Stage,
  { context, findings }: RunOptions,
): Promise<Readonly<Record<string, number>>> {
  const directory = `${context.directory}/${stage.name.replace(" ", "-")}-steps`;
  const { kind } = stage;
  await using store = await prepareStore({ kind, directory, operators: 2 });
  const asker = new RestartingServer(store.options);
  const operator = stage.servers > 1 ? new RestartingServer(store.options) : asker;
  const [{ token } = { token: "" }] = store.operators;
  await using servers = new TrappedServers({ asker, operator });
  await servers.start();
  const { operators } = store;
  const ended = await killAtEachStep({ servers, operators, findings });
  // The log is read by a server that has seen nothing of it.
  await operator.kill();
  const server = await operator.start();
  using peer = await logIn(server, { method: "token", token });
  const { decided } = await judgeEnded(peer, ended, findings);
  findings.fault(...findBugLines(server));
  return { kills: STEPS.length + ended.undecided.length, steps: STEPS.length, decided };
}
