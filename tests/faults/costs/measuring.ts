// What each request costs a server: CPU of its process, as the system counts it, over a number of them.

import type { ChildServer } from "../support/child_server.ts";
import type { Peer } from "../support/peer.ts";
import { cpuMsOf } from "../support/process_info.ts";
import type { Asker, CostedRequest } from "./requests.ts";

/** What one request cost, in milliseconds of CPU of the server's process. */
export interface Cost {
  /** As in `rooms: those joined`. */
  readonly name: string;
  readonly ms: number;
  /** Of the clock, until it was answered. */
  readonly elapsedMs: number;
}

export interface MeasuringOptions {
  readonly server: ChildServer;
  readonly adminToken: string;
  /** How many of each are asked. */
  readonly times: number;
  /** What other processes have spent on it so far, in milliseconds of CPU. */
  readonly elsewhereMs?: () => number;
}

/** Asked before it counts: statements are prepared, pages of the store are read. */
const WARM = 4;

/** @throws when a request is not answered as it should be */
export async function measureCosts(
  table: Readonly<Record<string, readonly CostedRequest[]>>,
  options: MeasuringOptions,
): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  for (const [type, requests] of Object.entries(table)) {
    for (const request of requests) costs.push(await measure(type, { request, ...options }));
  }
  return costs;
}

async function measure(
  type: string,
  { request, times, ...options }: MeasuringOptions & { request: CostedRequest },
): Promise<Cost> {
  const name = `${type}: ${request.name}`;
  const { server, elsewhereMs = () => 0 } = options;
  let spentMs = 0;
  let elapsedMs = 0;
  await using asker = new AskerConnection(request.by, options);
  for (let n = 0; n < WARM + times; n++) {
    const peer = await asker.next();
    const id = `${n}`;
    if (request.before !== undefined) await peer.ask({ ...request.before(n), id: "before" });
    const before = { cpu: cpuMsOf(server.pid) + elsewhereMs(), at: performance.now() };
    peer.send({ type, ...request.frame(n), id });
    // What has no answer is over when the next ping has one.
    if (request.reply === undefined) peer.send({ type: "ping", id });
    const reply = await peer.replyTo(id);
    if (reply?.type !== (request.reply ?? "pong")) {
      throw new Error(`${name}: ${JSON.stringify(reply)?.slice(0, 200)}`);
    }
    if (n < WARM) continue;
    spentMs += cpuMsOf(server.pid) + elsewhereMs() - before.cpu;
    elapsedMs += performance.now() - before.at;
  }
  return { name, ms: spentMs / times, elapsedMs: elapsedMs / times };
}

let strangers = 0;

/** The connection that asks: one for all requests, or, before login, one for each. */
class AskerConnection implements AsyncDisposable {
  readonly #by: Asker;
  readonly #options: Pick<MeasuringOptions, "server" | "adminToken">;
  #peer: Peer | undefined;

  constructor(by: Asker, options: Pick<MeasuringOptions, "server" | "adminToken">) {
    this.#by = by;
    this.#options = options;
  }

  async next(): Promise<Peer> {
    if (this.#peer !== undefined && this.#by !== "nobody") return this.#peer;
    this.#peer?.close();
    const peer = this.#peer = await this.#options.server.connect({ patienceMs: 60_000 });
    const auth = this.#auth();
    if (auth === undefined) return peer;
    const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
    if (welcome?.type !== "welcome") throw new Error(`Not in: ${JSON.stringify(welcome)}`);
    return peer;
  }

  #auth(): Readonly<Record<string, string>> | undefined {
    switch (this.#by) {
      case "nobody":
        return undefined;
      case "keeper":
        return { method: "token", token: "keeper" };
      case "admin":
        return { method: "token", token: this.#options.adminToken };
      case "stranger":
        return { method: "guest", name: `stranger-${strangers++}` };
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#peer?.close();
    return Promise.resolve();
  }
}
