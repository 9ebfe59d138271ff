// Listens with node:net, for what the runtime's own listener cannot do: sockets that are read before
// TLS begins. Knows no TLS.

import { createServer, type Server, type Socket } from "node:net";
import type { Address } from "../../config/address.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { sleep } from "../../time.ts";
import { PeriodicTask } from "../periodic_task.ts";
import { AcceptQueue } from "./accept_queue.ts";
import type { AcceptedConnection, EndpointOf } from "./endpoint.ts";
import { isLoopback, type LoopbackRule } from "./tcp_endpoint.ts";

/** A connection whose socket nothing has been read from. */
export interface AcceptedSocket extends AcceptedConnection {
  readonly stream: PausedSocket;
}

/** An endpoint whose sockets are passed on to TLS. */
export type SocketEndpoint = EndpointOf<AcceptedSocket>;

/**
 * A listening socket; closed by its disposal, or by the endpoint that takes it over. The runtime ends its
 * accepting without a word when there are no descriptors: so a server without connections connects to
 * itself, and listens again when nothing arrives.
 */
export class SocketServer implements SocketEndpoint, Disposable {
  readonly #options: SocketServerOptions;
  /** Where it was to listen, with the port it has got. */
  readonly #place: Address;
  readonly #queue = new AcceptQueue<AcceptedSocket>();
  readonly #checks: PeriodicTask;
  #server: Server;
  /** Whether a connection has arrived since the last check. */
  #isAlive = true;
  /** During a check: what has arrived, until it is known which of it is the check's own. */
  #held: Socket[] | undefined;

  private constructor(server: Server, place: Address, options: SocketServerOptions) {
    this.#options = options;
    this.#place = { hostname: place.hostname, port: addressOf(server).port };
    this.#server = this.#attach(server);
    this.#checks = new PeriodicTask(() => this.#check(), {
      everyMs: options.checkMs ?? CHECK_MS,
      onError: (error) => this.#queue.fail(error),
    });
  }

  /** @throws {Deno.errors.AddrInUse | Deno.errors.PermissionDenied | Error} as `Deno.listen` */
  static async listen(place: Address, options: SocketServerOptions): Promise<SocketServer> {
    return new SocketServer(await listen(place), place, options);
  }

  /** Where it listens. */
  get address(): Address {
    return addressOf(this.#server);
  }

  accept(): Promise<AcceptedSocket> {
    return this.#queue.accept();
  }

  close(): void {
    this.#queue.close();
    this.#server.close();
    void this.#checks.stop();
  }

  [Symbol.dispose](): void {
    if (!this.#queue.isClosed) this.close();
  }

  #attach(server: Server): Server {
    server.on("error", (error) => this.#queue.fail(error));
    server.on("connection", (socket) => {
      this.#isAlive = true;
      if (this.#held === undefined) this.#push(socket);
      else this.#held.push(socket);
    });
    return server;
  }

  #push(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    const isLocal = this.#options.loopback === "exempt" && isLoopback(address);
    this.#queue.push({ stream: new PausedSocket(socket), address, isLocal });
  }

  /** Rejects with the error that an `accept` is to have. */
  async #check(): Promise<void> {
    const wasAlive = this.#isAlive;
    this.#isAlive = false;
    if (wasAlive || this.#queue.isClosed) return;
    this.#held = [];
    let own: number | undefined;
    try {
      using conn = await Deno.connect(this.#place);
      own = conn.localAddr.port;
      await until(() => this.#isAlive || this.#queue.isClosed, CHECK_WAIT_MS);
    } catch (error) {
      // A port that was any free one may not be connected to.
      if (error instanceof Deno.errors.NotCapable) return;
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    } finally {
      const arrived = this.#held;
      this.#held = undefined;
      for (const socket of arrived) {
        if (socket.remotePort === own) socket.destroy();
        else this.#push(socket);
      }
    }
    if (!this.#isAlive && !this.#queue.isClosed) await this.#listenAgain();
  }

  async #listenAgain(): Promise<void> {
    this.#server.close();
    const server = await listen(this.#place);
    if (this.#queue.isClosed) return void server.close();
    this.#server = this.#attach(server);
    throw new Error("The listening socket accepted no more connections");
  }
}

interface SocketServerOptions {
  readonly loopback: LoopbackRule;
  /** How often a server without connections is checked, in milliseconds; 1,000 when missing. */
  readonly checkMs?: number;
}

const CHECK_MS = 1_000;
/** For how long the connection of a check may be on its way. */
const CHECK_WAIT_MS = 2_000;
const LOOK_MS = 10;

async function until(isDone: () => boolean, ms: number): Promise<void> {
  for (let waited = 0; waited < ms && !isDone(); waited += LOOK_MS) await sleep(LOOK_MS);
}

async function listen({ hostname, port }: Address): Promise<Server> {
  const server = createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    // Small writes are sent at once, and the system notices a peer that vanished.
    noDelay: true,
    keepAlive: true,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error)));
    server.listen({ host: hostname, port }, resolve);
  });
  server.removeAllListeners("error");
  return server;
}

function addressOf(server: Server): Address {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("The server does not listen");
  return { hostname: bound.address, port: bound.port };
}

/** A socket that reads only what it is asked for, so that the rest can be passed on. */
export class PausedSocket implements ByteStream {
  readonly socket: Socket;
  #isClosed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    // Every error is followed by the end, which the reader sees.
    socket.on("error", () => {});
  }

  async read(into: Uint8Array): Promise<number | null> {
    const { socket } = this;
    while (socket.readableLength === 0) {
      if (socket.readableEnded || socket.destroyed) return null;
      await nextReadable(socket);
    }
    const bytes: Uint8Array = socket.read(Math.min(into.length, socket.readableLength));
    into.set(bytes);
    return bytes.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.socket.end(() => resolve()));
  }

  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("The socket is closed");
    this.#isClosed = true;
    this.socket.destroy();
  }
}

/** Resolves when there is something to read, or when nothing more will come. */
function nextReadable(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const events = ["readable", "end", "close"] as const;
    const done = () => {
      for (const event of events) socket.off(event, done);
      resolve();
    };
    for (const event of events) socket.on(event, done);
  });
}

function listenError(error: Error & { code?: string }): Error {
  if (error.code === "EADDRINUSE") return new Deno.errors.AddrInUse(error.message);
  if (error.code === "EACCES") return new Deno.errors.PermissionDenied(error.message);
  return error;
}
