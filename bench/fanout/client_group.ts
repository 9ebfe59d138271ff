// All attendees of a scenario, in their rooms: lets the senders speak for a while, waits until
// everything said is heard, and says how it was.

import { Delays } from "../../tests/faults/support/delays.ts";
import { inParallel } from "../../tests/faults/support/parallel.ts";
import type { Address } from "../../tests/faults/support/peer.ts";
import { pause, until } from "../../tests/faults/support/waiting.ts";
import { LoadClient } from "./load_client.ts";
import type { Scenario } from "./scenarios.ts";
import { type DeliveryErrors, sumErrors } from "./seq_check.ts";

/** How many come in at a time. */
const PARALLEL_LOGINS = 16;
/** What is not heard after so long is not heard at all. */
const SETTLE_MS = 20_000;
/** A delay is noted of so many messages, in a flood and otherwise. */
const SAMPLE_EVERY = { flood: 61, trickle: 1 };
/** How often a trickle goes on. */
const TRICKLE_MS = 1;

export interface RunFigures {
  /** Messages that came to somebody. */
  readonly deliveries: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export class ClientGroup implements AsyncDisposable {
  readonly #scenario: Scenario;
  readonly #clients: LoadClient[] = [];
  #delays = new Delays();
  #isSending = false;

  private constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** Everybody comes in. */
  static async connect(address: Address, scenario: Scenario): Promise<ClientGroup> {
    const gathering = new ClientGroup(scenario);
    const { rooms, members, messagesPerSecond } = scenario;
    const lookEvery = messagesPerSecond === undefined ? SAMPLE_EVERY.flood : SAMPLE_EVERY.trickle;
    const places = Array.from({ length: rooms * members }, (_, n) => n);
    try {
      await inParallel(PARALLEL_LOGINS, places, async (n) => {
        // Names of one length make lines of one length.
        const room = `room-${`${n % rooms}`.padStart(4, "0")}`;
        gathering.#clients[n] = await LoadClient.connect(address, {
          name: `n-${`${n}`.padStart(5, "0")}`,
          room,
          sampleEvery: lookEvery,
          onDelay: (ms) => gathering.#delays.note(ms),
          onAcks: (attendee, count) => gathering.#isSending && attendee.send(count),
        });
      });
      return gathering;
    } catch (error) {
      await gathering[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The senders speak for so long; resolves when all they said has come to everyone. */
  async send(forMs: number): Promise<RunFigures> {
    this.#delays = new Delays();
    const begun = performance.now();
    const heard = this.#receivedCount();
    if (this.#scenario.messagesPerSecond === undefined) await this.#flood(forMs);
    else await this.#trickle(forMs, this.#scenario.messagesPerSecond);
    await this.#settle();
    return {
      deliveries: this.#receivedCount() - heard,
      seconds: (performance.now() - begun) / 1_000,
      p50Ms: this.#delays.percentile(0.5),
      p99Ms: this.#delays.p99Ms,
    };
  }

  /** What was not as it should be, since the beginning. */
  errors(): DeliveryErrors {
    const said = new Map<string, number>();
    for (const { room, sentCount: count } of this.#clients) {
      said.set(room, (said.get(room) ?? 0) + count);
    }
    return sumErrors(
      this.#clients.map(({ room, seqs: tally }) => tally.errors(said.get(room) ?? 0)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((attendee) => attendee.close()));
  }

  /** The first attendees: they sit in different rooms. */
  get #senders(): readonly LoadClient[] {
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
    for (let said = 0;;) {
      const passed = Math.min(performance.now() - begun, forMs);
      for (const due = passed * perSecond / 1_000; said < due; said++) {
        senders[said % senders.length]?.send(1);
      }
      if (passed === forMs) return;
      await pause(TRICKLE_MS);
    }
  }

  /** What is still missing after that is told by `oddities`. @throws when somebody was cut off */
  async #settle(): Promise<void> {
    const isSettled = () => this.#fault() !== undefined || this.#isAllReceived();
    await until(isSettled, { withinMs: SETTLE_MS, otherwise: "Not heard" }).catch(() => {});
    const fault = this.#fault();
    if (fault !== undefined) throw new Error(fault);
  }

  #isAllReceived(): boolean {
    if (this.#senders.some(({ sentCount: said, ackedCount: acked }) => acked < said)) return false;
    const said = this.#senders.reduce((sum, sender) => sum + sender.sentCount, 0);
    return this.#receivedCount() >= said * this.#scenario.members;
  }

  #receivedCount(): number {
    return this.#clients.reduce((sum, { seqs: tally }) => sum + tally.receivedCount, 0);
  }

  #fault(): string | undefined {
    return this.#clients.find(({ fault }) => fault !== undefined)?.fault;
  }
}
