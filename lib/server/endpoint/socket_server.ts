// Listens with node:net, for what the runtime's own listener cannot do: sockets that are read before
// TLS begins. Knows no TLS.

import { createServer, type Server, type Socket } from "node:net";
import type { Address } from "../../config/address.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { AcceptQueue } from "./accept_queue.ts";
import type { AcceptedConnection, EndpointOf } from "./endpoint.ts";
import { isLoopback, type LoopbackRule } from "./tcp_endpoint.ts";

/** A connection whose socket nothing has been read from. */
export interface AcceptedSocket extends AcceptedConnection {
  readonly stream: PausedSocket;
}

/** An endpoint whose sockets are passed on to TLS. */
export type SocketEndpoint = EndpointOf<AcceptedSocket>;

/** A listening socket; closed by its disposal, or by the endpoint that takes it over. */
export class SocketServer implements SocketEndpoint, Disposable {
  readonly #server: Server;
  readonly #queue = new AcceptQueue<AcceptedSocket>();

  private constructor(server: Server, { loopback }: { loopback: LoopbackRule }) {
    this.#server = server;
    server.on("connection", (socket) => {
      const address = socket.remoteAddress ?? "";
      const isLocal = loopback === "exempt" && isLoopback(address);
      this.#queue.push({ stream: new PausedSocket(socket), address, isLocal });
    });
    server.on("error", (error) => this.#queue.fail(error));
  }

  /** @throws {Deno.errors.AddrInUse | Deno.errors.PermissionDenied | Error} as `Deno.listen` */
  static async listen(
    { hostname, port }: Address,
    options: { loopback: LoopbackRule },
  ): Promise<SocketServer> {
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
    return new SocketServer(server, options);
  }

  /** Where it listens. */
  get address(): Address {
    const bound = this.#server.address();
    if (bound === null || typeof bound === "string") throw new Error("The server does not listen");
    return { hostname: bound.address, port: bound.port };
  }

  accept(): Promise<AcceptedSocket> {
    return this.#queue.accept();
  }

  close(): void {
    this.#queue.close();
    this.#server.close();
  }

  [Symbol.dispose](): void {
    if (!this.#queue.isClosed) this.close();
  }
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
