// G6: the disk becomes full at random moments: the server refuses with the right code, continues
// with requests that need no space, and recovers by itself when there is space.

import { DatabaseSync } from "node:sqlite";
import { Crowd } from "../crash/crowd.ts";
import { AddressSource } from "../crash/connection_sources.ts";
import type { Ledger } from "../crash/ledger.ts";
import { createRooms, readPages } from "../crash/pages.ts";
import { listCases } from "../crash/report.ts";
import { readSqlite } from "../crash/stored.ts";
import { textOf } from "../crash/texts.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { type FillableStorage, limitedDatabase, smallFileSystem } from "../support/full_storage.ts";
import { countDescriptors } from "../support/process_info.ts";
import { Random } from "../../support/random.ts";
import { pause, until } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const TIMES: Readonly<Record<Size, number>> = { ci: 5, long: 50 };
const ROOMS = ["lobby", "ops"];
/** A room that no writer uses. */
const ASIDE = "aside";
const WRITERS = 3;
const READERS = 2;
const LEFT_BYTES = 200_000;
const RECOVERY_MS = 2_000;
const PATIENCE_MS = 15_000;
/** So many sends are refused before the rest is looked at, and so many taken before it is full again. */
const REFUSED = 20;
const TAKEN = 200;
const ASK_AGAIN_MS = 20;
/** A token's use is noted when the last one was an hour ago. */
const LONG_AGO_MS = 2 * 3_600_000;

export const storageFull: Goal = {
  id: "G6",
  title: "storage full",
  asked: "full 5 times: storage_full, none acknowledged and not stored; history, ping, login by " +
    `token and resume work; first send taken ${RECOVERY_MS} ms after space returns; integrity`,
  run,
};

async function run(size: Size, context: GoalContext): Promise<Verdict> {
  const findings = new Findings();
  const limited = await endure(limitedDatabase(`${context.directory}/pages`), {
    times: TIMES[size],
    context,
    findings,
  });
  const mounted = await smallFileSystem(`${context.directory}/tmpfs`);
  const small = mounted === undefined
    ? undefined
    : await endure(mounted, { times: TIMES[size], context, findings });
  const counts = {
    full: limited.full,
    refused: limited.refused,
    worked_while_full: limited.worked,
    acknowledged: limited.acknowledged,
    ...(small === undefined ? undefined : {
      full_file_system: small.full,
      refused_file_system: small.refused,
      worked_while_full_file_system: small.worked,
      acknowledged_file_system: small.acknowledged,
    }),
  };
  const slowest = Math.max(limited.slowestMs, small?.slowestMs ?? 0);
  findings.inTime("first send", { is: slowest, asked: RECOVERY_MS });
  return findings.verdict({
    reached: `${limited.full} times by max_page_count, ` +
      (small === undefined ? "no tmpfs may be mounted here" : `${small.full} times by tmpfs`) +
      `, first send taken after ${slowest.toFixed(0)} ms`,
    counts,
  });
}

interface Task {
  readonly times: number;
  readonly context: GoalContext;
  readonly findings: Findings;
}

interface Endured {
  readonly full: number;
  /** Sends answered `storage_full`. */
  readonly refused: number;
  /** Requests that need no space, sent while the disk was full. */
  readonly worked: number;
  readonly acknowledged: number;
  readonly slowestMs: number;
}

async function endure(
  place: FillableStorage,
  { times, context, findings }: Task,
): Promise<Endured> {
  await using storage = place;
  const { directory, preload, name } = storage;
  const path = `${directory}/data/parley.db`;
  const token = await prepare(directory);
  await using server = await ChildServer.start({
    directory,
    args: ["--limit", "all=off"],
    ...(preload === undefined ? undefined : { preload }),
  });
  const descriptors = countDescriptors(server.pid);
  await createRooms(server, ROOMS);
  // The ledger has room when the server has none.
  Deno.mkdirSync(`${context.directory}/ledger-${name}`);
  await using crowd = new Crowd({
    directory: `${context.directory}/ledger-${name}`,
    rooms: ROOMS,
    writers: new Array(WRITERS).fill(new AddressSource(server.address)),
    readers: new Array(READERS).fill(new AddressSource(server.address)),
    bears: ["storage_full"],
  });
  await until(() => crowd.isComplete, { withinMs: PATIENCE_MS, otherwise: "Nobody came in" });
  const refused = () => crowd.ledger.postponed.get("storage_full") ?? 0;
  const random = new Random(context.seed);
  let worked = 0;
  let slowestMs = 0;
  for (let time = 0; time < times; time++) {
    const cid = `${name}-${time}`;
    const round = await fillOnce({ storage, server, crowd, refused, random, token, cid });
    worked += round.answers - round.odd.length;
    slowestMs = Math.max(slowestMs, round.tookMs);
    findings.fault(...round.odd);
    context.progress(`${name}: full ${time + 1} times, ${refused()} refused`);
  }
  await crowd.settle();
  const pages = await readPages(server, ROOMS);
  await crowd.drain(pages);
  findings.fault(...(await findLeftovers(server, { descriptors })).map((one) => `${name}: ${one}`));
  findings.exactly("exit", { is: (await server.terminate()).code, asked: 0 });
  findings.fault(...listCases(crowd.judge({ stored: readSqlite(path), pages })));
  return { full: times, refused: refused(), worked, acknowledged: crowd.acked, slowestMs };
}

interface Scene {
  readonly storage: FillableStorage;
  readonly server: ChildServer;
  readonly crowd: Crowd;
  /** How many sends were refused so far. */
  readonly refused: () => number;
  readonly random: Random;
  readonly token: string;
  /** Of what is said when there is room again. */
  readonly cid: string;
}

/** Full, checked, and free again, until the writers continue. */
async function fillOnce(
  { storage, server, crowd, refused, random, token, cid }: Scene,
): Promise<Answers & { readonly tookMs: number }> {
  await pause(random.integer(20, 300));
  const before = refused();
  await storage.fill(random.integer(0, LEFT_BYTES));
  await until(() => refused() >= before + REFUSED, {
    withinMs: PATIENCE_MS,
    otherwise: "Nothing was refused",
  });
  const answers = await askWhileFull(server, token);
  await storage.free();
  const tookMs = await sayOnce(server, { token, cid, ledger: crowd.ledger });
  const acked = crowd.acked;
  await until(() => crowd.acked >= acked + TAKEN, {
    withinMs: PATIENCE_MS,
    otherwise: "Nothing was taken",
  });
  return { ...answers, tookMs };
}

/** A guest whose token was last used so long ago that its next use is to be noted. @returns the token */
async function prepare(directory: string): Promise<string> {
  await using server = await ChildServer.start({ directory });
  using peer = await server.connect();
  const auth = { method: "guest", name: "regular" };
  const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  const reply = await peer.ask({ type: "join", id: "join", room: ASIDE, create: true });
  if (reply?.type !== "room") throw new Error(`No room but ${JSON.stringify(reply)}`);
  peer.close();
  await server.terminate();
  using database = new DatabaseSync(`${directory}/data/parley.db`);
  database.prepare("UPDATE Tokens SET last_used = last_used - ?").run(LONG_AGO_MS);
  return welcome?.token;
}

interface Answers {
  /** To what needs no room. */
  readonly answers: number;
  /** Those that are not as they are when there is some, and what else was not honest. */
  readonly odd: readonly string[];
}

async function askWhileFull(server: ChildServer, token: string): Promise<Answers> {
  using peer = await server.connect();
  const auth = { method: "token", token };
  const answers = [
    ["welcome", await peer.ask({ type: "hello", id: "hello", version: 1, auth })],
    ["pong", await peer.ask({ type: "ping", id: "ping" })],
    ["page", await peer.ask({ type: "history", id: "page", room: "lobby", limit: 20 })],
    ["resumed", await peer.ask({ type: "resume", id: "resume", rooms: [{ room: "ops", seq: 1 }] })],
  ] as const;
  const odd = answers.filter(([type, reply]) => reply?.type !== type)
    .map(([type, reply]) => `full: no ${type} but ${JSON.stringify(reply)}`);
  return { answers: answers.length, odd: [...odd, ...await askWhatMayFail(server)] };
}

let newcomers = 0;

/** A new guest needs space: is accepted if a little is left, or refused with a reason. */
async function askWhatMayFail(server: ChildServer): Promise<readonly string[]> {
  using peer = await server.connect();
  const auth = { method: "guest", name: `newcomer${++newcomers}` };
  const reply = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  if (reply?.type === "welcome" || reply?.code === "storage_full") return [];
  return [`full: a newcomer is told ${JSON.stringify(reply)}`];
}

/** Sends one message until it is accepted. @returns how long that took, in milliseconds */
async function sayOnce(
  server: ChildServer,
  { token, cid, ledger }: { token: string; cid: string; ledger: Ledger },
): Promise<number> {
  using peer = await server.connect();
  const auth = { method: "token", token };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  const message = { type: "message", id: cid, cid, room: ASIDE, content: textOf(cid) };
  ledger.offer(cid, ASIDE);
  const begun = performance.now();
  for (;;) {
    const reply = await peer.ask(message);
    const tookMs = performance.now() - begun;
    if (reply?.type === "ok") {
      ledger.ack({ cid, room: reply.room, seq: reply.seq, isDup: reply.dup === true });
      return tookMs;
    }
    if (reply?.code !== "storage_full" || tookMs > PATIENCE_MS) {
      throw new Error(`Not taken: ${JSON.stringify(reply)}`);
    }
    await pause(ASK_AGAIN_MS);
  }
}
