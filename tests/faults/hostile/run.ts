// The hostile run: every class at every possible stage, a probe after each class, bystanders
// throughout, and at the end a check of the process, its log and its tables.

import { findLeftovers } from "../support/leftovers.ts";
import type { BystanderReport } from "../support/bystander.ts";
import { beginBystandersApart } from "../support/bystanders_apart.ts";
import type { ObserverThread } from "../support/observer_thread.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import type { Peer } from "../../support/clients/peer.ts";
import { countDescriptors, residentBytes } from "../support/process_info.ts";
import { Random } from "../../support/random.ts";
import { pause } from "../../support/waiting.ts";
import { readSqlite } from "../crash/stored.ts";
import { FrameGenerator, HOSTILE_ROOM, type HostileCase, type HostileClass } from "./case.ts";
import type { Stage } from "./case.ts";
import { Exchange, type Mismatch } from "./exchange.ts";
import { SentTexts } from "./sent_texts.ts";
import { Sessions } from "./sessions.ts";

export interface HostileOptions {
  readonly classes: readonly HostileClass[];
  /** How many cases are sent in all. */
  readonly cases: number;
  readonly seed: number;
  readonly directory: string;
  /** Over TLS, with this certificate and its key in the directory; otherwise over TCP. */
  readonly cert?: string;
  /** Called after each class. */
  readonly onClass?: (number: number) => void;
}

export interface Failure extends Mismatch {
  readonly number: number;
}

export interface HostileReport {
  /** Cases sent, by the number of their class. */
  readonly sent: ReadonlyMap<number, number>;
  /** Messages stored by hostile sessions. */
  readonly stored: number;
  readonly bystanders: BystanderReport;
  readonly growthBytes: number;
  /** Cases with a wrong answer. */
  readonly failures: readonly Failure[];
  /** Faults of the server at the end. */
  readonly faults: readonly string[];
}

/** Of ten cases, how many are sent at each stage, if the class allows it. */
const WEIGHTS: Readonly<Record<Stage, number>> = { first: 1, greeted: 2, member: 7 };
/** Cases on their way at once. */
const BATCH = 100;
/** How long cases are created in one turn of the event loop, in milliseconds. */
const TURN_MS = 2;
/** The run stops after this many failures. */
const MOST_FAILURES = 5;
/** Sessions that stay to the end. */
const DATABASE = "data/parley.db";

export async function runHostile(options: HostileOptions): Promise<HostileReport> {
  await using server = await ChildServer.start({
    directory: options.directory,
    hasTls: options.cert !== undefined,
    args: ["--limit", "all=off"],
  });
  using run = await HostileRun.begin(server, options);
  for (const hostileClass of options.classes) {
    if (!await run.sendClass(hostileClass)) break;
    options.onClass?.(hostileClass.number);
  }
  return await run.conclude();
}

class HostileRun implements Disposable {
  readonly #server: ChildServer;
  readonly #options: HostileOptions;
  readonly #sentTexts = new SentTexts();
  readonly #sessions: Sessions;
  readonly #bystanders: ObserverThread<BystanderReport>;
  readonly #descriptors: number;
  readonly #residentBytes: number;
  /** How much memory was resident behind each class. */
  readonly #looks: number[] = [];
  readonly #sent = new Map<number, number>();
  readonly #failures: Failure[] = [];
  readonly #faults: string[] = [];

  private constructor(
    server: ChildServer,
    options: HostileOptions,
    { sessions, bystanders, descriptors }: {
      sessions: Sessions;
      bystanders: ObserverThread<BystanderReport>;
      descriptors: number;
    },
  ) {
    this.#server = server;
    this.#options = options;
    this.#sessions = sessions;
    this.#bystanders = bystanders;
    this.#descriptors = descriptors;
    this.#residentBytes = residentBytes(server.pid);
  }

  static async begin(server: ChildServer, options: HostileOptions): Promise<HostileRun> {
    const sessions = new Sessions(server, options);
    await sessions.found();
    const descriptors = countDescriptors(server.pid);
    const bystanders = await beginBystandersApart(server);
    return new HostileRun(server, options, { sessions, bystanders, descriptors });
  }

  /** Sends the class's share of all cases; false when the run ends here. */
  async sendClass(hostileClass: HostileClass): Promise<boolean> {
    const { classes, cases, seed } = this.#options;
    const share = Math.ceil(cases / classes.length);
    const random = new Random(seed * 1_000 + hostileClass.number);
    const { stages = Object.keys(WEIGHTS) as Stage[] } = hostileClass;
    const weight = stages.reduce((sum, stage) => sum + WEIGHTS[stage], 0);
    for (const stage of stages) {
      const count = Math.ceil(share * WEIGHTS[stage] / weight);
      const generator = new FrameGenerator(random.fork(), stage);
      for (let left = count; left > 0; left -= BATCH) {
        const batch = await createBatch(hostileClass, { generator, count: Math.min(left, BATCH) });
        await this.#sendBatch(batch, { stage, number: hostileClass.number });
        if (this.#failures.length >= MOST_FAILURES) return false;
      }
    }
    await this.#probe(hostileClass);
    this.#looks.push(residentBytes(this.#server.pid));
    return true;
  }

  async conclude(): Promise<HostileReport> {
    const bystanders = await this.#bystanders.finish();
    const growthBytes = this.#residentLately() - this.#residentBytes;
    const left = await findLeftovers(this.#server, { descriptors: this.#descriptors });
    this.#faults.push(...left);
    await this.#checkTables(bystanders);
    return {
      sent: this.#sent,
      stored: this.#sentTexts.size,
      bystanders,
      growthBytes,
      failures: this.#failures,
      faults: [...this.#faults, ...this.#sessions.unsafe],
    };
  }

  [Symbol.dispose](): void {
    this.#bystanders[Symbol.dispose]();
  }

  /** Memory goes up and down with each collection: the median of the second half's samples. */
  #residentLately(): number {
    const lately = this.#looks.slice(Math.floor(this.#looks.length / 2));
    const sorted = lately.toSorted((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? residentBytes(this.#server.pid);
  }

  /**
   * Cases that close, and those before any frame, have a connection of their own; others share one.
   */
  async #sendBatch(
    batch: readonly HostileCase[],
    { stage, number }: { stage: Stage; number: number },
  ): Promise<void> {
    const shared = batch.filter(({ closes }) => stage !== "first" && !closes);
    await this.#sendOn(stage, number, shared);
    for (const hostile of batch) {
      if (!shared.includes(hostile)) await this.#sendOn(stage, number, [hostile]);
    }
  }

  async #sendOn(stage: Stage, number: number, cases: readonly HostileCase[]): Promise<void> {
    const [first] = cases;
    if (first === undefined) return;
    const { peer, self } = await this.#sessions.open(stage);
    const exchange = new Exchange(peer, { self, sentTexts: this.#sentTexts });
    const mismatches = await (first.closes ? exchange.runLast(first) : exchange.run(cases))
      .catch((error: Error) => [{ hostile: first, why: error.message }]);
    this.#sent.set(number, (this.#sent.get(number) ?? 0) + cases.length);
    this.#failures.push(...mismatches.map((mismatch) => ({ ...mismatch, number })));
    await leave(peer);
  }

  /** A new guest logs in, sends a message and reads the history. */
  async #probe({ number }: HostileClass): Promise<void> {
    const { peer, self } = await this.#sessions.open("member");
    const content = `after class ${number}`;
    const room = HOSTILE_ROOM;
    const reply = await peer.ask({ type: "message", id: "probe", room, content });
    if (reply?.type === "ok" && self !== undefined) {
      this.#sentTexts.note(reply.seq, { content, user: self.user, from: self.name });
    } else this.#faults.push(`the probe ${content} was answered ${JSON.stringify(reply)}`);
    const page = await peer.ask({ type: "history", id: "page", room, limit: 100 });
    for (const event of page?.events ?? []) {
      const fault = this.#sentTexts.findFault(event);
      if (fault !== undefined) this.#faults.push(`the probe ${content} read ${fault}`);
    }
    if (page?.events.at(-1)?.seq !== this.#sentTexts.last) {
      this.#faults.push(`the probe ${content} did not read to the end`);
    }
    await leave(peer);
  }

  async #checkTables({ posted }: BystanderReport): Promise<void> {
    const { code } = await this.#server.terminate();
    if (code !== 0) this.#faults.push(`the server ended with ${code}`);
    const { rows, damage } = readSqlite(`${this.#options.directory}/${DATABASE}`);
    const stored = rows.filter(({ room }) => room === HOSTILE_ROOM).map(({ content }) => content);
    const texts = this.#sentTexts.texts();
    const at = texts.findIndex((text, index) => text !== stored[index]);
    if (at !== -1 || stored.length !== texts.length) {
      this.#faults.push(
        `${stored.length} rows of ${texts.length} sent texts; they differ from ${at}`,
      );
    }
    // The founder's inquiry, what the bystanders said, and whatever else was acknowledged.
    const acknowledged = 1 + posted + this.#sentTexts.size + this.#sentTexts.countInOtherRooms;
    // What the desk has of inquiries is acknowledged with them, and so are the signals of notes.
    const { length } = rows.filter(({ room }) => room !== "desk" && room !== "desk!");
    if (length !== acknowledged) {
      this.#faults.push(`${length} rows in all, not ${acknowledged}`);
    }
    this.#faults.push(...damage);
  }
}

/** Creates cases without delaying the bystanders: only the server may delay them. */
async function createBatch(
  hostileClass: HostileClass,
  { generator, count }: { generator: FrameGenerator; count: number },
): Promise<readonly HostileCase[]> {
  const batch: HostileCase[] = [];
  let since = performance.now();
  while (batch.length < count) {
    batch.push(hostileClass.generate(generator));
    if (performance.now() - since < TURN_MS) continue;
    await pause(0);
    since = performance.now();
  }
  return batch;
}

/** Leaves, and waits until the server has released the name. */
async function leave(peer: Peer): Promise<void> {
  await peer.finish();
  await peer.untilEnd().catch(() => {});
  peer.close();
}
