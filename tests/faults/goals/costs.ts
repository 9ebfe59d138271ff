// G25: with a full store every request is cheap, many clients reconnect soon, and a client that
// sends the most expensive requests at the allowed rate delays nobody.

import { openSqlite } from "../../../lib/store/sqlite/driver.ts";
import { costTable, keptCursors } from "../costs/requests.ts";
import { type Cost, measureCosts } from "../costs/measuring.ts";
import { buildWorld, LARGE, VAST, type WorldSize, type WorldTokens } from "../costs/world.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import type { Peer } from "../../support/clients/peer.ts";
import { beginPinging, type PingReport } from "../support/pinger.ts";
import { countDescriptors } from "../support/process_info.ts";
import { pause } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const WORLDS: Readonly<Record<Size, WorldSize>> = { ci: LARGE, long: VAST };
const TIMES: Readonly<Record<Size, number>> = { ci: 20, long: 200 };
const REQUEST_MS = 5;
const BACK_MS = 5_000;
const PING_MS = 50;
/** How long the hostile guest sends each request, in milliseconds. */
const HARM_MS = 1_500;
/** A slow server is measured, not an error. */
const PATIENCE_MS = 60_000;
/** Messages that replays go back. */
const BEHIND = 300;

export const costs: Goal = {
  id: "G25",
  title: "cost",
  asked:
    "1,000,000 messages, 1,000 rooms, 10,000 members, 100,000 inquiries, 1,000 unread in each " +
    `of 100 rooms: each request ${REQUEST_MS} ms of CPU; 500 people of 20 rooms are back in ` +
    `${BACK_MS} ms; others' ping p99 ${PING_MS} ms while a guest asks as fast as allowed`,
  async run(size: Size, { directory, progress }: GoalContext): Promise<Verdict> {
    const world = WORLDS[size];
    Deno.mkdirSync(`${directory}/data`, { mode: 0o700 });
    const driver = await openSqlite({ path: `${directory}/data/parley.db` });
    const tokens = await buildWorld(driver, { size: world, now: Date.now(), progress });
    const findings = new Findings();
    const harm = await endure({ directory, world, tokens, findings });
    progress("harm was endured");
    const measured = await measureAll({ directory, world, times: TIMES[size] });
    const dearest = measured.reduce((one, other) => other.ms > one.ms ? other : one);
    for (const { name, ms } of measured) findings.inTime(name, { is: ms, asked: REQUEST_MS });
    return findings.verdict({
      reached: `${measured.length} requests, the dearest ${dearest.ms.toFixed(2)} ms ` +
        `(${dearest.name}); ${world.comers} back in ${harm.backMs.toFixed(0)} ms; ` +
        `ping p99 ${harm.p99Ms.toFixed(1)} ms under ${harm.answers} requests`,
      counts: {
        requests: measured.length,
        back: harm.back,
        "harmful requests": harm.answers,
        pings: harm.pings,
      },
    });
  },
};

interface Scene {
  readonly directory: string;
  readonly world: WorldSize;
  readonly tokens: WorldTokens;
  readonly findings: Findings;
}

interface Endured extends PingReport {
  readonly back: number;
  readonly backMs: number;
  /** Answered requests of the hostile guest. */
  readonly answers: number;
}

/** With the default limits. */
async function endure({ directory, world, tokens, findings }: Scene): Promise<Endured> {
  await using server = await ChildServer.start({ directory });
  const descriptors = countDescriptors(server.pid);
  const { back, backMs } = await comeBack(server, tokens);
  findings.inTime("all back", { is: backMs, asked: BACK_MS });
  findings.exactly("back", { is: back, asked: world.comers });
  const { report, answers } = await doHarm(server, { world, tokens });
  findings.inTime("ping p99", { is: report.p99Ms, asked: PING_MS });
  findings.fault(...await findLeftovers(server, { descriptors }));
  return { ...report, back, backMs, answers };
}

/** All at once: each logs in and resumes its rooms. */
async function comeBack(
  server: ChildServer,
  { comers }: WorldTokens,
): Promise<{ back: number; backMs: number }> {
  const begun = performance.now();
  const peers = await Promise.all(comers.map(async (token) => {
    const peer = await server.connect({ patienceMs: PATIENCE_MS });
    const auth = { method: "token", token };
    const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
    const rooms = welcome?.rooms.map(({ room, read }: { room: string; read: number }) => ({
      room,
      seq: read,
    }));
    const resumed = await peer.ask({ type: "resume", id: "resume", rooms });
    return { peer, isBack: resumed?.rooms?.length > 0 };
  }));
  const backMs = performance.now() - begun;
  for (const { peer } of peers) peer.close();
  return { back: peers.filter(({ isBack }) => isBack).length, backMs };
}

/** The requests that are sent at the allowed rate, in sequence. */
function harmfulRequests(world: WorldSize): readonly Readonly<Record<string, unknown>>[] {
  return [
    { type: "rooms", joined: true, limit: 1 },
    { type: "rooms", limit: 100 },
    { type: "members", room: "room-1000", limit: 100 },
    { type: "history", room: `room-${1_000 + world.rooms - 1}`, limit: 100 },
    { type: "history", room: "room-1500", around: world.messagesPerRoom / 2, limit: 100 },
    { type: "resume", rooms: keptCursors(world, BEHIND) },
    { type: "resume", rooms: keptCursors(world, world.messagesPerRoom) },
  ];
}

async function doHarm(
  server: ChildServer,
  { world, tokens }: Pick<Scene, "world" | "tokens">,
): Promise<{ report: PingReport; answers: number }> {
  const auth = { method: "token", token: tokens.keeper };
  const pinger = await beginPinging(server, "bystander");
  let answers = 0;
  for (const request of harmfulRequests(world)) {
    using peer = await server.connect({ patienceMs: PATIENCE_MS });
    const hello = { type: "hello", id: "hello", version: 1, auth };
    // Logging in is a request as well.
    if ((await peer.ask(hello))?.type === "welcome") answers++;
    const until = performance.now() + HARM_MS;
    answers += await askAsFastAsAllowed(peer, { request, until });
  }
  return { report: await pinger.finish(), answers };
}

/** @returns how many were answered */
async function askAsFastAsAllowed(
  peer: Peer,
  { request, until }: { request: Readonly<Record<string, unknown>>; until: number },
): Promise<number> {
  let answers = 0;
  for (let n = 0; performance.now() < until; n++) {
    const reply = await peer.ask({ ...request, id: `${n}` });
    if (reply === undefined) throw new Error(`Cut off at ${JSON.stringify(request)}`);
    if (reply.type !== "error") answers++;
    else if (reply.code === "rate_limited") await pause(reply.after_ms);
    else throw new Error(`${JSON.stringify(request)}: ${JSON.stringify(reply)}`);
  }
  return answers;
}

/** With the limits off: what is measured is what a request costs, not how many there may be. */
async function measureAll(
  { directory, world, times }: { directory: string; world: WorldSize; times: number },
): Promise<readonly Cost[]> {
  await using server = await ChildServer.start({ directory, args: ["--limit", "all=off"] });
  const adminToken = Deno.readTextFileSync(`${directory}/data/admin.token`).trim();
  return await measureCosts(costTable(world), { server, adminToken, times });
}
