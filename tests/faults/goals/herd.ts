// G20: a server with five hundred clients is killed and restarted; they reconnect, spread by the
// client's own waits, and none misses a message; over TCP, and over TLS.

import { Backoff } from "../../../lib/client/link/backoff.ts";
import { RunningClock } from "../../../lib/time.ts";
import { connectTcp } from "../../../lib/client/link/connect.ts";
import { connectTls } from "../../../lib/client/link/connect_tls.ts";
import { pinOfCertificate } from "../../../lib/tls/pin.ts";
import type { ByteStream } from "../../../lib/wire/stream/byte_stream.ts";
import { writeTlsFiles } from "../floods/handshakes.ts";
import type { Identity } from "../../../lib/client/files/identity.ts";
import { keepConnected } from "../../../lib/client/link/reconnect.ts";
import type { Session } from "../../../lib/client/link/session.ts";
import type { Auth } from "../../../lib/wire/frames/session.ts";
import type { ServerFrame } from "../../../lib/wire/frame.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { beginBystandersApart } from "../support/bystanders_apart.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { inParallel } from "../support/parallel.ts";
import type { Address } from "../../support/clients/peer.ts";
import { countDescriptors } from "../support/process_info.ts";
import { Random } from "../../support/random.ts";
import { until } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const CLOCK = new RunningClock({ usualGapMs: 12_000 });

const CLIENTS: Readonly<Record<Size, number>> = { ci: 500, long: 5_000 };
const ROOMS = 10;
/** Messages in each room before the kill, and before any client is back. */
const SENT = 5;
const RESUMED_MS = 5_000;
const BYSTANDER_MS = 200;
const BIN_MS = 100;
const MOST_IN_BIN = 0.15;

export const herd: Goal = {
  id: "G20",
  title: "herd",
  asked: `500 clients after kill -9: all resumed ${RESUMED_MS} ms after ready; bystander p99 ` +
    `${BYSTANDER_MS} ms; no ${BIN_MS} ms of delays has more than ${MOST_IN_BIN * 100} %; ` +
    "the same over TLS",
  async run(size: Size, context: GoalContext): Promise<Verdict> {
    const findings = new Findings();
    const returns: Return[] = [];
    for (const over of ["TCP", "TLS"] as const) {
      const directory = `${context.directory}/${over}`;
      await Deno.mkdir(directory);
      returns.push(await runReturn(size, { ...context, directory, over, findings }));
    }
    const [plain, encrypted] = returns;
    return findings.verdict({
      reached: returns.map(({ reached }) => reached).join("; "),
      counts: {
        ...plain?.counts,
        "resumed over TLS": encrypted?.counts.resumed ?? 0,
      },
    });
  },
};

interface Return {
  readonly reached: string;
  readonly counts: Readonly<Record<string, number>>;
}

interface ReturnContext extends GoalContext {
  readonly over: "TCP" | "TLS";
  readonly findings: Findings;
}

/** All clients are there, the server is killed and starts again, and all come back. */
async function runReturn(
  size: Size,
  { seed, directory, progress, over, findings }: ReturnContext,
): Promise<Return> {
  const { cert } = await writeTlsFiles(directory);
  const options = { directory, args: ["--limit", "all=off"], hasTls: over === "TLS" };
  let server = await ChildServer.start(options);
  const empty = countDescriptors(server.pid);
  const stop = new AbortController();
  const pin = over === "TLS" ? pinOfCertificate(cert) : undefined;
  const crowd = new Herd(CLIENTS[size], { server, pin, seed, signal: stop.signal });
  try {
    await crowd.come();
    await sayInAll(server, "before");
    await crowd.untilReceived(SENT, 15_000);
    progress(`${crowd.size} clients are there over ${over}`);
    await server.kill();
    server = await ChildServer.start(options);
    const readyAt = performance.now();
    crowd.follow(server);
    using bystanders = await beginBystandersApart(server);
    await sayInAll(server, "after");
    await crowd.untilResumed(4 * RESUMED_MS);
    await crowd.untilReceived(2 * SENT, 15_000);
    const { p99Ms, posted } = await bystanders.finish();
    const resumedMs = crowd.lastResumedAt - readyAt;
    findings.inTime(`all resumed over ${over}`, { is: resumedMs, asked: RESUMED_MS });
    findings.inTime(`bystander p99, ${over}`, { is: p99Ms, asked: BYSTANDER_MS });
    const fullest = fullestBin(crowd.delays);
    findings.atMost("share of one bin", { is: fullest, asked: MOST_IN_BIN });
    findings.fault(...crowd.faults.slice(0, 5));
    stop.abort();
    await crowd.gone();
    findings.fault(...await findLeftovers(server, { descriptors: empty }));
    return {
      reached: `${over}: ${crowd.size} resumed ${resumedMs.toFixed(0)} ms after ready; bystander ` +
        `p99 ${p99Ms.toFixed(1)} ms; at most ${(fullest * 100).toFixed(1)} % in ${BIN_MS} ms`,
      counts: {
        resumed: crowd.resumed,
        received: crowd.received,
        delays: crowd.delays.length,
        "bystander messages": posted,
      },
    };
  } finally {
    stop.abort();
    await crowd.gone();
    await server.kill();
  }
}

function roomOf(n: number): string {
  return `herd-${n % ROOMS}`;
}

/** Another client sends a message to each room. */
async function sayInAll(server: ChildServer, when: string): Promise<void> {
  using peer = await server.connect();
  const auth = { method: "guest", name: `drover-${when}` };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  for (let n = 0; n < ROOMS * SENT; n++) {
    const reply = await peer.ask({
      type: "message",
      id: n.toString(),
      room: roomOf(n),
      content: when,
    });
    if (reply?.type !== "ok") throw new Error(`Not said: ${JSON.stringify(reply)}`);
  }
}

/** The share of all delays that lies within one bin. */
function fullestBin(delays: readonly number[]): number {
  const bins = new Map<number, number>();
  for (const ms of delays) {
    const bin = Math.floor(ms / BIN_MS);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  return Math.max(...bins.values()) / delays.length;
}

/** Clients that use the real client's reconnecting. */
class Herd {
  readonly delays: number[] = [];
  readonly faults: string[] = [];
  readonly #members: readonly Member[];
  readonly #signal: AbortSignal;
  readonly #pin: string | undefined;
  #address: Address;
  #links: Promise<unknown> = Promise.resolve();
  lastResumedAt = 0;
  resumed = 0;
  received = 0;

  constructor(
    count: number,
    { server, pin, seed, signal }: {
      readonly server: ChildServer;
      /** Of the server's key, for TLS. */
      readonly pin: string | undefined;
      readonly seed: number;
      readonly signal: AbortSignal;
    },
  ) {
    this.#pin = pin;
    this.#address = this.#addressOf(server);
    this.#signal = signal;
    const random = new Random(seed);
    this.#members = Array.from({ length: count }, (_, n) => new Member(n, this, random.fork()));
  }

  get size(): number {
    return this.#members.length;
  }

  /** One connection, as the real client opens it. */
  connect(signal: AbortSignal): Promise<ByteStream> {
    const { hostname, port } = this.#address;
    const to = { hostname, port, server: `${hostname}:${port}` };
    const pin = this.#pin;
    return pin === undefined ? connectTcp(to, signal) : connectTls({ ...to, pin }, signal);
  }

  #addressOf(server: ChildServer): Address {
    return this.#pin === undefined ? server.address : server.tlsAddress;
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  /** All of them, a few at a time: their first connection is not part of the test. */
  async come(): Promise<void> {
    const links: Promise<void>[] = [];
    await inParallel(20, this.#members, async (member) => {
      links.push(member.live());
      await member.entered;
    });
    this.#links = Promise.all(links);
    this.#links.catch(() => {});
  }

  /** The server from now on. */
  follow(server: ChildServer): void {
    this.#address = this.#addressOf(server);
  }

  async untilReceived(last: number, withinMs: number): Promise<void> {
    const all = () => this.#members.every((member) => member.last >= last);
    await until(all, { withinMs, otherwise: "Not every client received everything" });
  }

  async untilResumed(withinMs: number): Promise<void> {
    await until(() => this.resumed >= this.size, { withinMs, otherwise: "Not all resumed" });
  }

  async gone(): Promise<void> {
    await this.#links;
  }
}

class Member implements Identity {
  readonly name: string;
  readonly #herd: Herd;
  readonly #random: Random;
  readonly #room: string;
  readonly #entered = Promise.withResolvers<void>();
  #token: string | undefined;
  #epoch: string | undefined;
  /** The last message seen. */
  last = 0;

  constructor(n: number, herd: Herd, random: Random) {
    this.name = `sheep-${n}`;
    this.#room = roomOf(n);
    this.#herd = herd;
    this.#random = random;
  }

  get entered(): Promise<void> {
    return this.#entered.promise;
  }

  /** Stays connected until the herd is stopped. */
  async live(): Promise<void> {
    try {
      await keepConnected({
        connect: (signal) => this.#herd.connect(signal),
        identity: this,
        clock: CLOCK,
        receive: (frame) => this.#receive(frame),
        backoff: new Backoff(() => this.#random.fraction()),
        signal: this.#herd.signal,
        online: (session) => void this.#enter(session),
        offline: (_reason, retryMs) => this.#herd.delays.push(retryMs),
      });
    } catch (error) {
      this.#herd.faults.push(`${this.name}: ${error}`);
    }
  }

  auth(): Promise<Auth> {
    const token = this.#token;
    return Promise.resolve(
      token === undefined ? { method: "guest", name: this.name } : { method: "token", token },
    );
  }

  welcomed({ token, epoch }: ServerFrame<"welcome">): Promise<void> {
    this.#token ??= token;
    if (this.#epoch !== undefined && this.#epoch !== epoch) {
      this.#herd.faults.push(`${this.name}: another epoch`);
    }
    this.#epoch = epoch;
    return Promise.resolve();
  }

  refused(): "final" {
    return "final";
  }

  helloOver(): Promise<void> {
    return Promise.resolve();
  }

  /** The first time by joining, then by the cursor. */
  async #enter(session: Session): Promise<void> {
    const room = this.#room;
    try {
      if (this.last === 0) {
        await session.request({ type: "join", room, create: true });
        return this.#entered.resolve();
      }
      const rooms = [{ room, seq: this.last }];
      const epoch = session.welcome.epoch;
      const { rooms: [resumed] } = await session.request({ type: "resume", epoch, rooms });
      if (resumed === undefined || !("recovered" in resumed) || !resumed.recovered) {
        this.#herd.faults.push(`${this.name}: ${JSON.stringify(resumed)}`);
      }
      this.#herd.resumed++;
      this.#herd.lastResumedAt = performance.now();
    } catch (error) {
      // Cut again: the client keeps trying, and the wait for all clients times out if it fails.
      this.#entered.reject(error);
    }
  }

  #receive(frame: ServerFrame): void {
    if (frame.type !== "message" || frame.room !== this.#room) return;
    if (frame.seq !== this.last + 1) {
      this.#herd.faults.push(`${this.name}: ${frame.seq} behind ${this.last}`);
    }
    this.last = Math.max(this.last, frame.seq);
    this.#herd.received++;
  }
}
