// The crash-consistency run: writers and readers under load, the server killed repeatedly, and at
// the end the content of the store. As much as possible follows from the seed.

import type { ChildServer } from "../../support/processes/child_server.ts";
import { Random } from "../../support/random.ts";
import { pause } from "../../support/waiting.ts";
import { Crowd } from "./crowd.ts";
import { type Kill, planKills, type Victim } from "./kills.ts";
import { RestartingServer } from "./restarting_server.ts";
import { createRooms, readPages } from "./pages.ts";
import type { CrashStore } from "./stores.ts";
import type { Verdicts } from "./verdicts.ts";

export interface CrashOptions {
  readonly kills: number;
  /** Kills before that, on an empty store, while the server creates its tables. */
  readonly migrationKills?: number;
  readonly seed: number;
  /** Where server and ledger have their files. */
  readonly directory: string;
  readonly store: CrashStore;
  /** Called after each kill. */
  readonly onKill?: (count: number) => void;
}

export interface CrashReport {
  /** How many running processes were ended: also one for each that was killed while it started. */
  readonly kills: number;
  /** How often the store's own server was ended. */
  readonly databaseKills: number;
  /** Kills while the tables were being made. */
  readonly migrationKills: number;
  /** Kills at a reader's resume. */
  readonly resumeKills: number;
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
/** The time at the end until everything is answered, and then until it is received. */
const SETTLE_MS = 20_000;
/** A kill aimed at an acknowledgement that does not come is carried out all the same. */
const AIM_MS = 2_000;

/** A migration is cut off at most so long after it has begun, in milliseconds. */
const MIGRATION_MS = 20;
/** How often that is checked. */
const CHECK_MS = 2;

/** Kills the server, and the store's where it has one, as often as asked; judges what is left. */
export async function runCrashes(options: CrashOptions): Promise<CrashReport> {
  await using run = new CrashRun(options);
  const random = new Random(options.seed);
  for (let n = 0; n < (options.migrationKills ?? 0); n++) {
    await run.cutMigration(random.integer(0, MIGRATION_MS));
  }
  await run.begin();
  const victims: readonly Victim[] = options.store.process === undefined
    ? ["server"]
    : ["server", "database", "both"];
  for (const [at, kill] of planKills(options.kills, { random, victims }).entries()) {
    await run.carryOut(kill);
    options.onKill?.(at + 1);
  }
  return await run.conclude();
}

class CrashRun implements AsyncDisposable {
  readonly #options: CrashOptions;
  readonly #server: RestartingServer;
  #begunCrowd: Crowd | undefined;
  readonly #kills = { server: 0, database: 0, migration: 0, resume: 0 };
  /** Called when this many more readers have resumed. */
  #resumes: { left: number; resolve: () => void } | undefined;
  #lastStartMs = 0;
  #slowestStartMs = 0;

  constructor(options: CrashOptions) {
    const { directory, store } = options;
    this.#options = options;
    this.#server = new RestartingServer({
      directory,
      env: { PARLEY_DATABASE: store.url },
      args: ["--limit", "all=off", "--limit", `resume=${RESUMED}`],
      database: store.database,
    });
  }

  get #crowd(): Crowd {
    if (this.#begunCrowd === undefined) throw new Error("The run has not begun");
    return this.#begunCrowd;
  }

  async begin(): Promise<void> {
    await createRooms(await this.#start(), ROOMS);
    const onText = (text: string) => this.#noteResumes(text);
    const source = { connect: () => this.#server.connect({ onText }), close: () => {} };
    this.#begunCrowd = new Crowd({
      directory: this.#options.directory,
      rooms: ROOMS,
      writers: new Array(WRITERS).fill(this.#server),
      readers: new Array(READERS).fill(source),
      lateMs: LATE_MS,
      settleMs: SETTLE_MS,
    });
  }

  /** Kills a server on its first start, so long after it got to the schema. */
  async cutMigration(afterMs: number): Promise<void> {
    const { store } = this.#options;
    const before = await store.mark();
    await using starting = this.#server.spawn();
    const deadline = performance.now() + AIM_MS;
    while (await store.mark() === before && performance.now() < deadline) await pause(CHECK_MS);
    await pause(afterMs);
    await starting.kill();
    this.#kills.migration++;
  }

  /** One kill, and another server in its place. */
  async carryOut(kill: Kill): Promise<void> {
    const { victim } = kill;
    switch (kill.at) {
      case "time":
        await pause(kill.afterMs);
        return await this.#strike(victim);
      case "ack":
        return await this.#strikeOn(victim, (then) => this.#crowd.ledger.onAck(kill.nth, then));
      case "resume":
        this.#kills.resume++;
        // Clients reconnect only to a server that was restarted.
        await this.#strike("server");
        return await this.#strikeOn(victim, (resolve) => {
          this.#resumes = { left: kill.nth, resolve };
        });
      case "start": {
        await this.#kill();
        const starting = this.#server.spawn();
        await pause(kill.share * this.#lastStartMs);
        await starting.kill();
        this.#kills.server++;
        return await this.#strike(victim);
      }
    }
  }

  /** Lets everything settle, kills once more, and reads the content in every possible way. */
  async conclude(): Promise<CrashReport> {
    const crowd = this.#crowd;
    await crowd.settle();
    await this.#kill();
    const server = await this.#start();
    const pages = await readPages(server, ROOMS);
    await crowd.drain(pages);
    const { internal_errors: faults } = await server.stats();
    const { code } = await server.terminate();
    const stored = await this.#options.store.read();
    const { offered, dups, refusals } = crowd.ledger;
    if (faults !== 0) refusals.push(`${faults} faults inside the last server`);
    if (code !== 0) refusals.push(`The last server ended with ${code}`);
    return {
      kills: this.#kills.server,
      databaseKills: this.#kills.database,
      migrationKills: this.#kills.migration,
      resumeKills: this.#kills.resume,
      offered: offered.size,
      acked: crowd.acked,
      dups,
      resumed: crowd.resumed,
      slowestStartMs: this.#slowestStartMs,
      verdicts: crowd.judge({ stored, pages }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await this.#server.kill();
    await this.#begunCrowd?.[Symbol.asyncDispose]();
  }

  async #start(): Promise<ChildServer> {
    const started = performance.now();
    const server = await this.#server.start();
    this.#lastStartMs = performance.now() - started;
    this.#slowestStartMs = Math.max(this.#slowestStartMs, this.#lastStartMs);
    return server;
  }

  async #kill(): Promise<void> {
    if (this.#server.isAlive) this.#kills.server++;
    await this.#server.kill();
  }

  /** Kills, and starts what was killed again. */
  async #strike(victim: Victim): Promise<void> {
    const { process } = this.#options.store;
    const kills = victim === "database" ? [] : [this.#kill()];
    if (victim !== "server" && process !== undefined) {
      this.#kills.database++;
      kills.push(process.kill());
      await Promise.all(kills);
      await process.restart();
    }
    await Promise.all(kills);
    if (!this.#server.isAlive) await this.#start();
  }

  /** Kills in exactly the planned turn; after a while in any case. */
  async #strikeOn(victim: Victim, listen: (strike: () => void) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let isStruck = false;
    const strike = () => {
      if (isStruck) return;
      isStruck = true;
      this.#strike(victim).then(resolve, reject);
    };
    const late = setTimeout(strike, AIM_MS);
    listen(strike);
    await promise;
    clearTimeout(late);
  }

  #noteResumes(text: string): void {
    const resumes = this.#resumes;
    if (resumes === undefined) return;
    resumes.left -= text.split('"type":"resumed"').length - 1;
    if (resumes.left > 0) return;
    this.#resumes = undefined;
    resumes.resolve();
  }
}
