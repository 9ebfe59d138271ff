// G5: the database is killed and frozen, and its connections are cut within transactions, under
// load: the server stays up, answers every client in time, and neither loses nor duplicates a
// message.

import { Crowd } from "../crash/crowd.ts";
import { AddressSource } from "../crash/connection_sources.ts";
import { createRooms, readPages } from "../crash/pages.ts";
import { listCases } from "../crash/report.ts";
import { readMysql } from "../crash/stored.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { DatabaseServer } from "../support/database_server.ts";
import type { Frame, Peer, Request } from "../../support/clients/peer.ts";
import { beginPinging } from "../support/pinger.ts";
import { countDescriptors } from "../support/process_info.ts";
import { Random } from "../../support/random.ts";
import { pause, until } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const KILLS: Readonly<Record<Size, number>> = { ci: 10, long: 100 };
const FROZEN_MS = 10_000;
/** Connections of the server that the database ends while they are in a transaction. */
const CUT_TRANSACTIONS = 20;
const ROOMS = ["lobby", "ops", "dev"];
const WRITERS = 4;
const READERS = 3;
const PING_MS = 50;
const ANSWER_MS = 6_000;
const RECOVERY_MS = 2_000;
/** What the server may have open towards the database: its pool, and the writer's own. */
const DATABASE_CONNECTIONS = 9;
/** InnoDB makes a new list of transactions when the last one was not asked for in 100 ms. */
const LIST_MS = 110;
/** The longest wait for anything. */
const PATIENCE_MS = 15_000;

export const databaseFaults: Goal = {
  id: "G5",
  title: "database faults",
  asked: `10 kills, 1 freeze of ${FROZEN_MS} ms, transactions cut: ping p99 ${PING_MS} ms, sends ` +
    `answered in ${ANSWER_MS} ms, recovered in ${RECOVERY_MS} ms, lost 0, dup 0, same process`,
  run,
};

async function run(size: Size, context: GoalContext): Promise<Verdict> {
  if (DatabaseServer.isMissing) {
    return { status: "not proven", reached: "no MySQL or MariaDB installed here", counts: {} };
  }
  const { directory, seed } = context;
  const findings = new Findings();
  await using database = await DatabaseServer.start(`${directory}/database`);
  await using server = await ChildServer.start({
    directory,
    env: { PARLEY_DATABASE: database.url },
    args: ["--limit", "all=off"],
    database: database.address,
  });
  const descriptors = countDescriptors(server.pid) + DATABASE_CONNECTIONS;
  await createRooms(server, ROOMS);
  await using crowd = new Crowd({
    directory,
    rooms: ROOMS,
    writers: new Array(WRITERS).fill(new AddressSource(server.address)),
    readers: new Array(READERS).fill(new AddressSource(server.address)),
  });
  await until(() => crowd.isComplete, { withinMs: PATIENCE_MS, otherwise: "Nobody came in" });
  using pinger = await beginPinging(server, "pinger");
  const ordeal = new Ordeal({ server, database, crowd, random: new Random(seed), context });
  await ordeal.killDatabase(KILLS[size]);
  await ordeal.freezeDatabase(findings);
  await ordeal.cutTransactions(CUT_TRANSACTIONS);
  const { pings, p99Ms, worstMs } = await pinger.finish();
  await crowd.settle();
  const pages = await readPages(server, ROOMS);
  await crowd.drain(pages);
  findings.fault(...await findLeftovers(server, { descriptors }));
  findings.exactly("exit", { is: (await server.terminate()).code, asked: 0 });
  const stored = await readMysql(database.database);
  findings.fault(...listCases(crowd.judge({ stored, pages })));
  const { slowestAnswerMs, postponed } = crowd.ledger;
  findings.inTime("ping p99", { is: p99Ms, asked: PING_MS });
  findings.inTime("answer to a send", { is: slowestAnswerMs, asked: ANSWER_MS });
  findings.inTime("recovery", { is: ordeal.slowestRecoveryMs, asked: RECOVERY_MS });
  return findings.verdict({
    reached: `${ordeal.counts.kills} kills, ${ordeal.counts.cut_transactions} transactions cut; ` +
      `ping p99 ${p99Ms.toFixed(1)} ms (worst ${worstMs.toFixed(0)}), slowest answer ` +
      `${slowestAnswerMs.toFixed(0)} ms, slowest recovery ${
        ordeal.slowestRecoveryMs.toFixed(0)
      } ms`,
    counts: {
      acknowledged: crowd.acked,
      ...ordeal.counts,
      unavailable: postponed.get("unavailable") ?? 0,
      pings,
    },
  });
}

interface Scene {
  readonly server: ChildServer;
  readonly database: DatabaseServer;
  readonly crowd: Crowd;
  readonly random: Random;
  readonly context: GoalContext;
}

/** The faults of the database, and the server's recovery after each. */
class Ordeal {
  readonly #scene: Scene;
  readonly counts = { kills: 0, frozen_ms: 0, asked_while_frozen: 0, cut_transactions: 0 };
  slowestRecoveryMs = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  async killDatabase(times: number): Promise<void> {
    const { database, random, context } = this.#scene;
    for (; this.counts.kills < times; this.counts.kills++) {
      await pause(random.integer(50, 500));
      await database.kill();
      await pause(random.integer(0, 300));
      await database.restart();
      await this.#recover();
      context.progress(`database killed ${this.counts.kills + 1} times`);
    }
  }

  /** A frozen database: requests that need it are answered all the same. */
  async freezeDatabase(findings: Findings): Promise<void> {
    const { server, database, context } = this.#scene;
    // Each on a connection of its own: on one, the second would wait for the first.
    using reader = await logIn(server, "patient");
    using joiner = await logIn(server, "waiting");
    using stranger = await server.connect();
    context.progress("database frozen");
    const thaw = database.freeze();
    try {
      const frozen = pause(FROZEN_MS);
      const auth = { method: "guest", name: "stranger" };
      const answers = await Promise.all([
        askInTime(stranger, { type: "hello", id: "hello", version: 1, auth }),
        askInTime(reader, { type: "history", id: "history", room: "lobby" }),
        askInTime(joiner, { type: "join", id: "join", room: "elsewhere", create: true }),
      ]);
      for (const { reply, tookMs } of answers) {
        const isHonest = reply?.code === "unavailable" && reply.retry && reply.after_ms > 0;
        if (!isHonest) findings.fault(`answered while frozen: ${JSON.stringify(reply)}`);
        findings.inTime("answer while frozen", { is: tookMs, asked: ANSWER_MS });
      }
      this.counts.asked_while_frozen += answers.length;
      await frozen;
    } finally {
      thaw();
    }
    await database.run("SELECT 1");
    await this.#recover();
    this.counts.frozen_ms += FROZEN_MS;
  }

  /** Those that are open at the moment; the database itself says which. */
  async cutTransactions(times: number): Promise<void> {
    const { database } = this.#scene;
    const deadline = performance.now() + PATIENCE_MS;
    while (this.counts.cut_transactions < times) {
      if (performance.now() > deadline) throw new Error("Too few transactions were found open");
      await pause(LIST_MS);
      const [open] = await database.run(
        "SELECT trx_mysql_thread_id AS connection FROM information_schema.innodb_trx " +
          "WHERE trx_mysql_thread_id <> 0 AND trx_mysql_thread_id <> CONNECTION_ID() LIMIT 1",
      );
      if (open === undefined || !await this.#cut(Number(open.connection))) continue;
      this.counts.cut_transactions++;
      await this.#recover();
    }
  }

  /** Whether it still existed. */
  async #cut(connection: number): Promise<boolean> {
    try {
      await this.#scene.database.run(`KILL CONNECTION ${connection}`);
      return true;
    } catch {
      return false;
    }
  }

  /** Waits for the next acknowledgement, now that the database answers. */
  async #recover(): Promise<void> {
    const { crowd } = this.#scene;
    const before = crowd.acked;
    const tookMs = await until(() => crowd.acked > before, {
      withinMs: PATIENCE_MS,
      otherwise: "Nothing was acknowledged",
    });
    this.slowestRecoveryMs = Math.max(this.slowestRecoveryMs, tookMs);
  }
}

async function askInTime(
  peer: Peer,
  request: Request,
): Promise<{ reply: Frame | undefined; tookMs: number }> {
  const begun = performance.now();
  const reply = await peer.ask(request);
  return { reply, tookMs: performance.now() - begun };
}

async function logIn(server: ChildServer, name: string): Promise<Peer> {
  const peer = await server.connect();
  const auth = { method: "guest", name };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  return peer;
}
