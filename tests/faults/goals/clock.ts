// G12: sets the wall clock back and forth under load: no client is cut, no token expires too early
// or too late, limits hold, and order and times in a room are kept.

import { DatabaseSync } from "node:sqlite";
import { Crowd } from "../crash/crowd.ts";
import { AddressSource } from "../crash/connection_sources.ts";
import { createRooms, readPages } from "../crash/pages.ts";
import { listCases } from "../crash/report.ts";
import { readSqlite } from "../crash/stored.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import type { Frame, Peer } from "../../support/clients/peer.ts";
import { countDescriptors } from "../support/process_info.ts";
import { Random } from "../../support/random.ts";
import { CLOCK_PRELOAD, ServerClock } from "../support/set_clock.ts";
import { pause, until } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RANDOM_JUMPS: Readonly<Record<Size, number>> = { ci: 6, long: 100 };
const FARTHEST_MS = 400 * DAY_MS;
/** The server looks round for the idle every half second: each jump is looked at once at least. */
const LOOKED_AT_MS = 700;
/** Between small steps, some behind each other. */
const STEP_MS = 50;
const STEPS = 10;
const ROOMS = ["lobby", "ops"];
const WRITERS = 3;
const READERS = 2;
const IDLE = 20;
/** A room's time follows a clock that is set back by more than this. */
const FOLLOWED_MS = 300_000;
const PATIENCE_MS = 15_000;
/** How far a pong's time may be from what was set: the machine may be busy. */
const TELLING_MS = 1_000;

export const clock: Goal = {
  id: "G12",
  title: "clock",
  asked: "-1 h, +1 d, steps under load, a new year: nobody cut, tokens and limits as they were, " +
    "times fall within a room only where the clock did by more than 5 min, lost 0",
  run,
};

async function run(size: Size, context: GoalContext): Promise<Verdict> {
  const findings = new Findings();
  const counts = {
    ...await jumpUnderLoad(size, { context, findings }),
    ...await jumpThroughTokens(`${context.directory}/tokens`, findings),
    ...await jumpThroughLimits(`${context.directory}/limits`, findings),
  };
  return findings.verdict({
    reached: `${counts.jumps} jumps, ${counts.acknowledged} acknowledged, ` +
      `${counts.idle_kept} idle kept`,
    counts,
  });
}

type Counts<Name extends string> = Readonly<Record<Name, number>>;

async function startWithClock(
  directory: string,
  args: readonly string[],
): Promise<{ server: ChildServer; clock: ServerClock }> {
  Deno.mkdirSync(directory, { recursive: true });
  const server = await ChildServer.start({ directory, args, preload: CLOCK_PRELOAD });
  return { server, clock: new ServerClock(directory) };
}

async function jumpUnderLoad(
  size: Size,
  { context, findings }: { context: GoalContext; findings: Findings },
): Promise<Counts<"jumps" | "acknowledged" | "idle_kept">> {
  const { directory, seed } = context;
  const { server: started, clock } = await startWithClock(directory, ["--limit", "all=off"]);
  await using server = started;
  const descriptors = countDescriptors(server.pid);
  await createRooms(server, ROOMS);
  await using crowd = new Crowd({
    directory,
    rooms: ROOMS,
    writers: new Array(WRITERS).fill(new AddressSource(server.address)),
    readers: new Array(READERS).fill(new AddressSource(server.address)),
  });
  await until(() => crowd.isComplete, { withinMs: PATIENCE_MS, otherwise: "Nobody came in" });
  using idlers = await enterIdlers(server);
  const { accepted: before } = await server.stats();
  let jumps = 0;
  for (const aheadMs of chooseJumps(RANDOM_JUMPS[size], new Random(seed))) {
    clock.set(aheadMs);
    context.progress(`the clock is ahead by ${aheadMs} ms`);
    await pause(LOOKED_AT_MS);
    const reported = await idlers.ping();
    if (Math.abs(reported - clock.now) < TELLING_MS) jumps++;
    else findings.fault(`the server tells ${reported}, not ${clock.now}`);
    // Steps in quick succession, on top of each jump.
    for (let step = 0; step < STEPS; step++) {
      clock.set(aheadMs + (step % 2 === 0 ? -1 : 1) * step * STEP_MS);
      await pause(STEP_MS / STEPS);
    }
  }
  const { accepted: after = 0 } = await server.stats();
  // Only the connection that reads the counters is new: a cut client would reconnect.
  findings.exactly("connections made meanwhile", { is: after - (before ?? 0), asked: 1 });
  const idleKept = idlers.connected;
  findings.exactly("idle connections kept", { is: idleKept, asked: IDLE });
  idlers[Symbol.dispose]();
  await crowd.settle();
  const pages = await readPages(server, ROOMS);
  await crowd.drain(pages);
  findings.fault(...await findLeftovers(server, { descriptors }));
  findings.exactly("exit", { is: (await server.terminate()).code, asked: 0 });
  const path = `${directory}/data/parley.db`;
  findings.fault(...listCases(crowd.judge({ stored: readSqlite(path), pages })));
  findings.exactly("times that fall by a small step", { is: countFallingTimes(path), asked: 0 });
  findings.exactly("rooms whose time did not follow", { is: countFrozenRooms(path), asked: 0 });
  return { jumps, acknowledged: crowd.acked, idle_kept: idleKept };
}

/** How far the clock is ahead after each jump. */
function chooseJumps(count: number, random: Random): readonly number[] {
  const newYear = Date.UTC(new Date().getUTCFullYear() + 1, 0);
  return [
    -HOUR_MS,
    DAY_MS,
    0,
    // The year ends while this jump is looked at.
    newYear - Date.now() - LOOKED_AT_MS / 2,
    ...Array.from({ length: count }, () => random.integer(-FARTHEST_MS, FARTHEST_MS)),
    0,
  ];
}

/** Those who are logged in and say nothing. */
class Idlers implements Disposable {
  readonly #peers: readonly Peer[];
  #pings = 0;

  constructor(peers: readonly Peer[]) {
    this.#peers = peers;
  }

  get connected(): number {
    return this.#peers.filter(({ ending }) => ending === undefined).length;
  }

  /** The first of them pings: what time the server tells. */
  async ping(): Promise<number> {
    const pong = await this.#peers[0]?.ask({ type: "ping", id: `${this.#pings++}` });
    return pong?.time ?? NaN;
  }

  [Symbol.dispose](): void {
    for (const peer of this.#peers) peer.close();
  }
}

async function enterIdlers(server: ChildServer): Promise<Idlers> {
  const peers: Peer[] = [];
  for (let n = 0; n < IDLE; n++) peers.push((await enterGuest(server, `idler${n}`)).peer);
  return new Idlers(peers);
}

function countFallingTimes(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const [row] = database.prepare(
    "SELECT COUNT(*) AS falls FROM Messages later JOIN Messages earlier " +
      "ON earlier.room_id = later.room_id AND earlier.seq = later.seq - 1 " +
      "WHERE earlier.time > later.time AND earlier.time - later.time <= ?",
  ).all(FOLLOWED_MS);
  return Number(row?.falls);
}

/** Of the rooms in which something was said after the last jump, which was back to the right time. */
function countFrozenRooms(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const [row] = database.prepare(
    "SELECT COUNT(*) AS frozen FROM Rooms WHERE last_seq > 0 AND last_time > ?",
  ).all(Date.now() + FOLLOWED_MS);
  return Number(row?.frozen);
}

const TOKEN_DAYS = 30;

/** A token ends 30 days after its last use by the clock, and not before, however the clock came there. */
async function jumpThroughTokens(
  directory: string,
  findings: Findings,
): Promise<Counts<"logins">> {
  const { server: started, clock } = await startWithClock(directory, ["--limit", "all=off"]);
  await using server = started;
  const used = (await leaveGuest(server, "used")).token;
  const unused = (await leaveGuest(server, "unused")).token;
  const steps = [
    { day: -1, token: used, reply: "welcome" },
    { day: TOKEN_DAYS - 1, token: used, reply: "welcome" },
    { day: TOKEN_DAYS + 1, token: unused, reply: "error" },
    // Last used on the day before: it has as long again.
    { day: 2 * TOKEN_DAYS - 2, token: used, reply: "welcome" },
    // Set back: used in what is now the future.
    { day: 0, token: used, reply: "welcome" },
    { day: 0, token: unused, reply: "welcome" },
  ];
  for (const { day, token, reply } of steps) {
    clock.set(day * DAY_MS);
    const answer = await logIn(server, { method: "token", token });
    if (answer?.type === reply) continue;
    findings.fault(`login on day ${day}: ${JSON.stringify(answer)}, not ${reply}`);
  }
  findings.exactly("exit", { is: (await server.terminate()).code, asked: 0 });
  return { logins: steps.length };
}

/** Ten at once, then two a second, whatever the clock says: five more take two and a half seconds. */
const BURST = 10;
const MORE = 5;
const MORE_MS = { least: 2_250, most: 4_000 };

async function jumpThroughLimits(
  directory: string,
  findings: Findings,
): Promise<Counts<"limited">> {
  const { server: started, clock } = await startWithClock(directory, []);
  await using server = started;
  let limited = 0;
  for (const aheadMs of [DAY_MS, -HOUR_MS]) {
    using peer = (await enterGuest(server, `hurried${limited}`)).peer;
    const begun = performance.now();
    for (let id = 0; id < BURST + MORE; id++) {
      peer.send({ type: "message", id, room: "lobby", content: "quick" });
    }
    for (let id = 0; id < BURST + MORE; id++) {
      const reply = await peer.next();
      if (reply?.type !== "ok") findings.fault(`limited: ${JSON.stringify(reply)}`);
      if (id === BURST) clock.set(aheadMs);
    }
    const tookMs = performance.now() - begun;
    findings.atLeast("ms for what is over the limit", { is: tookMs, asked: MORE_MS.least });
    findings.inTime("what is over the limit", { is: tookMs, asked: MORE_MS.most });
    limited += MORE;
  }
  findings.exactly("exit", { is: (await server.terminate()).code, asked: 0 });
  return { limited };
}

async function enterGuest(
  server: ChildServer,
  name: string,
): Promise<{ peer: Peer; token: string }> {
  const peer = await server.connect();
  const auth = { method: "guest", name };
  const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  if (welcome?.type !== "welcome") throw new Error(`No welcome but ${JSON.stringify(welcome)}`);
  return { peer, token: welcome.token };
}

async function leaveGuest(server: ChildServer, name: string): Promise<{ token: string }> {
  const { peer, token } = await enterGuest(server, name);
  peer.close();
  return { token };
}

async function logIn(server: ChildServer, auth: object): Promise<Frame | undefined> {
  using peer = await server.connect();
  return await peer.ask({ type: "hello", id: "hello", version: 1, auth });
}
