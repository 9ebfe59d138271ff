// Decisions for scripts that wait, while the server is killed at each step from the question to the exit of the
// script. Two scripts wait at a time, and two operators disagree: at the end each exit code is compared with
// the log of its own question.

import type { Frame } from "../../support/clients/peer.ts";
import { Peer } from "../../support/clients/peer.ts";
import { Home, spawnClient } from "../../support/processes/client_process.ts";
import { pause, within } from "../../support/waiting.ts";
import type { Findings } from "../goals/findings.ts";
import { type Case, judgeCases, readDesk } from "./kills.ts";
import type { Operator } from "./prepared_stores.ts";
import { type Step, STEPS, type TrappedServers } from "./trap.ts";

const CHOICES = ["approve", "deny"] as const;
/** How a script ends, by what a person has chosen. */
const EXIT_OF: Readonly<Record<string, number>> = { approve: 0, deny: 3 };
/** Far longer than a restart, and a client's way back to the server. */
const WAITS = "60s";
/** Nobody decides: the client withdraws the question after this. */
const UNDECIDED_WAITS = "2s";
const PATIENCE_MS = 45_000;
const AGAIN_MS = 20;
/** The steps that are repeated with a question that nobody decides. */
const UNDECIDED = STEPS.slice(1, 3);

export interface NamedKillOptions {
  readonly servers: TrappedServers;
  readonly operators: readonly Operator[];
  readonly findings: Findings;
}

/** A script that has ended. */
interface Ended {
  readonly step: string;
  readonly one: Case;
  readonly code: number;
}

/** Kills the server once at each step. @returns how the scripts have ended */
export async function killAtEachStep(
  options: NamedKillOptions,
): Promise<{ readonly decided: readonly Ended[]; readonly undecided: readonly Ended[] }> {
  await using home = await Home.create();
  const decided: Ended[] = [];
  const undecided: Ended[] = [];
  for (const step of STEPS) decided.push(...await killAt(step, { ...options, home }));
  for (const step of UNDECIDED) undecided.push(await killUndecided(step, { ...options, home }));
  return { decided, undecided };
}

/** Compares what scripts have ended with, and what operators were answered, with the log. */
export async function judgeEnded(
  peer: Peer,
  { decided, undecided }: Awaited<ReturnType<typeof killAtEachStep>>,
  findings: Findings,
): Promise<{ readonly decided: number }> {
  const opened = new Map<string, number[]>();
  for (const events of (await readDesk(peer, findings)).values()) {
    for (const { change, content, inquiry } of events) {
      if (change === "opened") opened.set(content, [...opened.get(content) ?? [], inquiry]);
    }
  }
  for (const { step, one } of [...decided, ...undecided]) {
    const [inquiry, ...more] = opened.get(one.key) ?? [];
    one.inquiry = inquiry;
    if (more.length > 0) findings.fault(`${step}: ${one.key} was asked ${1 + more.length} times`);
  }
  for (const { step, one, code } of decided) {
    const choice = (await endsOf(peer, one)).at(-1)?.choice;
    if (code !== EXIT_OF[choice]) findings.fault(`${step}: ${choice} is the exit code ${code}`);
  }
  for (const { step, one, code } of undecided) {
    if (Object.values(EXIT_OF).includes(code)) findings.fault(`${step}: nobody decides, ${code}`);
    const ends = one.inquiry === undefined ? [] : await endsOf(peer, one);
    const isClosed = ends.every(({ type }) => type === "closed") && ends.length < 2;
    if (!isClosed) findings.fault(`${step}: nobody decides, ${JSON.stringify(ends)}`);
  }
  const counts = await judgeCases(peer, { cases: decided.map(({ one }) => one), findings });
  return { decided: counts.decided };
}

async function endsOf(peer: Peer, { inquiry, key }: Case): Promise<readonly Frame[]> {
  const page = await peer.ask({ type: "history", room: `?${inquiry}`, after: 1, id: `end-${key}` });
  return page?.events ?? [];
}

/** All scripts have one home: they are one user. */
interface HomeOptions extends NamedKillOptions {
  readonly home: Home;
}

/** The other script's question is open already: it must get its own decision. */
async function killAt(step: Step, options: HomeOptions): Promise<readonly Ended[]> {
  const { home, servers, operators } = options;
  const n = 1 + STEPS.indexOf(step);
  const [own, other] = [newCase(`own-${n}`), newCase(`other-${n}`)];
  // Each of the two choices is the first operator's of one question, and the second one's of the other.
  const [first, second] = CHOICES.map((_, turn) => {
    const operator = operators[turn];
    if (operator === undefined) throw new Error("There is no operator");
    return new Decider({ servers, operator, cases: [own, other], turn });
  });
  if (first === undefined || second === undefined) throw new Error("There is no operator");
  const start = ({ key }: Case) => new Script({ home, servers, key, wait: WAITS });
  const deciding = first.run();
  await within(PATIENCE_MS, first.isFollowing, `${step.name}: no operator follows`);
  await using otherScript = start(other);
  await within(PATIENCE_MS, first.isShownOne, `${step.name}: no operator is shown a question`);
  const killed = servers.set(step);
  await using ownScript = start(own);
  await within(PATIENCE_MS, killed, `${step.name}: never`);
  const decided = Promise.all([deciding, second.run()]);
  await within(PATIENCE_MS, decided, `${step.name}: an operator waits on`);
  return [
    { step: step.name, one: own, code: await ownScript.code },
    { step: step.name, one: other, code: await otherScript.code },
  ];
}

async function killUndecided(step: Step, { home, servers }: HomeOptions): Promise<Ended> {
  const one = newCase(`nobody-${1 + STEPS.indexOf(step)}`);
  const killed = servers.set(step);
  await using script = new Script({ home, servers, key: one.key, wait: UNDECIDED_WAITS });
  await within(PATIENCE_MS, killed, `${step.name}: never`);
  return { step: step.name, one, code: await script.code };
}

function newCase(key: string): Case {
  const known = { sent: new Map(), claimed: new Set<string>(), confirmed: [], read: [] };
  return { key, choices: CHOICES, isForPeople: true, ...known };
}

interface ScriptOptions {
  readonly home: Home;
  readonly servers: TrappedServers;
  readonly key: string;
  /** As after `--timeout`. */
  readonly wait: string;
}

/** A script that asks for approval and waits for it: the real client. */
class Script implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor({ home, servers, key, wait }: ScriptOptions) {
    const at = ["--server", `127.0.0.1:${servers.portOf("asker")}`, "--name", "deploy"];
    const args = ["approve", key, "--key", key, "--timeout", wait, ...at];
    this.#child = spawnClient({ home, args });
  }

  /** Its exit code. @throws when it does not end */
  get code(): Promise<number> {
    const code = this.#child.status.then(({ code }) => code);
    return within(PATIENCE_MS, code, "A script waits on");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { stdout, stderr, status } = this.#child;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await Promise.all([stdout.cancel(), stderr.cancel(), status]);
  }
}

interface DeciderOptions {
  readonly servers: TrappedServers;
  readonly operator: Operator;
  readonly cases: readonly Case[];
  /** Which choice is that of the first question. */
  readonly turn: number;
}

/** An operator who decides the questions once all are shown, over every cut, until all are answered. */
class Decider {
  readonly #options: DeciderOptions;
  readonly #open: Map<string, { readonly one: Case; readonly choice: string }>;
  readonly #following = Promise.withResolvers<void>();
  readonly #shownOne = Promise.withResolvers<void>();

  constructor(options: DeciderOptions) {
    this.#options = options;
    this.#open = new Map(options.cases.map((one, at) => {
      const choice = CHOICES[(at + options.turn) % CHOICES.length] ?? "deny";
      return [one.key, { one, choice }];
    }));
  }

  /** Resolves once the questions are shown as they come. */
  get isFollowing(): Promise<void> {
    return this.#following.promise;
  }

  /** Resolves once one question was shown. */
  get isShownOne(): Promise<void> {
    return this.#shownOne.promise;
  }

  async run(): Promise<void> {
    while (this.#open.size > 0) {
      try {
        const port = this.#options.servers.portOf("operator");
        using peer = await Peer.connect({ hostname: "127.0.0.1", port });
        await this.#follow(peer);
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
      await pause(AGAIN_MS);
    }
  }

  async #follow(peer: Peer): Promise<void> {
    const { operator: { token } } = this.#options;
    const auth = { method: "token", token };
    const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
    if (welcome?.type !== "welcome") return;
    // All that ever happened at the desk: a question may have come while there was no connection.
    const rooms = [{ room: "desk", seq: 0 }];
    const resumed = await peer.ask({ type: "resume", id: "resume", rooms });
    if (resumed?.type !== "resumed") return;
    this.#following.resolve();
    const shown = new Map<string, number>();
    while (this.#open.size > 0) {
      const frame = await peer.next();
      if (frame === undefined) return;
      if (frame.change === "opened" && this.#open.has(frame.content)) {
        shown.set(frame.content, frame.inquiry);
        this.#shownOne.resolve();
        if (shown.size === this.#open.size) this.#decide(peer, shown);
      }
      if (typeof frame.re === "string") this.#note(peer, frame);
    }
  }

  #decide(peer: Peer, inquiries: ReadonlyMap<string, number>): void {
    for (const { one, choice } of this.#open.values()) {
      one.sent.set(this.#options.operator.name, choice);
      const inquiry = inquiries.get(one.key);
      peer.send({ type: "decide", inquiry, choice, cid: one.key, id: one.key });
    }
  }

  #note(peer: Peer, reply: Frame): void {
    const open = this.#open.get(reply.re);
    if (open === undefined) return;
    if (reply.retry === true) return peer.close();
    const { name } = this.#options.operator;
    if (reply.type === "ok") open.one.confirmed.push({ from: name, seq: reply.seq });
    if (reply.code === "already_decided") open.one.read.push(reply.event);
    this.#open.delete(reply.re);
  }
}
