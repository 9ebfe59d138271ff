// Writers and readers under load, each with a connection source of its own, and their combined
// evidence at the end. Does not know the faults of the servers.

import { within } from "../../support/waiting.ts";
import { Ledger } from "./ledger.ts";
import type { ClosableSource, ConnectionSource } from "./restarting_server.ts";
import type { Pages } from "./pages.ts";
import { Reader } from "./reader.ts";
import type { Stored } from "./stored.ts";
import { judge, type Verdicts } from "./verdicts.ts";
import { Writer } from "./writer.ts";

export interface CrowdOptions {
  /** The directory of the ledger's file. */
  readonly directory: string;
  /** All of them exist already. */
  readonly rooms: readonly string[];
  /** The connection source of each writer. */
  readonly writers: readonly ClosableSource[];
  /** The connection source of each reader. */
  readonly readers: readonly ClosableSource[];
  /** How much later each reader reconnects than the previous one, in milliseconds. */
  readonly lateMs?: number;
  /** Refusals after which writers send again; `unavailable` by default. */
  readonly bears?: readonly string[];
  /** The time at the end until everything is answered, and then until it is received. */
  readonly settleMs?: number;
}

const SETTLE_MS = 30_000;

export class Crowd implements AsyncDisposable {
  readonly ledger: Ledger;
  readonly #options: CrowdOptions;
  readonly #settleMs: number;
  readonly #writers: readonly Writer[];
  readonly #readers: readonly Reader[];
  readonly #writing: Promise<unknown>;
  readonly #reading: Promise<unknown>;

  /** They start at once. */
  constructor(options: CrowdOptions) {
    const { directory, rooms, lateMs = 0, bears = ["unavailable"] } = options;
    this.#options = options;
    this.#settleMs = options.settleMs ?? SETTLE_MS;
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

  /** Whether every client has logged in once. */
  get isComplete(): boolean {
    return [...this.#writers, ...this.#readers].every(({ isKnown }) => isKnown);
  }

  /** How often rooms were resumed, whole and by pages. */
  get resumed(): { readonly whole: number; readonly paged: number } {
    const sum = (how: "whole" | "paged") =>
      this.#readers.reduce((total, { resumed }) => total + resumed[how], 0);
    return { whole: sum("whole"), paged: sum("paged") };
  }

  /** Stops new messages; resolves when every message is answered. @throws when one is not */
  async settle(): Promise<void> {
    for (const writer of this.#writers) writer.stop();
    await within(this.#settleMs, this.#writing, "Not everything offered was answered");
  }

  /** Lets the readers receive the rest. The verdicts report what they have missed. */
  async drain(pages: Pages): Promise<void> {
    const last = new Map([...pages].map(([room, events]) => [room, events.at(-1)?.seq ?? 0]));
    for (const reader of this.#readers) reader.stopAt(last);
    try {
      await within(this.#settleMs, this.#reading, "Not everything stored was received");
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
    for (const source of [...this.#options.writers, ...this.#options.readers]) source.close();
    for (const one of [...this.#writers, ...this.#readers]) one.abandon();
    await Promise.allSettled([this.#writing, this.#reading]);
    this.ledger[Symbol.dispose]();
  }
}

function runAll(
  people: readonly { run(source: ConnectionSource): Promise<void> }[],
  sources: readonly ConnectionSource[],
): Promise<unknown> {
  const all = Promise.all(people.map((one, n) => one.run(sources[n] as ConnectionSource)));
  // Failures are thrown where they are awaited.
  all.catch(() => {});
  return all;
}
