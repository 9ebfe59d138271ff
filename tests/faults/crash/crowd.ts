// Writers and readers at work, each at a door of its own, and what all of them have to say at the end.
// Knows neither what happens to the servers behind the doors nor when.

import { within } from "../support/waiting.ts";
import { Ledger } from "./ledger.ts";
import type { ClosableDoor, Door } from "./lives.ts";
import type { Pages } from "./pages.ts";
import { Reader } from "./reader.ts";
import type { Stored } from "./stored.ts";
import { judge, type Verdicts } from "./verdicts.ts";
import { Writer } from "./writer.ts";

export interface CrowdOptions {
  /** Where the ledger has its file. */
  readonly directory: string;
  /** All of them exist already. */
  readonly rooms: readonly string[];
  /** The door of each writer. */
  readonly writers: readonly ClosableDoor[];
  /** The door of each reader. */
  readonly readers: readonly ClosableDoor[];
  /** Each reader comes back so much later than the one before, in milliseconds. */
  readonly lateMs?: number;
  /** Refusals that writers bear with; `unavailable` unless said otherwise. */
  readonly bears?: readonly string[];
}

/** So long it may take at the end until everything is answered, and then until it is heard. */
const SETTLE_MS = 30_000;

export class Crowd implements AsyncDisposable {
  readonly ledger: Ledger;
  readonly #options: CrowdOptions;
  readonly #writers: readonly Writer[];
  readonly #readers: readonly Reader[];
  readonly #writing: Promise<unknown>;
  readonly #reading: Promise<unknown>;

  /** They begin at once. */
  constructor(options: CrowdOptions) {
    const { directory, rooms, lateMs = 0, bears = ["unavailable"] } = options;
    this.#options = options;
    const ledger = this.ledger = new Ledger(`${directory}/acknowledged`);
    this.#writers = options.writers.map((_, n) =>
      new Writer({ name: `writer${n}`, rooms, ledger, bears })
    );
    this.#readers = options.readers.map((_, n) =>
      new Reader(`reader${n}`, { rooms, lateMs: n * lateMs })
    );
    this.#writing = runAll(this.#writers, options.writers);
    this.#reading = runAll(this.#readers, options.readers);
  }

  /** Messages acknowledged so far. */
  get acked(): number {
    return this.ledger.acked.size;
  }

  /** Whether everybody has been let in once. */
  get isComplete(): boolean {
    return [...this.#writers, ...this.#readers].every(({ isKnown }) => isKnown);
  }

  /** How often rooms were resumed, whole and by pages. */
  get resumed(): { readonly whole: number; readonly paged: number } {
    const sum = (how: "whole" | "paged") =>
      this.#readers.reduce((total, { resumed }) => total + resumed[how], 0);
    return { whole: sum("whole"), paged: sum("paged") };
  }

  /** Nothing new is said; resolves when everything said is answered. @throws when it is not */
  async settle(): Promise<void> {
    for (const writer of this.#writers) writer.stop();
    await within(SETTLE_MS, this.#writing, "Not everything offered was answered");
  }

  /** Lets the readers hear the rest. What they have not heard then is told by the verdicts. */
  async hearOut(pages: Pages): Promise<void> {
    const last = new Map([...pages].map(([room, events]) => [room, events.at(-1)?.seq ?? 0]));
    for (const reader of this.#readers) reader.stopAt(last);
    try {
      await within(SETTLE_MS, this.#reading, "Not everything stored was heard");
    } catch (error) {
      this.ledger.refusals.push(String(error));
    }
  }

  judge({ stored, pages }: { stored: Stored; pages: Pages }): Verdicts {
    const { offered, acked, contradictions, refusals } = this.ledger;
    const readers = this.#readers;
    return judge({ offered, acked, contradictions, refusals, readers, stored, pages });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const door of [...this.#options.writers, ...this.#options.readers]) door.end();
    for (const one of [...this.#writers, ...this.#readers]) one.abandon();
    await Promise.allSettled([this.#writing, this.#reading]);
    this.ledger[Symbol.dispose]();
  }
}

function runAll(
  people: readonly { run(door: Door): Promise<void> }[],
  doors: readonly Door[],
): Promise<unknown> {
  const all = Promise.all(people.map((one, n) => one.run(doors[n] as Door)));
  // Failures are told where they are waited for.
  all.catch(() => {});
  return all;
}
