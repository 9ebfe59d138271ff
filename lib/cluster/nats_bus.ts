// The bus between servers, over NATS. While NATS is out of reach notices are lost: none is kept for later,
// and nothing waits. Only this file knows the NATS client.

import { connect, type NatsConnection, type Status } from "@nats-io/transport-node";
import type { Bus, Notice, ServerId } from "./bus.ts";
import { formatAddress } from "../config/address.ts";
import type { Log } from "../log.ts";
import { sleep } from "../time.ts";
import { keepErrorListeners } from "./nats_socket_workaround.ts";
import { decodeBusMessage, encodeBusMessage } from "./notice_codec.ts";
import { messageOf } from "../error_message.ts";

/** The address of a NATS server, and the credentials. */
export interface NatsAddress {
  readonly host: string;
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}

interface NatsBusOptions {
  readonly address: NatsAddress;
  /** Identifies the store: servers of different stores on one NATS receive nothing of each other. */
  readonly epoch: string;
  readonly log: Log;
}

/** The version of the messages, part of the subject: servers of another version receive none. */
const FORMAT_VERSION = 1;
/** The delay before the next try; each is twice the one before, up to the longest. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;
const CONNECT_MS = 5_000;
const PING_MS = 2_000;
/** After so many pings without an answer the connection is closed. */
const MAX_PINGS_OUT = 2;
const CLOSE_MS = 500;

/** Starts to connect, and returns at once; it tries until the bus is closed. */
export function openNatsBus(options: NatsBusOptions): NatsBus {
  return new NatsBus(options);
}

export class NatsBus implements Bus, AsyncDisposable {
  readonly id: ServerId = crypto.getRandomValues(new Uint8Array(8)).toHex();
  readonly #subject: string;
  readonly #log: Log;
  readonly #connecting: Promise<void>;
  readonly #releaseSockets: () => void;
  #nats: NatsConnection | undefined;
  #listener: ((notice: Notice, from: ServerId) => void) | undefined;
  #isConnected = false;
  #wasLost = false;
  #delayMs = FIRST_DELAY_MS;
  readonly #closing = new AbortController();
  /** The events logged since the bus was last connected: each is logged once. */
  readonly #warned = new Set<string>();

  constructor({ address, epoch, log }: NatsBusOptions) {
    this.#subject = `parley.${FORMAT_VERSION}.${epoch}`;
    this.#log = log;
    this.#releaseSockets = keepErrorListeners(address.port);
    this.#connecting = this.#connect(address);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** As NATS has announced it. */
  get maxBytes(): number | undefined {
    return this.#nats?.info?.max_payload;
  }

  publish(notice: Notice): void {
    // The client would keep it and send it when it is out of date.
    if (!this.#isConnected) return;
    try {
      this.#nats?.publish(this.#subject, encodeBusMessage({ from: this.id, notice }));
    } catch (error) {
      this.#warnOnce("bus refused", { why: messageOf(error) });
    }
  }

  listen(onNotice: (notice: Notice, from: ServerId) => void): void {
    this.#listener = onNotice;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#isConnected = false;
    // The last notices are sent, unless that takes too long.
    const done = new AbortController();
    await Promise.race([this.#end(), sleep(CLOSE_MS, done.signal)]);
    done.abort();
    await this.#nats?.close();
    this.#releaseSockets();
  }

  async #end(): Promise<void> {
    await this.#nats?.flush().catch(() => {});
    await this.#nats?.close();
    await this.#connecting;
  }

  /** Until the bus is closed: when the client gives up, another one is opened. */
  async #connect({ host, port, user, password, token }: NatsAddress): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        const nats = await connect({
          servers: [formatAddress({ hostname: host, port })],
          ...(user === undefined ? undefined : { user }),
          ...(password === undefined ? undefined : { pass: password }),
          ...(token === undefined ? undefined : { token }),
          name: "parley",
          noEcho: true,
          ignoreClusterUpdates: true,
          // The runtime resolves names; the client would ask a name server and ignore /etc/hosts.
          resolve: false,
          ignoreAuthErrorAbort: true,
          timeout: CONNECT_MS,
          maxReconnectAttempts: -1,
          reconnectDelayHandler: () => this.#nextDelay(),
          pingInterval: PING_MS,
          maxPingOut: MAX_PINGS_OUT,
        });
        await this.#serve(nats);
      } catch (error) {
        this.#warnOnce("bus out of reach", { why: messageOf(error) });
      }
      await sleep(this.#nextDelay(), this.#closing.signal);
    }
  }

  #nextDelay(): number {
    const delay = this.#delayMs;
    this.#delayMs = Math.min(delay * 2, LONGEST_DELAY_MS);
    // Servers that lost their connections together do not come back together.
    return delay * (0.5 + Math.random() / 2);
  }

  /** Resolves when the client gives up the connection; interruptions do not count. */
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
    this.#delayMs = FIRST_DELAY_MS;
    this.#warned.clear();
    // Notices were missed meanwhile: every server publishes its list.
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
    this.#warnOnce("bus message not understood", { subject: this.#subject });
  }

  #warnOnce(event: string, fields: Readonly<Record<string, string>>): void {
    if (this.#warned.has(event)) return;
    this.#warned.add(event);
    this.#log.warn(event, fields);
  }
}
