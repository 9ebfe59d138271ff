// What it costs to deliver an event to all members of a room, its encoding included, without the work of
// the connections.

import type { Batch } from "../../lib/chat/event_batch.ts";
import { Audience, Fanout, type Member } from "../../lib/chat/fanout.ts";
import type { Part, Workload } from "../workload.ts";
import { event } from "./sample_frames.ts";

const EVENT = event(1);
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
      const all = new FanoutRooms(rooms, members);
      yield { name, unit: "delivery", units: rooms * members, run: () => all.publish() };
    }
  },
};

/** Counts deliveries. */
class CountingMember implements Member {
  received = 0;

  deliver(batch: Batch): boolean {
    if (batch.lines().length > 0) this.received++;
    return true;
  }
}

class FanoutRooms {
  readonly #turns: (() => void)[] = [];
  readonly #audiences: readonly Audience[];
  readonly #members: CountingMember[] = [];
  #published = 0;

  constructor(rooms: number, members: number) {
    const fanout = new Fanout((work) => this.#turns.push(work));
    this.#audiences = Array.from({ length: rooms }, () => new Audience(fanout));
    for (const audience of this.#audiences) {
      for (let n = 0; n < members; n++) {
        const member = new CountingMember();
        this.#members.push(member);
        audience.add(member);
      }
    }
  }

  /** Publishes an event in every room and runs all turns until every member has it. */
  publish(): void {
    for (const audience of this.#audiences) audience.publish(EVENT);
    for (let turn = this.#turns.shift(); turn !== undefined; turn = this.#turns.shift()) turn();
    this.#published++;
    const last = this.#members.at(-1);
    if (last?.received !== this.#published) {
      throw new Error(`${last?.received} of ${this.#published} lines delivered`);
    }
  }
}
