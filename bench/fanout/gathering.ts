// All attendees of a scenario, in their rooms: lets the senders speak for a while, waits until
// everything said is heard, and says how it was.

import { Delays } from "../../tests/faults/support/delays.ts";
import { inParallel } from "../../tests/faults/support/parallel.ts";
import type { Address } from "../../tests/faults/support/peer.ts";
import { pause, until } from "../../tests/faults/support/waiting.ts";
import { Attendee } from "./attendee.ts";
import type { Scenario } from "./scenarios.ts";
import { addOddities, type Oddities } from "./tally.ts";

/** How many come in at a time. */
const DOORS = 16;
/** What is not heard after so long is not heard at all. */
const SETTLE_MS = 20_000;
/** A delay is noted of so many messages, in a flood and otherwise. */
const LOOK_EVERY = { flood: 61, trickle: 1 };
/** How often a trickle goes on. */
const TRICKLE_MS = 1;

export interface Spell {
  /** Messages that came to somebody. */
  readonly deliveries: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export class Gathering implements AsyncDisposable {
  readonly #scenario: Scenario;
  readonly #attendees: Attendee[] = [];
  #delays = new Delays();
  #isSpeaking = false;

  private constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** Everybody comes in. */
  static async meet(address: Address, scenario: Scenario): Promise<Gathering> {
    const gathering = new Gathering(scenario);
    const { rooms, members, messagesPerSecond } = scenario;
    const lookEvery = messagesPerSecond === undefined ? LOOK_EVERY.flood : LOOK_EVERY.trickle;
    const places = Array.from({ length: rooms * members }, (_, n) => n);
    try {
      await inParallel(DOORS, places, async (n) => {
        // Names of one length make lines of one length.
        const room = `room-${`${n % rooms}`.padStart(4, "0")}`;
        gathering.#attendees[n] = await Attendee.enter(address, {
          name: `n-${`${n}`.padStart(5, "0")}`,
          room,
          lookEvery,
          onDelay: (ms) => gathering.#delays.note(ms),
          onAcks: (attendee, count) => gathering.#isSpeaking && attendee.say(count),
        });
      });
      return gathering;
    } catch (error) {
      await gathering[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The senders speak for so long; resolves when all they said has come to everyone. */
  async speak(forMs: number): Promise<Spell> {
    this.#delays = new Delays();
    const begun = performance.now();
    const heard = this.#heard();
    if (this.#scenario.messagesPerSecond === undefined) await this.#flood(forMs);
    else await this.#trickle(forMs, this.#scenario.messagesPerSecond);
    await this.#settle();
    return {
      deliveries: this.#heard() - heard,
      seconds: (performance.now() - begun) / 1_000,
      p50Ms: this.#delays.percentile(0.5),
      p99Ms: this.#delays.p99Ms,
    };
  }

  /** What was not as it should be, since the beginning. */
  oddities(): Oddities {
    const said = new Map<string, number>();
    for (const { room, said: count } of this.#attendees) {
      said.set(room, (said.get(room) ?? 0) + count);
    }
    return addOddities(
      this.#attendees.map(({ room, tally }) => tally.oddities(said.get(room) ?? 0)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#attendees.map((attendee) => attendee.close()));
  }

  /** The first attendees: they sit in different rooms. */
  get #senders(): readonly Attendee[] {
    return this.#attendees.slice(0, this.#scenario.senders);
  }

  async #flood(forMs: number): Promise<void> {
    this.#isSpeaking = true;
    for (const sender of this.#senders) sender.say(this.#scenario.window);
    await pause(forMs);
    this.#isSpeaking = false;
  }

  async #trickle(forMs: number, perSecond: number): Promise<void> {
    const senders = this.#senders;
    const begun = performance.now();
    for (let said = 0;;) {
      const passed = Math.min(performance.now() - begun, forMs);
      for (const due = passed * perSecond / 1_000; said < due; said++) {
        senders[said % senders.length]?.say(1);
      }
      if (passed === forMs) return;
      await pause(TRICKLE_MS);
    }
  }

  /** What is still missing after that is told by `oddities`. @throws when somebody was cut off */
  async #settle(): Promise<void> {
    const isSettled = () => this.#fault() !== undefined || this.#isQuiet();
    await until(isSettled, { withinMs: SETTLE_MS, otherwise: "Not heard" }).catch(() => {});
    const fault = this.#fault();
    if (fault !== undefined) throw new Error(fault);
  }

  #isQuiet(): boolean {
    if (this.#senders.some(({ said, acked }) => acked < said)) return false;
    const said = this.#senders.reduce((sum, sender) => sum + sender.said, 0);
    return this.#heard() >= said * this.#scenario.members;
  }

  #heard(): number {
    return this.#attendees.reduce((sum, { tally }) => sum + tally.heard, 0);
  }

  #fault(): string | undefined {
    return this.#attendees.find(({ fault }) => fault !== undefined)?.fault;
  }
}
