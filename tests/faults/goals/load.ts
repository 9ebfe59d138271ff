// G1: many clients in many rooms, with messages by schedule; all messages arrive, in order, and
// soon.

import { findLeftovers } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { Delays } from "../support/delays.ts";
import { SeqSubscriber } from "../support/seq_subscriber.ts";
import { inParallel } from "../support/parallel.ts";
import { countDescriptors, residentBytes } from "../support/process_info.ts";
import { ScheduledSender } from "../support/scheduled_sender.ts";
import { pause, until } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

interface Plan {
  readonly listeners: number;
  readonly forMs: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Bytes of memory for each connection that does nothing; not asked of the short run. */
  readonly connectionBytes: number;
}

const PLANS: Readonly<Record<Size, Plan>> = {
  ci: { listeners: 1_000, forMs: 20_000, perSecond: 10_000, p99Ms: 50, connectionBytes: Infinity },
  long: {
    listeners: 5_000,
    forMs: 600_000,
    perSecond: 50_000,
    p99Ms: 150,
    connectionBytes: 32 * 1_024,
  },
};
const ROOMS = 50;
/** So that what is reached can be measured without counting the last message's way. */
const OFFERED = 1.05;
const TEXT = "x".repeat(100);
/** How often one looks how late one's own turns are. */
const TURN_MS = 10;
/** Messages that have not arrived within this time are lost. */
const SETTLE_MS = 30_000;

export const load: Goal = {
  id: "G1",
  title: "load",
  asked: "1,000 connections, 50 rooms, 10,000 deliveries/s for 20 s: p99 50 ms; " +
    "0 lost, dup, reordered",
  async run(size: Size, { directory, progress }: GoalContext): Promise<Verdict> {
    const plan = PLANS[size];
    const findings = new Findings();
    await using server = await ChildServer.start({ directory, args: ["--limit", "all=off"] });
    const descriptors = countDescriptors(server.pid);
    const before = residentBytes(server.pid);
    const rooms = await Promise.all(
      Array.from({ length: ROOMS }, (_, n) => Room.open(server, { n, plan })),
    );
    const connections = plan.listeners + ROOMS;
    const each = (residentBytes(server.pid) - before) / connections;
    progress(`${connections} connections`);
    const own = new OwnTurns();
    const started = performance.now();
    await Promise.all(rooms.map((room) => room.speak(plan.forMs)));
    const seconds = (performance.now() - started) / 1_000;
    const ownMs = own.conclude();
    const { received, delays } = await drain(rooms, findings);
    for (const room of rooms) room.close();
    findings.fault(...await findLeftovers(server, { descriptors }));
    const rate = received / seconds;
    findings.atLeast("deliveries/s", { is: rate, asked: plan.perSecond });
    findings.inTime("p99", { is: delays.p99Ms, asked: plan.p99Ms });
    findings.atMost("bytes a connection", { is: each, asked: plan.connectionBytes });
    const limit = ownMs > plan.p99Ms / 2 ? ": it is the limit" : "";
    return findings.verdict({
      reached: `${connections} connections, ${rate.toFixed(0)} deliveries/s for ` +
        `${seconds.toFixed(0)} s; p99 ${delays.p99Ms.toFixed(1)} ms, worst ` +
        `${delays.worstMs.toFixed(0)} ms; generator late by p99 ${ownMs.toFixed(1)} ms${limit}; ` +
        `${(each / 1_024).toFixed(0)} KiB a connection`,
      counts: { connections, posted: rooms.reduce((sum, { posted }) => sum + posted, 0), received },
    });
  },
};

/** Checks the messages that all clients received, and their delays. */
async function drain(
  rooms: readonly Room[],
  findings: Findings,
): Promise<{ received: number; delays: Delays }> {
  const delays = new Delays();
  let received = 0;
  for (const room of rooms) {
    await room.settle().catch((error: Error) => findings.fault(error.message));
    room.judge(findings);
    delays.add(room.delays);
    received += room.received;
  }
  return { received, delays };
}

/** A sender and its subscribers. */
class Room {
  readonly delays = new Delays();
  readonly #sender: ScheduledSender;
  readonly #subscribers: SeqSubscriber[] = [];
  readonly #startMs: number;

  private constructor(sender: ScheduledSender, startMs: number) {
    this.#sender = sender;
    this.#startMs = startMs;
  }

  static async open(
    server: ChildServer,
    { n, plan }: { n: number; plan: Plan },
  ): Promise<Room> {
    const name = `load-${n}`;
    const listeners = plan.listeners / ROOMS;
    const everyMs = 1_000 * plan.listeners / (OFFERED * plan.perSecond);
    const options = { name: `sender-${n}`, room: name, everyMs, text: TEXT };
    const sender = await ScheduledSender.join(server, options);
    // The rooms do not send at the same moment.
    const room = new Room(sender, everyMs * n / ROOMS);
    const onMessage = (seq: number) => room.delays.note(performance.now() - sender.due(seq));
    await inParallel(
      4,
      Array.from({ length: listeners }, (_, subscriber) => subscriber),
      async (subscriber) => {
        const own = { name: `sub-${n}-${subscriber}`, room: name, onMessage };
        room.#subscribers.push(await SeqSubscriber.join(server.address, own));
      },
    );
    return room;
  }

  get posted(): number {
    return this.#sender.acked;
  }

  get received(): number {
    return this.#subscribers.reduce((sum, { receivedCount: received }) => sum + received, 0);
  }

  async speak(forMs: number): Promise<void> {
    await pause(this.#startMs);
    await this.#sender.run(forMs);
  }

  async settle(): Promise<void> {
    await this.#sender.settle(SETTLE_MS);
    await until(() => this.#subscribers.every(({ last }) => last === this.#sender.sentCount), {
      withinMs: SETTLE_MS,
      otherwise: "Not everything was heard",
    });
  }

  judge(findings: Findings): void {
    const sum = (count: (subscriber: SeqSubscriber) => number) =>
      this.#subscribers.reduce((total, subscriber) => total + count(subscriber), 0);
    findings.exactly("lost", { is: sum(({ errors: oddities }) => oddities.missed), asked: 0 });
    findings.exactly("dup or reordered", {
      is: sum(({ errors: oddities }) => oddities.back),
      asked: 0,
    });
    findings.exactly("received", {
      is: this.received,
      asked: this.#subscribers.length * this.#sender.sentCount,
    });
  }

  close(): void {
    for (const subscriber of this.#subscribers) subscriber.close();
    this.#sender[Symbol.dispose]();
  }
}

/**
 * The delay of this process's own turns: it reads for a thousand clients, and may itself be slow.
 */
class OwnTurns {
  readonly #delays = new Delays();
  readonly #timer: ReturnType<typeof setInterval>;
  #before = performance.now();

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#delays.note(Math.max(0, now - this.#before - TURN_MS));
      this.#before = now;
    }, TURN_MS);
  }

  /** @returns the 99th percentile, in milliseconds */
  conclude(): number {
    clearInterval(this.#timer);
    return this.#delays.p99Ms;
  }
}
