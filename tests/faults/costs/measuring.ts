// Measures the cost of each request: CPU time of the server's process, over a number of requests.

import type { ChildServer } from "../../support/processes/child_server.ts";
import type { Peer } from "../../support/clients/peer.ts";
import { cpuMsOf } from "../support/process_info.ts";
import type { Asker, CostedRequest, CostTable, Prepared } from "./requests.ts";

const PATIENCE_MS = 60_000;

/** The cost of one request, in milliseconds of CPU of the server's process. */
export interface Cost {
  /** As in `rooms: those joined`. */
  readonly name: string;
  readonly ms: number;
  /** Of the clock, until it was answered. */
  readonly elapsedMs: number;
}

export interface AskingOptions {
  readonly server: ChildServer;
  readonly adminToken: string;
}

export interface MeasuringOptions extends AskingOptions {
  /** Requests of each kind. */
  readonly times: number;
}

/**
 * Requests before the measurement: they prepare statements, read pages of the store and compile
 * code.
 */
const WARM = 20;

/** @throws when a request is not answered as it should be */
export async function measureCosts(
  table: CostTable,
  options: MeasuringOptions,
): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  for (const [type, requests] of Object.entries(table)) {
    for (const request of requests) costs.push(await measure({ type, request }, options));
  }
  return costs;
}

async function measure(
  asked: { type: string; request: CostedRequest },
  { times, ...options }: MeasuringOptions,
): Promise<Cost> {
  const { server } = options;
  using asker = new CostAsker(asked, options);
  let spentMs = 0;
  let elapsedMs = 0;
  for (let n = 0; n < WARM + times; n++) {
    await asker.prepare();
    const before = { cpu: cpuMsOf(server.pid), at: performance.now() };
    await asker.ask();
    if (n < WARM) continue;
    spentMs += cpuMsOf(server.pid) - before.cpu;
    elapsedMs += performance.now() - before.at;
  }
  return { name: asker.name, ms: spentMs / times, elapsedMs: elapsedMs / times };
}

let strangers = 0;

/** Sends one of the requests repeatedly. */
export class CostAsker implements Disposable {
  readonly #type: string;
  readonly #request: CostedRequest;
  readonly #options: AskingOptions;
  #peer: Peer | undefined;
  #preparer: Peer | undefined;
  #prepared: Prepared;
  #asked = 0;

  constructor({ type, request }: { type: string; request: CostedRequest }, options: AskingOptions) {
    this.#type = type;
    this.#request = request;
    this.#options = options;
  }

  /** As in `rooms: those joined`. */
  get name(): string {
    return `${this.#type}: ${this.#request.name}`;
  }

  /** Prepares the next request: must be called before each. */
  async prepare(): Promise<void> {
    const peer = await this.#connect();
    const { before, preparedBy } = this.#request;
    const frame = before?.(this.#asked);
    if (frame === undefined) return;
    const preparer = preparedBy === undefined ? peer : await this.#connectPreparer(preparedBy);
    this.#prepared = await preparer.ask({ ...frame, id: "before" });
  }

  /** @throws when it is not answered as it should be */
  async ask(): Promise<void> {
    const peer = this.#peer;
    if (peer === undefined) throw new Error("It was not prepared");
    const { reply, frame } = this.#request;
    const n = this.#asked++;
    const id = `${n}`;
    peer.send({ type: this.#type, ...frame(n, this.#prepared), id });
    // A request without a reply is done when the ping after it is answered.
    if (reply === undefined) peer.send({ type: "ping", id });
    const answer = await peer.replyTo(id);
    if (answer?.type === (reply ?? "pong")) return;
    throw new Error(`${this.name}: ${JSON.stringify(answer)?.slice(0, 200)}`);
  }

  [Symbol.dispose](): void {
    this.#peer?.close();
    this.#preparer?.close();
  }

  async #connectPreparer(by: Asker): Promise<Peer> {
    return this.#preparer ??= await this.#logIn(by);
  }

  /** One connection for all requests, or, before login, one for each. */
  async #connect(): Promise<Peer> {
    if (this.#peer !== undefined && this.#request.by !== "nobody") return this.#peer;
    this.#peer?.close();
    return this.#peer = await this.#logIn(this.#request.by);
  }

  async #logIn(by: Asker): Promise<Peer> {
    const peer = await this.#options.server.connect({ patienceMs: PATIENCE_MS });
    const auth = this.#auth(by);
    if (auth === undefined) return peer;
    const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
    if (welcome?.type !== "welcome") throw new Error(`Not in: ${JSON.stringify(welcome)}`);
    return peer;
  }

  #auth(by: Asker): Readonly<Record<string, string>> | undefined {
    switch (by) {
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
}
