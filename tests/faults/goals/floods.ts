// G8: too many connections, too slow ones, too many of one address, more than there are
// descriptors, too many messages: each is limited as documented, and two other clients continue to
// chat.

import { exhaust, withDescriptors } from "../floods/exhaustion.ts";
import { floodHandshakes, writeTlsFiles } from "../floods/handshakes.ts";
import { type Held, hold } from "../floods/holding.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { beginBystandersApart } from "../support/bystanders_apart.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { inParallel } from "../support/parallel.ts";
import { countDescriptors } from "../support/process_info.ts";
import { sendAndReset } from "../support/resetting.ts";
import { DEFAULT_LIMITS } from "../../../lib/wire/limits.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const COMINGS: Readonly<Record<Size, number>> = { ci: 5_000, long: 180_000 };
const HANDSHAKES = 2_000;
const HANDSHAKE_BYSTANDER_MS = 20;
const SILENT = 500;
const DRIPPING = 200;
const HELD_MS = 10_000;
const HELD_SLACK_MS = 1_000;
const BYSTANDER_MS = 100;
const REFUSED_MS = 100;
const DESCRIPTORS = 256;
const CALLERS = 320;
const LET_IN_MS = 1_000;
/** Beyond the burst, as many messages as take ten seconds. */
const FLOOD_S = 10;
const FLOOD_SLACK = 0.1;

export const floods: Goal = {
  id: "G8",
  title: "floods",
  asked:
    "5,000 connect/close, 500 silent, 200 dripping, 2,000 TLS handshakes: bystander p99 100 ms, " +
    "cut at 10 s ± 1; " +
    "beyond an address's cap refused in 100 ms; at ulimit -n 256 accepts 1 s after descriptors " +
    "are free; message flood at the bucket's rate ± 10 %",
  async run(size: Size, context: GoalContext): Promise<Verdict> {
    const findings = new Findings();
    const home = (name: string): string => {
      Deno.mkdirSync(`${context.directory}/${name}`);
      return `${context.directory}/${name}`;
    };
    const [crowd, flood] = await Promise.all([
      withstand({ directory: home("crowd"), comings: COMINGS[size], findings }),
      floodMessages(home("flood"), findings),
    ]);
    context.progress(crowd.reached);
    const tls = await floodTls(home("tls"), findings);
    const refused = await crowdOneAddress(home("address"), findings);
    const waited = await exhaustDescriptors(home("descriptors"), findings);
    const address = refused === undefined
      ? "an address's cap not tried, this machine has only loopback"
      : `${refused.count} of one address refused in ${refused.slowestMs.toFixed(0)} ms`;
    const verdict = findings.verdict({
      reached:
        `${crowd.reached}; ${tls.reached}; ${address}; let in ${
          waited.tookMs.toFixed(0)
        } ms after ` +
        `descriptors were free; flood at ${(flood.rate * 100).toFixed(0)} % of the bucket`,
      counts: {
        ...crowd.counts,
        ...tls.counts,
        "flood messages": flood.messages,
        ...(refused === undefined ? {} : { refused: refused.count }),
        "waited for descriptors": waited.later,
      },
    });
    const isProven = refused !== undefined || verdict.status === "fail";
    return isProven ? verdict : { ...verdict, status: "not proven" };
  },
};

/** Connections that come and go, then silent connections, beside two clients that chat. */
async function withstand(
  { directory, comings, findings }: { directory: string; comings: number; findings: Findings },
): Promise<Pick<Verdict, "reached" | "counts">> {
  const args = ["--limit", "all=off", "--limit", `first_byte_ms=${HELD_MS}`];
  await using server = await ChildServer.start({ directory, args });
  const descriptors = countDescriptors(server.pid);
  using bystanders = await beginBystandersApart(server);
  await comeAndGo(server, comings);
  const holders = [
    ...Array.from({ length: SILENT }, () => hold(server, { isDripping: false })),
    ...Array.from({ length: DRIPPING }, () => hold(server, { isDripping: true })),
  ];
  const held = await Promise.all(holders);
  judgeHeld(held.slice(0, SILENT), { who: "silent", words: "", findings });
  judgeHeld(held.slice(SILENT), { who: "dripping", words: "bye idle", findings });
  const { p99Ms, posted } = await bystanders.finish();
  findings.inTime("bystander p99", { is: p99Ms, asked: BYSTANDER_MS });
  findings.fault(...await findLeftovers(server, { descriptors }));
  const accepted = (await server.stats()).accepted ?? 0;
  // Some were reset before they were accepted.
  findings.atLeast("accepted", { is: accepted, asked: comings * 0.9 });
  const times = held.map(({ heldMs }) => heldMs / 1_000);
  return {
    reached: `bystander p99 ${p99Ms.toFixed(1)} ms; cut at ${Math.min(...times).toFixed(1)} to ` +
      `${Math.max(...times).toFixed(1)} s`,
    counts: { accepted, held: held.length, "bystander messages": posted },
  };
}

/** TLS handshakes that are never completed, beside two clients that chat. */
async function floodTls(
  directory: string,
  findings: Findings,
): Promise<Pick<Verdict, "reached" | "counts">> {
  const { cert } = await writeTlsFiles(directory);
  const args = ["--limit", "all=off", "--limit", `handshakes=${DEFAULT_LIMITS.handshakes}`];
  await using server = await ChildServer.start({ directory, args, hasTls: true });
  const descriptors = countDescriptors(server.pid);
  using bystanders = await beginBystandersApart(server, { everyMs: HANDSHAKE_BYSTANDER_MS });
  const flood = await floodHandshakes(server.tlsAddress, { count: HANDSHAKES, cert });
  const { p99Ms } = await bystanders.finish();
  findings.inTime("bystander p99 beside handshakes", { is: p99Ms, asked: BYSTANDER_MS });
  findings.atLeast("handshakes answered", { is: flood.answered, asked: HANDSHAKES * 0.9 });
  findings.atLeast("clients let in beside them", { is: flood.newcomers, asked: 1 });
  findings.fault(...await findLeftovers(server, { descriptors }));
  return {
    reached: `beside ${HANDSHAKES} handshakes ${p99Ms.toFixed(1)} ms`,
    counts: { handshakes: flood.answered, "clients beside handshakes": flood.newcomers },
  };
}

async function comeAndGo(server: ChildServer, comings: number): Promise<void> {
  const beginning = new TextEncoder().encode('{"type":"hel');
  await inParallel(50, Array.from({ length: comings }, (_, n) => n), async (n) => {
    if (n % 10 === 0) return await sendAndReset(server.address, beginning);
    using peer = await server.connect();
    // Some wait for a word: who is accepted is served.
    if (n % 10 === 1 && (await peer.ask({ type: "ping", id: "ping" }))?.type !== "pong") {
      throw new Error("No pong came");
    }
  });
}

function judgeHeld(
  held: readonly Held[],
  { who, words, findings }: { who: string; words: string; findings: Findings },
): void {
  const times = held.map(({ heldMs }) => heldMs);
  findings.atLeast(`${who}, cut in ms`, { is: Math.min(...times), asked: HELD_MS - HELD_SLACK_MS });
  findings.inTime(`${who}, cut`, { is: Math.max(...times), asked: HELD_MS + HELD_SLACK_MS });
  const odd = held.find((one) => one.words.join() !== words);
  if (odd !== undefined) findings.fault(`${who}: told ${JSON.stringify(odd.words)}`);
}

/** More messages than the default limits allow. */
async function floodMessages(
  directory: string,
  findings: Findings,
): Promise<{ messages: number; rate: number }> {
  const { messages_burst: burst, messages_per_s: perSecond, pipeline } = DEFAULT_LIMITS;
  const messages = burst + perSecond * FLOOD_S;
  if (messages > pipeline) throw new Error("The flood does not fit into the pipeline");
  await using server = await ChildServer.start({ directory });
  using peer = await server.connect();
  const auth = { method: "guest", name: "chatterbox" };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  const started = performance.now();
  for (let n = 0; n < messages; n++) {
    peer.send({ type: "message", id: n, cid: `${n}`, room: "lobby", content: `word ${n}` });
  }
  for (let acked = 0; acked < messages;) {
    const frame = await peer.next();
    if (frame?.re !== acked || frame.type !== "ok") {
      if (frame?.type === "message") continue;
      throw new Error(`Message ${acked} was answered ${JSON.stringify(frame)}`);
    }
    acked++;
  }
  const rate = FLOOD_S * 1_000 / (performance.now() - started);
  findings.atMost("rate of the flood", { is: rate, asked: 1 + FLOOD_SLACK });
  findings.atLeast("rate of the flood", { is: rate, asked: 1 - FLOOD_SLACK });
  return { messages, rate };
}

/** Loopback is exempt from the cap, but another address of this machine is not. */
async function crowdOneAddress(
  directory: string,
  findings: Findings,
): Promise<{ count: number; slowestMs: number } | undefined> {
  const hostname = Deno.networkInterfaces()
    .find(({ family, address }) => family === "IPv4" && !address.startsWith("127."))?.address;
  if (hostname === undefined) return undefined;
  await using server = await ChildServer.start({ directory, hostname });
  const most = DEFAULT_LIMITS.unauthenticated_per_ip;
  const inside = await Promise.all(Array.from({ length: most }, () => server.connect()));
  for (const peer of inside) await peer.ask({ type: "ping", id: "ping" });
  let slowestMs = 0;
  let count = 0;
  for (; count < most; count++) {
    const started = performance.now();
    using peer = await server.connect();
    const [word] = await peer.untilEnd();
    slowestMs = Math.max(slowestMs, performance.now() - started);
    if (word?.type !== "bye") findings.fault(`beyond the cap: ${JSON.stringify(word)}`);
  }
  for (const peer of inside) peer.close();
  findings.inTime("beyond the cap, refused", { is: slowestMs, asked: REFUSED_MS });
  return { count, slowestMs };
}

async function exhaustDescriptors(
  directory: string,
  findings: Findings,
): Promise<{ later: number; tookMs: number }> {
  await using server = await ChildServer.start({
    directory,
    args: ["--limit", "all=off"],
    under: withDescriptors(DESCRIPTORS),
  });
  const descriptors = countDescriptors(server.pid);
  const { inside, later, tookMs } = await exhaust(server, CALLERS);
  findings.exactly("let in later", { is: later, asked: CALLERS - inside });
  findings.atMost("let in at first", { is: inside, asked: DESCRIPTORS });
  findings.inTime("let in once descriptors were free", { is: tookMs, asked: LET_IN_MS });
  findings.fault(...await findLeftovers(server, { descriptors }));
  return { later, tookMs };
}
