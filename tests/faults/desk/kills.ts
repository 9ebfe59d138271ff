// Claims and decisions while servers are killed: askers and operators go on over every cut, and at the end
// the log of each question, and that of the desk, are compared with all that was sent and answered.

import type { Frame, Peer } from "../../support/clients/peer.ts";
import { pause } from "../../support/waiting.ts";
import type { RestartingServer } from "../crash/restarting_server.ts";
import type { Findings } from "../goals/findings.ts";
import type { Operator } from "./prepared_stores.ts";

/** A question that nobody decides is closed by the clock after so long. */
const EXPIRES_MS = 400;
/** Every so many questions are decided by nobody. */
const UNDECIDED_EVERY = 4;
const AGAIN_MS = 20;

/** One question with all that is known of it from outside. */
export interface Case {
  readonly key: string;
  /** Words of its own: a choice of another question is noticed. */
  readonly choices: readonly [string, string];
  readonly isForPeople: boolean;
  inquiry?: number;
  /** What operators have sent, by name. */
  readonly sent: Map<string, string>;
  /** Whose claim was answered `ok`. */
  readonly claimed: Set<string>;
  /** What was answered `ok`: who decided it. */
  readonly confirmed: { readonly from: string; readonly seq: number }[];
  /** The ends of the question that the asker has read, each time. */
  readonly read: Frame[];
}

export interface KillOptions {
  readonly servers: readonly RestartingServer[];
  readonly operators: readonly Operator[];
  readonly findings: Findings;
}

/** Asks questions one after the other, and lets two operators decide each, until it is stopped. */
export class DecidingCrowd {
  readonly cases: Case[] = [];
  readonly #options: KillOptions;
  #isOver = false;
  #running: Promise<void> | undefined;
  #token: string | undefined;

  constructor(options: KillOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#running = this.#run();
  }

  /** Ends after the question that is open. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const n = this.cases.length;
      const one: Case = {
        key: `key-${n}`,
        choices: [`yes-${n}`, `no-${n}`],
        isForPeople: n % UNDECIDED_EVERY !== UNDECIDED_EVERY - 1,
        sent: new Map(),
        claimed: new Set(),
        confirmed: [],
        read: [],
      };
      this.cases.push(one);
      const [first, second] = [0, 1].map((at) => this.#options.operators[(n + at) % 20]);
      const deciding = one.isForPeople && first !== undefined && second !== undefined
        ? [this.#decide(one, first, 0), this.#decide(one, second, 1)]
        : [];
      await this.#ask(one);
      await Promise.all(deciding);
    }
  }

  /** Asks, over every cut under one key, and waits for the end of the question. */
  async #ask(one: Case): Promise<void> {
    while (one.read.length === 0) {
      await this.#withPeer(0, this.#askerAuth(), async (peer, welcome) => {
        this.#token ??= welcome.token;
        const { choices, key } = one;
        const expires_ms = one.isForPeople ? 60_000 : EXPIRES_MS;
        const question = { type: "inquiry", content: key, cid: key, choices, expires_ms };
        const asked = await peer.ask({ ...question, id: "ask" });
        if (asked?.type !== "ok") return;
        one.inquiry = asked.inquiry;
        peer.send({ type: "resume", id: "resume", rooms: [{ room: asked.room, seq: asked.seq }] });
        for (let frame = await peer.next(); frame !== undefined; frame = await peer.next()) {
          const isEnd = frame.type === "closed" || frame.state === "decided";
          if (!isEnd || frame.room !== asked.room) continue;
          one.read.push(frame);
          return;
        }
      });
    }
  }

  /** Decides, over every cut under one cid, until it is answered. */
  async #decide(one: Case, operator: Operator, at: 0 | 1): Promise<void> {
    const choice = one.choices[at];
    const auth = { method: "token", token: operator.token };
    await this.#claim(one, { operator, auth, at });
    for (let isAnswered = false; !isAnswered;) {
      while (one.inquiry === undefined) await pause(AGAIN_MS);
      await this.#withPeer(at, auth, async (peer) => {
        one.sent.set(operator.name, choice);
        const decision = { type: "decide", inquiry: one.inquiry, choice, cid: one.key };
        const reply = await peer.ask({ ...decision, id: "decide" });
        if (reply?.type === "ok") one.confirmed.push({ from: operator.name, seq: reply.seq });
        isAnswered = reply?.type === "ok" ||
          reply?.code === "already_decided" || reply?.code === "expired";
        if (reply?.type === "error" && !isAnswered && reply.retry !== true) {
          this.#options.findings.fault(`${one.key}: ${JSON.stringify(reply)}`);
          isAnswered = true;
        }
      });
    }
  }

  /** Claims, over every cut, until it is answered. */
  async #claim(
    one: Case,
    { operator, auth, at }: { operator: Operator; auth: object; at: number },
  ): Promise<void> {
    for (let isAnswered = false; !isAnswered;) {
      while (one.inquiry === undefined) await pause(AGAIN_MS);
      await this.#withPeer(at, auth, async (peer) => {
        const reply = await peer.ask({ type: "claim", inquiry: one.inquiry, id: "claim" });
        if (reply?.type === "ok") one.claimed.add(operator.name);
        isAnswered = reply !== undefined && reply.retry !== true;
        const isKnown = reply?.type === "ok" || reply?.retry === true ||
          ["already_claimed", "already_decided"].includes(reply?.code);
        if (reply !== undefined && !isKnown) {
          this.#options.findings.fault(`${one.key}: ${JSON.stringify(reply)}`);
        }
      });
    }
  }

  #askerAuth(): object {
    return this.#token === undefined
      ? { method: "guest", name: "asker" }
      : { method: "token", token: this.#token };
  }

  /** A connection to one of the servers, logged in; what it cuts short is tried again by the caller. */
  async #withPeer(
    at: number,
    auth: object,
    work: (peer: Peer, welcome: Frame) => Promise<void>,
  ): Promise<void> {
    const { servers } = this.#options;
    const source = servers[at % servers.length];
    using peer = await source?.connect();
    if (peer === undefined) throw new Error("The servers are closed");
    const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
    if (welcome?.type === "welcome") await work(peer, welcome);
    else await pause(AGAIN_MS);
  }
}

/** Compares the logs with all that was sent and read. */
export async function judgeCases(
  peer: Peer,
  { cases, findings }: { cases: readonly Case[]; findings: Findings },
): Promise<{ decided: number; expired: number; claimed: number }> {
  const counts = { decided: 0, expired: 0, claimed: 0 };
  const changes = await readDesk(peer, findings);
  for (const one of cases) {
    counts.claimed += judgeChanges(one, { changes, findings });
    const id = one.key;
    const page = await peer.ask({ type: "history", room: `?${one.inquiry}`, id });
    const [question, ...ends] = page?.events ?? [];
    const isOwn = question?.content === one.key;
    if (!isOwn) findings.fault(`${id}: crossed with ${question?.content}`);
    findings.exactly(`${id}: ends in the log`, { is: ends.length, asked: 1 });
    const [end] = ends;
    if (end === undefined) continue;
    if (end.type === "decision") counts.decided++;
    else counts.expired++;
    if (end.type === "decision" && one.sent.get(end.from) !== end.choice) {
      findings.fault(`${id}: decided without a person: ${JSON.stringify(end)}`);
    }
    if (!one.isForPeople && end.state !== "expired") findings.fault(`${id}: ${end.state}`);
    for (const { from, seq } of one.confirmed) {
      if (from !== end.from || seq !== end.seq) findings.fault(`${id}: ${from} was confirmed, too`);
    }
    for (const frame of one.read) {
      const fits = frame.seq === end.seq && frame.choice === end.choice && frame.of === 1;
      if (!fits) findings.fault(`${id}: its asker has read ${JSON.stringify(frame)}`);
    }
  }
  return counts;
}

/** All events of the desk, by inquiry. Their numbers have no gap. */
export async function readDesk(
  peer: Peer,
  findings: Findings,
): Promise<ReadonlyMap<number, readonly Frame[]>> {
  const events: Frame[] = [];
  for (;;) {
    const after = events.length;
    const page = await peer.ask({
      type: "history",
      room: "desk",
      after,
      limit: 100,
      id: `desk-${after}`,
    });
    if (page === undefined || page.events.length === 0) break;
    events.push(...page.events);
  }
  const gap = events.findIndex(({ seq }, at) => seq !== at + 1);
  if (gap !== -1) findings.fault(`the desk lacks ${gap + 1}`);
  return Map.groupBy(events, ({ inquiry }) => inquiry);
}

/** Compares what the desk has of a question with what was answered. @returns how many have claimed it */
function judgeChanges(
  { key, inquiry = 0, claimed }: Case,
  { changes, findings }: { changes: ReadonlyMap<number, readonly Frame[]>; findings: Findings },
): number {
  const events = changes.get(inquiry) ?? [];
  const of = (...wanted: readonly string[]) =>
    events.filter(({ change }) => wanted.includes(change));
  findings.exactly(`${key}: opened at the desk`, { is: of("opened").length, asked: 1 });
  findings.exactly(`${key}: ended at the desk`, { is: of("decided", "expired").length, asked: 1 });
  const claims = of("claimed");
  if (claims.length > 1) findings.fault(`${key}: claimed ${claims.length} times`);
  for (const name of claimed) {
    if (claims[0]?.from !== name) findings.fault(`${key}: ${name} was told to have it, too`);
  }
  return claims.length;
}
