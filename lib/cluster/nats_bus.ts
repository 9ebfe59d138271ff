// The bus between servers, over NATS. What it cannot carry it loses: while NATS is out of reach
// nothing is kept for later, and nobody waits for it. The only file that knows NATS.

import { connect, type NatsConnection, type Status } from "@nats-io/transport-node";
import type { Bus, Notice, ServerId } from "../chat/bus.ts";
import type { Log } from "../log.ts";
import { decodeLetter, encodeLetter } from "./notice_codec.ts";

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
const EDITION = 1;
const RECONNECT_MS = 250;
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
  #nats: NatsConnection | undefined;
  #hear: ((notice: Notice, from: ServerId) => void) | undefined;
  #isConnected = false;
  #isClosed = false;
  /** Letters that were none: the first of them is logged. */
  #refused = 0;

  constructor({ address, epoch, log }: NatsBusOptions) {
    this.#subject = `parley.${EDITION}.${epoch}`;
    this.#log = log;
    this.#connecting = this.#connect(address);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  publish(notice: Notice): void {
    // The client would keep it, and tell it when it is of no use any more.
    if (!this.#isConnected) return;
    try {
      this.#nats?.publish(this.#subject, encodeLetter({ from: this.id, notice }));
    } catch (error) {
      this.#log.warn("bus refused", { why: whyOf(error) });
    }
  }

  listen(hear: (notice: Notice, from: ServerId) => void): void {
    this.#hear = hear;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#isConnected = false;
    const nats = this.#nats;
    if (nats === undefined) return;
    // What was said last is let out, unless that takes too long.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, CLOSE_MS));
    await Promise.race([nats.flush().catch(() => {}), late]);
    clearTimeout(timer);
    await nats.close();
    await this.#connecting;
  }

  async #connect({ host, port, ...who }: NatsAddress): Promise<void> {
    const { user, password, token } = who;
    for (let isFirst = true; !this.#isClosed; isFirst = false) {
      try {
        const nats = await connect({
          servers: [`${host.includes(":") ? `[${host}]` : host}:${port}`],
          ...(user === undefined ? undefined : { user }),
          ...(password === undefined ? undefined : { pass: password }),
          ...(token === undefined ? undefined : { token }),
          name: "parley",
          noEcho: true,
          ignoreClusterUpdates: true,
          maxReconnectAttempts: -1,
          reconnectTimeWait: RECONNECT_MS,
          pingInterval: PING_MS,
          maxPingOut: MOST_PINGS,
        });
        return await this.#serve(nats);
      } catch (error) {
        if (isFirst) this.#log.warn("bus out of reach", { why: whyOf(error) });
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
  }

  /** Lives as long as the connection, over all its interruptions. */
  async #serve(nats: NatsConnection): Promise<void> {
    this.#nats = nats;
    if (this.#isClosed) return await nats.close();
    nats.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error === null) this.#receive(message.string());
      },
    });
    this.#rise();
    for await (const status of nats.status()) this.#note(status);
  }

  #note(status: Status): void {
    switch (status.type) {
      case "disconnect":
        if (this.#isConnected) this.#log.warn("bus lost", {});
        this.#isConnected = false;
        return;
      case "reconnect":
        return this.#rise();
      case "error":
        this.#log.warn("bus refused", { why: whyOf(status.error) });
    }
  }

  #rise(): void {
    if (this.#isClosed) return;
    this.#isConnected = true;
    this.#log.info("bus connected", { server: this.id });
    // Who was told nothing meanwhile is to hear from everybody.
    this.publish({ type: "ask" });
  }

  #receive(text: string): void {
    const letter = decodeLetter(text);
    if (letter !== undefined) return this.#hear?.(letter.notice, letter.from);
    if (this.#refused++ === 0) {
      this.#log.warn("bus brought what is no notice", { subject: this.#subject });
    }
  }
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
