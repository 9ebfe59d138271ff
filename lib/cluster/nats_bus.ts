// The bus between servers, over NATS. What it cannot carry it loses: while NATS is out of reach
// nothing is kept for later, and nobody waits for it. The only file that knows NATS.

import { connect, type NatsConnection, type Status } from "@nats-io/transport-node";
import type { Bus, Notice, ServerId } from "./bus.ts";
import type { Log } from "../log.ts";
import { sleep } from "../time.ts";
import { ignoreAbandonedSocketErrors } from "./nats_socket_workaround.ts";
import { decodeBusMessage, encodeBusMessage } from "./notice_codec.ts";

/** Where NATS is, and as whom. */
export interface NatsAddress {
  readonly host: string;
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}

export interface NatsBusOptions {
  readonly address: NatsAddress;
  /** Names the store: servers of others on the same NATS do not hear each other. */
  readonly epoch: string;
  readonly log: Log;
}

/** The edition of what travels here; another one is another subject. */
const FORMAT_VERSION = 1;
/** The first wait before trying again; each is twice the one before, up to the longest. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;
const CONNECT_MS = 5_000;
const PING_MS = 2_000;
/** So many pings without an answer, and the connection is given up. */
const MOST_PINGS = 2;
const CLOSE_MS = 500;

/** Begins to connect, for as long as it takes, and returns at once. */
export function openNatsBus(options: NatsBusOptions): NatsBus {
  return new NatsBus(options);
}

export class NatsBus implements Bus, AsyncDisposable {
  readonly id: ServerId = crypto.getRandomValues(new Uint8Array(8)).toHex();
  readonly #subject: string;
  readonly #log: Log;
  readonly #connecting: Promise<void>;
  readonly #stopIgnoringSockets = ignoreAbandonedSocketErrors();
  #nats: NatsConnection | undefined;
  #listener: ((notice: Notice, from: ServerId) => void) | undefined;
  #isConnected = false;
  #wasLost = false;
  #waitMs = FIRST_WAIT_MS;
  readonly #closing = new AbortController();
  /** What has been logged since the bus was last connected; each is logged once. */
  readonly #warned = new Set<string>();

  constructor({ address, epoch, log }: NatsBusOptions) {
    this.#subject = `parley.${FORMAT_VERSION}.${epoch}`;
    this.#log = log;
    this.#connecting = this.#connect(address);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** As the server that it is connected to has announced. */
  get maxBytes(): number | undefined {
    return this.#nats?.info?.max_payload;
  }

  publish(notice: Notice): void {
    // The client would keep it, and tell it when it is of no use any more.
    if (!this.#isConnected) return;
    try {
      this.#nats?.publish(this.#subject, encodeBusMessage({ from: this.id, notice }));
    } catch (error) {
      this.#warnOnce("bus refused", { why: messageOf(error) });
    }
  }

  listen(hear: (notice: Notice, from: ServerId) => void): void {
    this.#listener = hear;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#isConnected = false;
    // What was said last is let out, unless that takes too long.
    const done = new AbortController();
    await Promise.race([this.#end(), sleep(CLOSE_MS, done.signal)]);
    done.abort();
    await this.#nats?.close();
    this.#stopIgnoringSockets();
  }

  async #end(): Promise<void> {
    await this.#nats?.flush().catch(() => {});
    await this.#nats?.close();
    await this.#connecting;
  }

  /** Until it is closed: what the client gives up is begun again. */
  async #connect({ host, port, user, password, token }: NatsAddress): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        const nats = await connect({
          servers: [`${host.includes(":") ? `[${host}]` : host}:${port}`],
          ...(user === undefined ? undefined : { user }),
          ...(password === undefined ? undefined : { pass: password }),
          ...(token === undefined ? undefined : { token }),
          name: "parley",
          noEcho: true,
          ignoreClusterUpdates: true,
          // The runtime resolves names; the library would ask a name server, past /etc/hosts.
          resolve: false,
          ignoreAuthErrorAbort: true,
          timeout: CONNECT_MS,
          maxReconnectAttempts: -1,
          reconnectDelayHandler: () => this.#nextWait(),
          pingInterval: PING_MS,
          maxPingOut: MOST_PINGS,
        });
        await this.#serve(nats);
      } catch (error) {
        this.#warnOnce("bus out of reach", { why: messageOf(error) });
      }
      await sleep(this.#nextWait(), this.#closing.signal);
    }
  }

  #nextWait(): number {
    const wait = this.#waitMs;
    this.#waitMs = Math.min(wait * 2, LONGEST_WAIT_MS);
    // Servers that lost it together do not come back together.
    return wait * (0.5 + Math.random() / 2);
  }

  /** Lives as long as the connection, over all its interruptions. */
  async #serve(nats: NatsConnection): Promise<void> {
    this.#nats = nats;
    if (this.#closing.signal.aborted) return await nats.close();
    nats.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error === null) this.#receive(message.string());
      },
    });
    this.#onConnected();
    for await (const status of nats.status()) this.#note(status);
    this.#onDisconnected();
  }

  #note(status: Status): void {
    switch (status.type) {
      case "disconnect":
        return this.#onDisconnected();
      case "reconnect":
        return this.#onConnected();
      case "error":
        this.#warnOnce("bus refused", { why: messageOf(status.error) });
    }
  }

  #onConnected(): void {
    if (this.#closing.signal.aborted) return;
    this.#log.info(this.#wasLost ? "bus back" : "bus connected", { server: this.id });
    this.#isConnected = true;
    this.#waitMs = FIRST_WAIT_MS;
    this.#warned.clear();
    // Who was told nothing meanwhile is to hear from everybody.
    this.publish({ type: "ask" });
  }

  #onDisconnected(): void {
    if (!this.#isConnected) return;
    this.#log.warn("bus lost", {});
    this.#isConnected = false;
    this.#wasLost = true;
  }

  #receive(text: string): void {
    const message = decodeBusMessage(text);
    if (message !== undefined) return this.#listener?.(message.notice, message.from);
    this.#warnOnce("bus brought what is no notice", { subject: this.#subject });
  }

  #warnOnce(event: string, fields: Readonly<Record<string, string>>): void {
    if (this.#warned.has(event)) return;
    this.#warned.add(event);
    this.#log.warn(event, fields);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
