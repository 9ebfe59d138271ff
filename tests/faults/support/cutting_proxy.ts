// A proxy that breaks connections: it forwards bytes between clients and a server until, after a
// random byte, it ends the connection on both sides, by an end or by a reset (which Deno.TcpConn cannot
// send: so it is no `Relay`).

import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { Address } from "../../support/clients/peer.ts";
import type { Random } from "../../support/random.ts";

type Direction = "toServer" | "toClient";

/** What has been cut so far. */
export interface Cuts extends Record<Direction, number> {
  resets: number;
}

/** Where one connection will be cut. */
interface Place {
  readonly direction: Direction;
  readonly behind: number;
  readonly isReset: boolean;
}

export class CuttingProxy implements AsyncDisposable {
  readonly cuts: Cuts = { toServer: 0, toClient: 0, resets: 0 };
  readonly #server: Server;
  readonly #target: Address;
  readonly #random: Random;
  /** The most that a whole connection has carried: how long the streams are that are cut. */
  readonly #longest: Record<Direction, number> = { toServer: 1, toClient: 1 };
  readonly #open = new Set<Socket>();
  #isCutting = false;

  private constructor(target: Address, random: Random) {
    this.#target = target;
    this.#random = random;
    this.#server = createServer((client) => this.#join(client));
  }

  /** Listens. Connections are whole, and measured, until `beginCutting`. */
  static async open(target: Address, random: Random): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target, random);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get address(): Address {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The proxy is closed");
    return { hostname: "127.0.0.1", port: address.port };
  }

  get total(): number {
    return this.cuts.toServer + this.cuts.toClient;
  }

  /** From now on every new connection is cut, and those that are whole are ended. */
  beginCutting(): void {
    this.#isCutting = true;
    for (const socket of this.#open) socket.destroy();
  }

  /** From now on new connections are whole. */
  stopCutting(): void {
    this.#isCutting = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #join(client: Socket): void {
    const server = createConnection(this.#target.port, this.#target.hostname);
    const place = this.#isCutting ? this.#choosePlace() : undefined;
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      this.#open.add(socket);
      // How a connection breaks is what this is about.
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#open.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    const pair = { client, server, place };
    this.#carry(client, server, { ...pair, direction: "toServer" });
    this.#carry(server, client, { ...pair, direction: "toClient" });
  }

  #carry(
    from: Socket,
    to: Socket,
    { client, server, place, direction }: {
      client: Socket;
      server: Socket;
      place: Place | undefined;
      direction: Direction;
    },
  ): void {
    const isMeasured = !this.#isCutting;
    let passed = 0;
    let left = place?.direction === direction ? place.behind : Infinity;
    from.on("end", () => to.end());
    from.on("data", (bytes: Uint8Array) => {
      if (left <= 0) return;
      const isLast = bytes.length >= left;
      const part = isLast ? bytes.subarray(0, left) : bytes;
      left -= part.length;
      passed += part.length;
      if (isMeasured) this.#longest[direction] = Math.max(this.#longest[direction], passed);
      const mayGoOn = to.write(part, () => {
        if (isLast && place !== undefined) this.#cut(place, [client, server]);
      });
      if (mayGoOn || isLast) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
  }

  #cut({ direction, isReset }: Place, sockets: readonly Socket[]): void {
    this.cuts[direction]++;
    if (isReset) this.cuts.resets++;
    for (const socket of sockets) {
      if (isReset) socket.resetAndDestroy();
      else socket.destroySoon();
    }
  }

  #choosePlace(): Place {
    const random = this.#random;
    const direction = random.pick<Direction>(["toServer", "toClient"]);
    return {
      direction,
      behind: random.integer(1, this.#longest[direction]),
      isReset: random.chance(0.5),
    };
  }
}
