// G7: some subscribers stop reading under load. They are cut; the others receive everything, with
// about the same delays as before.

import { findLeftovers } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { Delays } from "../support/delays.ts";
import { SeqSubscriber } from "../support/seq_subscriber.ts";
import { inParallel } from "../support/parallel.ts";
import type { Peer } from "../../support/clients/peer.ts";
import { countDescriptors, residentBytes } from "../support/process_info.ts";
import { ScheduledSender } from "../support/scheduled_sender.ts";
import { pause, until } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const MIB = 2 ** 20;
/** What is said in a second, to each: the kernel's 4 MiB for a stalled peer are full in some six. */
const TEXT = "x".repeat(16 * 1024);
const PER_SECOND = 40;
/** Before the stall and again after the cuts: the load of the machine changes. */
const BASELINE_MS = 3_000;
const PUSHED_MIB = 8;
const CUT_MS = 12_000;
const STALLED: Readonly<Record<Size, number>> = { ci: 10, long: 500 };
const LISTENERS: Readonly<Record<Size, number>> = { ci: 190, long: 500 };
const ROOM = "noise";

export const slowConsumers: Goal = {
  id: "G7",
  title: "slow consumers",
  asked: `10 stalled of 200, ${PUSHED_MIB} MiB pushed at each: others lose 0, p99 at most ` +
    "max(1.5 × baseline, baseline + 20 ms); all cut in 12 s with `slow`; memory + 52 MiB",
  async run(size: Size, { directory, progress }: GoalContext): Promise<Verdict> {
    await using server = await ChildServer.start({
      directory,
      args: ["--limit", "all=off", "--limit", `queue_bytes=${MIB}`, "--log-level", "debug"],
    });
    const descriptors = countDescriptors(server.pid);
    const findings = new Findings();
    const trial = await Trial.begin(server, LISTENERS[size]);
    const baseline = await trial.speak(BASELINE_MS);
    progress(`baseline p99 ${baseline.p99Ms.toFixed(1)} ms`);
    const before = residentBytes(server.pid);
    const stalled = await trial.stall(STALLED[size]);
    const since = performance.now();
    const cut = watchCuts(server, { count: stalled.length, since });
    const pushMs = PUSHED_MIB * MIB / (TEXT.length * PER_SECOND) * 1_000;
    const during = await trial.speak(pushMs);
    const growth = (residentBytes(server.pid) - before) / MIB;
    const { times, codes } = await cut;
    baseline.add(await trial.speak(BASELINE_MS));
    trial.judge(findings);
    findings.exactly("cut with `slow`", {
      is: codes.filter((code) => code === "slow").length,
      asked: stalled.length,
    });
    const slowestCutMs = Math.max(0, ...times);
    findings.inTime("the last one cut", { is: slowestCutMs, asked: CUT_MS });
    const asked = Math.max(1.5 * baseline.p99Ms, baseline.p99Ms + 20);
    findings.inTime("p99 of the others", { is: during.p99Ms, asked });
    findings.atMost("memory in MiB", { is: growth, asked: 2 * stalled.length + 32 });
    trial.leave(stalled);
    findings.fault(...await findLeftovers(server, { descriptors }));
    return findings.verdict({
      reached: `p99 ${during.p99Ms.toFixed(1)} ms, without them ${baseline.p99Ms.toFixed(1)} ms; ` +
        `${codes.length} of ${stalled.length} cut, the last after ${
          (slowestCutMs / 1_000).toFixed(1)
        } s; memory + ${growth.toFixed(0)} MiB`,
      counts: {
        posted: trial.sender.acked,
        deliveries: baseline.count + during.count,
        cut: codes.length,
      },
    });
  },
};

/** A sender and its subscribers. */
class Trial {
  readonly sender: ScheduledSender;
  readonly #server: ChildServer;
  readonly #subscribers: SeqSubscriber[] = [];
  #delays = new Delays();

  private constructor(server: ChildServer, sender: ScheduledSender) {
    this.#server = server;
    this.sender = sender;
  }

  static async begin(server: ChildServer, listeners: number): Promise<Trial> {
    const everyMs = 1_000 / PER_SECOND;
    const sender = await ScheduledSender.join(server, {
      name: "sender",
      room: ROOM,
      everyMs,
      text: TEXT,
    });
    const trial = new Trial(server, sender);
    await inParallel(20, Array.from({ length: listeners }, (_, n) => n), async (n) => {
      const onMessage = (seq: number) => trial.#delays.note(performance.now() - sender.due(seq));
      trial.#subscribers.push(
        await SeqSubscriber.join(server.address, {
          name: `sub-${n}`,
          room: ROOM,
          onMessage,
        }),
      );
    });
    return trial;
  }

  /** The stalled clients. */
  async stall(count: number): Promise<readonly Peer[]> {
    const stalled: Peer[] = [];
    for (let n = 0; n < count; n++) {
      const peer = await this.#server.connect();
      const auth = { method: "guest", name: `stone-${n}` };
      peer.send({ type: "hello", id: "hello", version: 1, auth });
      await peer.ask({ type: "join", id: "join", room: ROOM });
      stalled.push(peer);
    }
    return stalled;
  }

  /** Sends for this time; returns the delays of the reading clients. */
  async speak(forMs: number): Promise<Delays> {
    this.#delays = new Delays();
    await this.sender.run(forMs);
    await this.sender.settle(10_000);
    const hasReceivedAll = () =>
      this.#subscribers.every(({ last }) => last === this.sender.sentCount);
    await until(hasReceivedAll, { withinMs: 10_000, otherwise: "Not everything was heard" })
      .catch(() => {});
    return this.#delays;
  }

  judge(findings: Findings): void {
    const sum = (count: (subscriber: SeqSubscriber) => number) =>
      this.#subscribers.reduce((total, subscriber) => total + count(subscriber), 0);
    findings.exactly("missed by others", {
      is: sum((subscriber) => subscriber.errors.missed),
      asked: 0,
    });
    findings.exactly("twice or late", {
      is: sum((subscriber) => subscriber.errors.back),
      asked: 0,
    });
    const received = this.#subscribers.length * this.sender.sentCount;
    findings.exactly("received by others", {
      is: sum((subscriber) => subscriber.receivedCount),
      asked: received,
    });
    findings.exactly("acked", { is: this.sender.acked, asked: this.sender.sentCount });
  }

  leave(stalled: readonly Peer[]): void {
    for (const one of [...this.#subscribers, ...stalled]) one.close();
    this.sender[Symbol.dispose]();
  }
}

/** Waits until so many have been told to go: when, and why. */
async function watchCuts(
  server: ChildServer,
  { count, since }: { count: number; since: number },
): Promise<{ times: readonly number[]; codes: readonly string[] }> {
  const times: number[] = [];
  const deadline = since + 2 * CUT_MS;
  while (times.length < count && performance.now() < deadline) {
    await pause(50);
    while (times.length < server.logged("bye").length) times.push(performance.now() - since);
  }
  return { times, codes: server.logged("bye").map(({ code }) => code) };
}
