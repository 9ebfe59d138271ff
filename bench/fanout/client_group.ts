// All clients of a scenario in their rooms: lets the senders send for a while, waits until every
// message is delivered, and returns the figures.

import { Delays } from "../../tests/faults/support/delays.ts";
import { inParallel } from "../../tests/faults/support/parallel.ts";
import { pause, until } from "../../tests/support/waiting.ts";
import type { Client, LoadClientOptions } from "./load_client.ts";
import type { Scenario } from "./scenarios.ts";
import { type DeliveryErrors, sumErrors } from "./seq_check.ts";

/** Logins at a time. */
const PARALLEL_LOGINS = 16;
/** A message that is not delivered after this time counts as lost. */
const SETTLE_MS = 20_000;
/** The delay of one in this many messages is measured, in a flood and otherwise. */
const SAMPLE_EVERY = { flood: 61, trickle: 1 };
/** The interval of a trickle. */
const TRICKLE_MS = 1;

export interface RunFigures {
  /** Delivered messages, counted for each client. */
  readonly deliveries: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Connects one client to the measured server. */
export type ConnectClient = (options: LoadClientOptions) => Promise<Client>;

export class ClientGroup implements AsyncDisposable {
  readonly #scenario: Scenario;
  readonly #clients: Client[] = [];
  #delays = new Delays();
  #isSending = false;

  private constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** Connects all clients. */
  static async connect(connect: ConnectClient, scenario: Scenario): Promise<ClientGroup> {
    const group = new ClientGroup(scenario);
    const { rooms, members, messagesPerSecond } = scenario;
    const sampleEvery = messagesPerSecond === undefined ? SAMPLE_EVERY.flood : SAMPLE_EVERY.trickle;
    const places = Array.from({ length: rooms * members }, (_, n) => n);
    try {
      await inParallel(PARALLEL_LOGINS, places, async (n) => {
        // Names of one length make lines of one length.
        const room = `room-${`${n % rooms}`.padStart(4, "0")}`;
        group.#clients[n] = await connect({
          name: `n-${`${n}`.padStart(5, "0")}`,
          room,
          sampleEvery,
          onDelay: (ms) => group.#delays.note(ms),
          onAcks: (client, count) => group.#isSending && client.send(count),
        });
      });
      return group;
    } catch (error) {
      await group[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Lets the senders send for this time; resolves when all their messages are delivered to every
   * client.
   */
  async send(forMs: number): Promise<RunFigures> {
    this.#delays = new Delays();
    const begun = performance.now();
    const received = this.#receivedCount();
    if (this.#scenario.messagesPerSecond === undefined) await this.#flood(forMs);
    else await this.#trickle(forMs, this.#scenario.messagesPerSecond);
    await this.#settle();
    return {
      deliveries: this.#receivedCount() - received,
      seconds: (performance.now() - begun) / 1_000,
      p50Ms: this.#delays.percentile(0.5),
      p99Ms: this.#delays.p99Ms,
    };
  }

  /** All delivery errors since the start. */
  errors(): DeliveryErrors {
    const posted = new Map<string, number>();
    for (const { room, sentCount } of this.#clients) {
      posted.set(room, (posted.get(room) ?? 0) + sentCount);
    }
    return sumErrors(
      this.#clients.map((client) => client.errors(posted.get(client.room) ?? 0)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** The first clients: they are in different rooms. */
  get #senders(): readonly Client[] {
    return this.#clients.slice(0, this.#scenario.senders);
  }

  async #flood(forMs: number): Promise<void> {
    this.#isSending = true;
    for (const sender of this.#senders) sender.send(this.#scenario.window);
    await pause(forMs);
    this.#isSending = false;
  }

  async #trickle(forMs: number, perSecond: number): Promise<void> {
    const senders = this.#senders;
    const begun = performance.now();
    for (let posted = 0;;) {
      const passed = Math.min(performance.now() - begun, forMs);
      for (const due = passed * perSecond / 1_000; posted < due; posted++) {
        senders[posted % senders.length]?.send(1);
      }
      if (passed === forMs) return;
      await pause(TRICKLE_MS);
    }
  }

  /**
   * Messages still missing after that appear in `errors`. @throws when a client was disconnected
   */
  async #settle(): Promise<void> {
    const isSettled = () => this.#fault() !== undefined || this.#isAllReceived();
    await until(isSettled, { withinMs: SETTLE_MS, otherwise: "Not delivered" }).catch(() => {});
    const fault = this.#fault();
    if (fault !== undefined) throw new Error(fault);
  }

  #isAllReceived(): boolean {
    if (this.#senders.some(({ sentCount, ackedCount }) => ackedCount < sentCount)) {
      return false;
    }
    const posted = this.#senders.reduce((sum, sender) => sum + sender.sentCount, 0);
    return this.#receivedCount() >= posted * this.#scenario.members;
  }

  #receivedCount(): number {
    return this.#clients.reduce((sum, { receivedCount }) => sum + receivedCount, 0);
  }

  #fault(): string | undefined {
    return this.#clients.find(({ fault }) => fault !== undefined)?.fault;
  }
}
