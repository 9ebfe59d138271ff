// G9: clients connect, use the chat and are cut, thousands of times; only their messages stay.

import { readSqlite } from "../crash/stored.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { inParallel } from "../support/parallel.ts";
import { countDescriptors, residentBytes } from "../support/process_info.ts";
import { sendAndReset } from "../support/resetting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const VISITS: Readonly<Record<Size, number>> = { ci: 20_000, long: 1_000_000 };
/** Memory may grow freely during these visits. */
const WARM = 5_000;
const GROWTH = 1.15;
/** Memory goes up and down with each collection: the median of so many looks, */
const LOOKS = 5;
/** so many visits from each other. */
const BETWEEN = 400;
const PEOPLE = 100;
const AT_ONCE = 16;
const ROOM = "crossing";
/** Said in the lobby, and replayed to each visitor. */
const REPLAYED = 3;
const MIB = 2 ** 20;
const encoder = new TextEncoder();

export const leaks: Goal = {
  id: "G9",
  title: "leaks",
  asked: "20,000 × connect, hello by token, resume, join, send, leave, cut (half by RST): " +
    `descriptors and counters as before; memory at most ${GROWTH} × that after ${WARM}`,
  async run(size: Size, { directory, progress }: GoalContext): Promise<Verdict> {
    await using server = await ChildServer.start({ directory, args: ["--limit", "all=off"] });
    const findings = new Findings();
    const tokens = await createPeople(server);
    const before = { descriptors: countDescriptors(server.pid), stats: await server.stats() };
    const warm = await receiveAndLook(server, { tokens, from: 0, to: WARM });
    progress(`${WARM} visits, ${warm.toFixed(0)} MiB`);
    const last = await receiveAndLook(server, { tokens, from: WARM, to: VISITS[size] });
    findings.atMost("memory", { is: last / warm, asked: GROWTH });
    findings.fault(...await findLeftovers(server, before));
    const after = await server.stats();
    for (const name of ["subscriptions", "queued_bytes", "addresses", "operators"]) {
      // What is on its way to the one who asks depends on what is asked.
      const slack = name === "queued_bytes" ? 1_024 : 0;
      findings.atMost(name, { is: after[name] ?? NaN, asked: (before.stats[name] ?? NaN) + slack });
    }
    // One room was made, and is forgotten when nobody is in it.
    findings.atMost("rooms", { is: after.rooms ?? NaN, asked: (before.stats.rooms ?? NaN) + 1 });
    findings.exactly("exit code", { is: (await server.terminate()).code, asked: 0 });
    const stored = countStored(directory, findings);
    findings.exactly("messages stored", { is: stored, asked: VISITS[size] });
    return findings.verdict({
      reached: `${VISITS[size]} visits; ${last.toFixed(0)} MiB, ${(last / warm).toFixed(2)} × ` +
        `${warm.toFixed(0)} MiB`,
      counts: { visits: VISITS[size], accepted: after.accepted ?? 0, stored },
    });
  },
};

/** Guests with tokens, gone again. */
async function createPeople(server: ChildServer): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (let n = 0; n < PEOPLE; n++) {
    using peer = await server.connect();
    const auth = { method: "guest", name: `guest-${n}` };
    const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
    tokens.push(welcome?.token);
    if (n < REPLAYED) await peer.ask({ type: "message", id: "send", room: "lobby", content: "hi" });
    await peer.ask({ type: "join", id: "join", room: ROOM, create: true });
    await peer.ask({ type: "leave", id: "leave", room: ROOM });
  }
  return tokens;
}

/** @returns the MiB that were resident towards the end */
async function receiveAndLook(
  server: ChildServer,
  { tokens, from, to }: { tokens: readonly string[]; from: number; to: number },
): Promise<number> {
  const looks: number[] = [];
  let at = from;
  for (let left = LOOKS - 1; left >= 0; left--) {
    const next = to - left * BETWEEN;
    await receive(server, { tokens, from: at, to: next });
    looks.push(residentBytes(server.pid) / MIB);
    at = next;
  }
  return looks.toSorted((one, other) => one - other)[Math.floor(LOOKS / 2)] ?? NaN;
}

async function receive(
  server: ChildServer,
  { tokens, from, to }: { tokens: readonly string[]; from: number; to: number },
): Promise<void> {
  const visits = Array.from({ length: to - from }, (_, n) => from + n);
  await inParallel(AT_ONCE, visits, async (n) => {
    // No user has two connections at a time.
    const bytes = visit(n, tokens[n % tokens.length] ?? "");
    if (n % 2 === 0) return await sendAndReset(server.address, bytes, { behind: '"re":"leave"' });
    using peer = await server.connect();
    await peer.write(bytes);
    const replies = new Map<unknown, string>();
    while (!replies.has("leave")) {
      const frame = await peer.next();
      if (frame === undefined) throw new Error(`Visit ${n} was cut`);
      if (frame.re !== undefined) replies.set(frame.re, frame.type);
    }
    const posted = ["hello", "resume", "join", "send", "leave"].map((id) => replies.get(id)).join();
    if (posted !== "welcome,resumed,room,ok,ok") {
      throw new Error(`Visit ${n} was answered ${posted}`);
    }
  });
}

function visit(n: number, token: string): Uint8Array {
  const lines = [
    { type: "hello", id: "hello", version: 1, auth: { method: "token", token } },
    { type: "resume", id: "resume", rooms: [{ room: "lobby", seq: 0 }] },
    { type: "join", id: "join", room: ROOM },
    { type: "message", id: "send", cid: `visit-${n}`, room: ROOM, content: `visit ${n}` },
    { type: "leave", id: "leave", room: ROOM },
  ];
  return encoder.encode(lines.map((line) => JSON.stringify(line) + "\n").join(""));
}

/** Each visit's message once, and nothing wrong with the file. */
function countStored(directory: string, findings: Findings): number {
  const { rows, damage } = readSqlite(`${directory}/data/parley.db`);
  findings.fault(...damage);
  const cids = rows.filter(({ room }) => room === ROOM).map(({ cid }) => cid);
  findings.exactly("messages stored twice", { is: cids.length - new Set(cids).size, asked: 0 });
  return cids.length;
}
