// The crash-consistency run: writers and readers at work, the server killed again and again, and at the
// end the truth from the store. Everything that can be is decided by the seed.

import type { ChildServer } from "../support/child_server.ts";
import { Random } from "../support/random.ts";
import { type Kill, planKills } from "./kills.ts";
import { Ledger } from "./ledger.ts";
import { Lives } from "./lives.ts";
import { makeRooms, type Pages, readPages } from "./pages.ts";
import { Reader } from "./reader.ts";
import type { Stored } from "./stored.ts";
import { judge, type Verdicts } from "./verdicts.ts";
import { Writer } from "./writer.ts";

export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  /** Where server and ledger have their files. */
  readonly directory: string;
  readonly store: CrashStore;
}

/** The store under test, from outside. */
export interface CrashStore {
  /** What the server finds in PARLEY_DATABASE. */
  readonly url: string;
  /** `host:port` it lies at, when it is not a file. */
  readonly database?: string | undefined;
  /** Reads it once the server has stopped. */
  read(): Promise<Stored>;
}

export interface CrashReport {
  /** How many running processes were ended: also one for each that was killed while it started. */
  readonly kills: number;
  readonly offered: number;
  readonly acked: number;
  /** Messages sent again that had been stored, their acknowledgement lost with the server. */
  readonly dups: number;
  /** Rooms resumed whole, and by pages. */
  readonly resumed: { readonly whole: number; readonly paged: number };
  /** The longest that the server took to be ready again, in milliseconds. */
  readonly slowestStartMs: number;
  readonly verdicts: Verdicts;
}

const WRITERS = 8;
const READERS = 4;
const ROOMS = ["lobby", "ops", "dev"];
/** Missed events that are replayed: low, so that readers must go through history as well. */
const RESUMED = 100;
/** Each reader comes back so much later than the one before. */
const LATE_MS = 15;
/** So long it may take at the end until everything is answered, and then until it is heard. */
const SETTLE_MS = 20_000;
/** A kill aimed at an acknowledgement that does not come is carried out all the same. */
const AIM_MS = 2_000;

/** Kills the server as often as asked, and judges what is left. */
export async function runCrashes(options: CrashOptions): Promise<CrashReport> {
  await using run = new CrashRun(options);
  await run.begin();
  for (const kill of planKills(options.kills, new Random(options.seed))) await run.carryOut(kill);
  return await run.conclude();
}

class CrashRun implements AsyncDisposable {
  readonly #options: CrashOptions;
  readonly #ledger: Ledger;
  readonly #lives: Lives;
  readonly #writers: readonly Writer[];
  readonly #readers: readonly Reader[];
  #writing: Promise<unknown> = Promise.resolve();
  #reading: Promise<unknown> = Promise.resolve();
  #server: ChildServer | undefined;
  #kills = 0;
  #lastStartMs = 0;
  #slowestStartMs = 0;

  constructor(options: CrashOptions) {
    const { directory, store } = options;
    const ledger = new Ledger(`${directory}/acknowledged`);
    this.#options = options;
    this.#ledger = ledger;
    this.#lives = new Lives({
      directory,
      env: { PARLEY_DATABASE: store.url },
      args: ["--limit", "all=off", "--limit", `resume=${RESUMED}`],
      database: store.database,
    });
    this.#writers = Array.from(
      { length: WRITERS },
      (_, n) => new Writer({ name: `writer${n}`, rooms: ROOMS, ledger }),
    );
    this.#readers = Array.from(
      { length: READERS },
      (_, n) => new Reader(`reader${n}`, { rooms: ROOMS, lateMs: n * LATE_MS }),
    );
  }

  async begin(): Promise<void> {
    const server = await this.#start();
    await makeRooms(server, ROOMS);
    this.#writing = Promise.all(this.#writers.map((writer) => writer.run(this.#lives)));
    this.#reading = Promise.all(this.#readers.map((reader) => reader.run(this.#lives)));
    // Their failures are told where they are waited for.
    this.#writing.catch(() => {});
    this.#reading.catch(() => {});
  }

  /** One kill, and another server in its place. */
  async carryOut(kill: Kill): Promise<void> {
    switch (kill.at) {
      case "time":
        await pause(kill.afterMs);
        break;
      case "ack":
        await this.#killOnAck(kill.nth);
        break;
      case "start": {
        await this.#kill();
        const unborn = this.#lives.spawn();
        await pause(kill.share * this.#lastStartMs);
        await unborn.kill();
        this.#kills++;
      }
    }
    await this.#kill();
    await this.#start();
  }

  /** Lets everything settle, kills once more, and reads what is there in every way there is. */
  async conclude(): Promise<CrashReport> {
    for (const writer of this.#writers) writer.stop();
    await within(SETTLE_MS, this.#writing, "Not everything offered was answered");
    await this.#kill();
    const server = await this.#start();
    const pages = await readPages(server, ROOMS);
    await this.#hearOut(pages);
    const { internal_errors: faults } = await server.stats();
    const { code } = await server.terminate();
    const stored = await this.#options.store.read();
    const { offered, acked, contradictions, refusals } = this.#ledger;
    if (faults !== 0) refusals.push(`${faults} faults inside the last server`);
    if (code !== 0) refusals.push(`The last server ended with ${code}`);
    return {
      kills: this.#kills,
      offered: offered.size,
      acked: acked.size,
      dups: this.#ledger.dups,
      resumed: {
        whole: this.#readers.reduce((sum, { resumed }) => sum + resumed.whole, 0),
        paged: this.#readers.reduce((sum, { resumed }) => sum + resumed.paged, 0),
      },
      slowestStartMs: this.#slowestStartMs,
      verdicts: judge({
        offered,
        acked,
        contradictions,
        refusals,
        readers: this.#readers,
        stored,
        pages,
      }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lives.end();
    await this.#lives.kill();
    await Promise.allSettled([this.#writing, this.#reading]);
    this.#ledger[Symbol.dispose]();
  }

  async #start(): Promise<ChildServer> {
    const started = performance.now();
    this.#server = await this.#lives.begin();
    this.#lastStartMs = performance.now() - started;
    this.#slowestStartMs = Math.max(this.#slowestStartMs, this.#lastStartMs);
    return this.#server;
  }

  async #kill(): Promise<void> {
    if (this.#lives.isAlive) this.#kills++;
    await this.#lives.kill();
  }

  async #killOnAck(nth: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, AIM_MS);
    this.#ledger.onAck(nth, () => {
      void this.#kill();
      resolve();
    });
    await promise;
    clearTimeout(late);
  }

  /** A reader that cannot get there is told by the verdicts: what it has not seen, it has missed. */
  async #hearOut(pages: Pages): Promise<void> {
    const target = new Map([...pages].map(([room, events]) => [room, events.at(-1)?.seq ?? 0]));
    for (const reader of this.#readers) reader.stopAt(target);
    await within(SETTLE_MS, this.#reading, "Not everything stored was heard").catch((error) => {
      this.#ledger.refusals.push(String(error));
    });
  }
}

async function within<T>(ms: number, work: Promise<T>, otherwise: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
