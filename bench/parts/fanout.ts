// What it costs to hand a line to everyone who hears a room, before any connection does its part.

import { Audience, Fanout, type Member } from "../../lib/chat/fanout.ts";
import { encodeFrame } from "../../lib/wire/codec.ts";
import type { Part, Workload } from "../workload.ts";
import { event } from "./sample_frames.ts";

const LINE = encodeFrame(event(1));
const SIZES = [
  { rooms: 1, members: 100 },
  { rooms: 1, members: 1_000 },
  { rooms: 100, members: 100 },
  { rooms: 100, members: 1_000 },
];

export const fanout: Part = {
  name: "fanout",
  async *workloads(): AsyncGenerator<Workload> {
    for (const { rooms, members } of SIZES) {
      const name = `fanout: ${members} members in each of ${rooms} ${rooms > 1 ? "rooms" : "room"}`;
      const crowd = new Crowd(rooms, members);
      yield { name, unit: "delivery", units: rooms * members, run: () => crowd.tell() };
    }
  },
};

/** Counts what it is told. */
class Ear implements Member {
  heard = 0;

  deliver(): boolean {
    this.heard++;
    return true;
  }
}

class Crowd {
  readonly #turns: (() => void)[] = [];
  readonly #audiences: readonly Audience[];
  readonly #ears: Ear[] = [];
  #told = 0;

  constructor(rooms: number, members: number) {
    const fanout = new Fanout((work) => this.#turns.push(work));
    this.#audiences = Array.from({ length: rooms }, () => new Audience(fanout));
    for (const audience of this.#audiences) {
      for (let n = 0; n < members; n++) {
        const ear = new Ear();
        this.#ears.push(ear);
        audience.add(ear);
      }
    }
  }

  /** A line in every room, and all turns until everybody has heard it. */
  tell(): void {
    for (const audience of this.#audiences) audience.publish(LINE);
    for (let turn = this.#turns.shift(); turn !== undefined; turn = this.#turns.shift()) turn();
    this.#told++;
    const last = this.#ears.at(-1);
    if (last?.heard !== this.#told) throw new Error(`${last?.heard} heard of ${this.#told} told`);
  }
}
