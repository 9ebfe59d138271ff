// G22: two servers behind NATS deliver the same log, whichever of the three processes is killed:
// the bus only carries hints, and what it loses is read from the store.

import { createMysqlDatabase, isMysqlMissing } from "../../support/stores/mysql.ts";
import { Crowd } from "../crash/crowd.ts";
import { RotatingSource } from "../crash/connection_sources.ts";
import type { Ledger } from "../crash/ledger.ts";
import { createRooms, readPages } from "../crash/pages.ts";
import { type ServerIndex, ServerPair } from "../crash/server_pair.ts";
import { listCases } from "../crash/report.ts";
import { mysqlStore } from "../crash/stores.ts";
import { findBugLines, findLeftovers } from "../support/leftovers.ts";
import { countDescriptors } from "../support/process_info.ts";
import { HintProbe } from "../support/hint_probe.ts";
import { isNatsMissing, NatsServer } from "../../support/processes/nats_server.ts";
import { Random } from "../../support/random.ts";
import { pause, until } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const MESSAGES: Readonly<Record<Size, number>> = { ci: 10_000, long: 500_000 };
/** What is killed, in this order. */
const KILLS: readonly (ServerIndex | "bus")[] = [0, "bus", 1, "bus", 0, "bus", 1];
const ROOMS = ["lobby", "ops", "dev"];
const PROBE_ROOM = "probe";
/** For each of the two servers. */
const WRITERS = 2;
const READERS = 2;
/** This many more move to the other server after every cut. */
const ROAMING = 2;
const AWAY_MS = 300;
/** With the bus, an event arrives long before the next poll of the store, a second later. */
const HINTED_MS = 250;
/** Without the bus it arrives within this time. */
const RECOVERED_MS = 2_000;
/** How soon a server reconnects to a bus that is back. */
const BACK_MS = 10_000;
/** Messages by which each of these times is taken. */
const PROBES = 10;
const LOST_PROBES = 4;
/** A longer average time for an acknowledgement counts as a standstill. */
const MESSAGE_MS = 10;
/** What a server may have open towards database and bus, and what it opened before it was full. */
const CONNECTIONS = 9 + 2;

export const bus: Goal = {
  id: "G22",
  title: "a bus that fails",
  asked: "10000 messages crossing behind NATS, 4 kills of servers and 3 of nats-server: every " +
    "reader sees 1..N in order, lost 0, dup 0; half of the messages hinted by the bus arrive in " +
    "250 ms, all that it loses in 2000 ms",
  run,
};

async function run(size: Size, context: GoalContext): Promise<Verdict> {
  if (isMysqlMissing() || isNatsMissing()) {
    return { status: "not proven", reached: "no MariaDB or no nats-server here", counts: {} };
  }
  const findings = new Findings();
  const counts = await cross(size, { context, findings });
  return findings.verdict({
    reached: `${counts.acknowledged} messages, ${counts.kills} servers and ${counts.bus_kills} ` +
      `times the bus killed; by the bus ${counts.hinted_ms} ms (median), without it at most ` +
      `${counts.recovered_ms} ms`,
    counts,
  });
}

interface Stage {
  readonly context: GoalContext;
  readonly findings: Findings;
}

async function cross(
  size: Size,
  { context, findings }: Stage,
): Promise<Readonly<Record<string, number>>> {
  const { seed, directory, progress } = context;
  await using database = await createMysqlDatabase();
  await using nats = await NatsServer.start();
  const store = mysqlStore(database);
  await using pair = new ServerPair({
    directory,
    env: { PARLEY_DATABASE: store.url, PARLEY_BUS: `nats://${nats.address}` },
    args: ["--limit", "all=off"],
    database: store.database,
    bus: nats.address,
  });
  const first = await pair.start();
  const descriptors = countDescriptors(first.pid) + CONNECTIONS;
  await createRooms(first, [...ROOMS, PROBE_ROOM]);
  await untilMet(pair);
  const { servers: sources } = pair;
  await using crowd = new Crowd({
    directory,
    rooms: ROOMS,
    writers: sources.flatMap((source) => new Array(WRITERS).fill(source)),
    readers: [
      ...sources.flatMap((source) => new Array(READERS).fill(source)),
      ...Array.from({ length: ROAMING }, () => new RotatingSource(sources)),
    ],
  });
  const attack = new Attack({ pair, nats, ledger: crowd.ledger, random: new Random(seed) });
  const wanted = MESSAGES[size];
  for (let part = 1; part <= KILLS.length + 1; part++) {
    await until(() => crowd.acked >= wanted * part / (KILLS.length + 1), {
      withinMs: wanted * MESSAGE_MS,
      otherwise: "Too little was acknowledged",
    });
    progress(`${crowd.acked} acknowledged`);
    const target = KILLS[part - 1];
    if (target !== undefined) await attack.kill(target);
  }
  await crowd.settle();
  // Pages show what a server has delivered; a lost hint is made good within this time.
  await pause(RECOVERED_MS);
  const pages = await readPages(pair.current[0], [...ROOMS, PROBE_ROOM]);
  await crowd.drain(pages);
  // First, because other failures may follow from it.
  findings.fault(...listCases(crowd.judge({ stored: await store.read(), pages })));
  findings.inTime("half of the hinted messages", { is: attack.hintedMs, asked: HINTED_MS });
  findings.inTime("all that it lost", { is: attack.recoveredMs, asked: RECOVERED_MS });
  for (const server of pair.current) {
    findings.fault(...await findLeftovers(server, { descriptors }));
    findings.exactly("exit", { is: (await server.terminate()).code, asked: 0 });
  }
  for (const killed of pair.killed) findings.fault(...findBugLines(killed));
  return {
    acknowledged: crowd.acked,
    kills: pair.killed.length,
    bus_kills: attack.busKills,
    resumed_whole: crowd.resumed.whole,
    hinted_ms: Math.ceil(attack.hintedMs),
    recovered_ms: Math.ceil(attack.recoveredMs),
  };
}

interface AttackStage {
  readonly pair: ServerPair;
  readonly nats: NatsServer;
  readonly ledger: Ledger;
  readonly random: Random;
}

/** Kills processes and meanwhile measures delays to the other server. */
class Attack {
  busKills = 0;
  readonly #hinted: number[] = [];
  readonly #recovered: number[] = [];
  readonly #stage: AttackStage;

  constructor(stage: AttackStage) {
    this.#stage = stage;
  }

  /** The median. */
  get hintedMs(): number {
    return this.#hinted.toSorted((one, other) => one - other)[this.#hinted.length >> 1] ?? Infinity;
  }

  get recoveredMs(): number {
    return this.#recovered.length === 0 ? Infinity : Math.max(...this.#recovered);
  }

  async kill(target: ServerIndex | "bus"): Promise<void> {
    const { pair, random } = this.#stage;
    const awayMs = random.integer(0, AWAY_MS);
    if (target === "bus") await this.#killBus(awayMs);
    else await pair.kill(target, { awayMs });
    await untilMet(pair);
    this.#hinted.push(...await this.#probe(PROBES));
  }

  async #killBus(awayMs: number): Promise<void> {
    const { nats } = this.#stage;
    await nats.kill();
    this.busKills++;
    this.#recovered.push(...await this.#probe(LOST_PROBES));
    await pause(awayMs);
    await nats.restart();
  }

  /** Sends this many messages on one server and returns their delays to the other. */
  async #probe(times: number): Promise<readonly number[]> {
    const { pair, ledger } = this.#stage;
    const [from, to] = pair.current;
    using probe = await HintProbe.open({ from, to, room: PROBE_ROOM, ledger });
    return await probe.take(times);
  }
}

/** Waits until both servers are connected to the bus and know exactly each other. */
async function untilMet({ current }: ServerPair): Promise<void> {
  const deadline = performance.now() + BACK_MS;
  for (const server of current) {
    for (;;) {
      const { bus, servers } = await server.stats();
      if (bus === 1 && servers === 2) break;
      if (performance.now() > deadline) {
        throw new Error(`bus ${bus}, ${servers} servers, not 1 and 2 within ${BACK_MS} ms`);
      }
      await pause(20);
    }
  }
}
