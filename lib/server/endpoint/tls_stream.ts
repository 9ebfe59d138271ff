// The stream of one TLS connection, from before its handshake on. Knows neither certificate files nor
// frames.

import { type SecureContext, TLSSocket } from "node:tls";
import { ByteBuffer } from "../../collections/byte_buffer.ts";
import { type Deadline, startDeadline, type Timers } from "../../time.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { checkFirstRecord } from "./client_hello.ts";
import type { Handshake, Handshakes } from "./handshakes.ts";
import type { PausedSocket } from "./socket_server.ts";
import { SocketStream } from "../../wire/stream/socket_stream.ts";

/** The protocol's name in the handshake (ALPN, RFC 7301). */
const ALPN = "parley";
/** For how long, and for how many bytes, a peer without TLS is still read, so that it gets its answer. */
const LINGER_MS = 500;
const LINGER_BYTES = 64 * 1024;

export interface TlsStreamOptions {
  /** The certificate of new connections, asked at the beginning of each handshake. */
  readonly context: () => SecureContext;
  readonly handshakes: Handshakes;
  /** For how long a handshake may last, from the connection's beginning; milliseconds. */
  readonly handshakeMs: number;
  /** What a peer without TLS is sent before its connection ends. */
  readonly plainAnswer: Uint8Array;
  /** Those that end a handshake in time; those of the runtime by default. */
  readonly timers?: Timers | undefined;
}

/**
 * Reads and writes wait for the handshake. One that fails rejects the first read (`InvalidData`); a peer
 * that ends before it or that speaks no TLS reads as ended.
 */
export class TlsStream implements ByteStream, Handshake {
  readonly #raw: PausedSocket;
  readonly #options: TlsStreamOptions;
  readonly #deadline: Deadline;
  readonly #opening = Promise.withResolvers<SocketStream | undefined>();
  /** After the handshake. */
  #stream: SocketStream | undefined;
  #isClosed = false;

  /** Takes the socket over. */
  constructor(raw: PausedSocket, options: TlsStreamOptions) {
    this.#raw = raw;
    this.#options = options;
    this.#opening.promise.catch(() => {});
    const { handshakeMs: ms, timers } = options;
    this.#deadline = startDeadline(() => this.abort(), { ms, timers });
    void this.#awaitHello().catch((error) => this.#fail(error.message));
  }

  /** Resolves when the handshake is done or has failed. */
  get opened(): Promise<void> {
    return this.#opening.promise.then(() => {}, () => {});
  }

  read(into: Uint8Array): Promise<number | null> {
    if (this.#stream !== undefined) return this.#stream.read(into);
    return this.#opening.promise.then((stream) => stream === undefined ? null : stream.read(into));
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#stream !== undefined) return this.#stream.write(bytes);
    return this.#opening.promise.then((stream) => {
      if (stream === undefined) throw new Deno.errors.BrokenPipe("The peer has ended");
      return stream.write(bytes);
    });
  }

  async closeWrite(): Promise<void> {
    await (await this.#opening.promise)?.closeWrite();
  }

  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("The stream is closed");
    this.#isClosed = true;
    this.#end();
    this.#opening.reject(new Deno.errors.BadResource("The stream is closed"));
    this.#stream?.close();
    this.#raw.close();
  }

  begin(): void {
    const { socket: raw } = this.#raw;
    const socket = new TLSSocket(raw, {
      isServer: true,
      secureContext: this.#options.context(),
      ALPNProtocols: [ALPN],
    });
    // The runtime reads what has arrived before in a loop, and does not see that TLS has failed meanwhile.
    const read = raw.read.bind(raw);
    raw.read = (size) => socket.destroyed ? null : read(size);
    const stream = new SocketStream(socket);
    const fail = (why: string) => {
      if (this.#stream !== undefined) return;
      this.#fail(why);
      socket.destroy();
    };
    socket.once("error", (error) => fail(error.message));
    // Half-open sockets stay open when the peer ends.
    for (const end of ["end", "close"]) socket.once(end, () => fail("the peer has ended it"));
    socket.once("secure", () => {
      if (this.#isClosed) return;
      this.#end();
      this.#stream = stream;
      this.#opening.resolve(stream);
    });
  }

  abort(): void {
    this.#fail("it was not done in time");
    this.#raw.socket.destroy();
  }

  /** Waits for the whole first record, so that a handshake begins when the peer has done its part. */
  async #awaitHello(): Promise<void> {
    const { socket } = this.#raw;
    const buffer = new Uint8Array(1024);
    const seen = new ByteBuffer();
    for (;;) {
      const count = await this.#raw.read(buffer);
      if (this.#isClosed) return;
      if (count === null) return this.#openNothing();
      seen.append(buffer.subarray(0, count));
      const first = checkFirstRecord(seen.bytes);
      if (first === "more") continue;
      if (first === "foreign") return await this.#answerPlain();
      socket.unshift(seen.bytes);
      return this.#options.handshakes.enter(this);
    }
  }

  /** In plain text, as one useful line to a person who has taken the wrong port. */
  async #answerPlain(): Promise<void> {
    const linger = startDeadline(() => this.#raw.socket.destroy(), { ms: LINGER_MS });
    try {
      await this.#raw.write(this.#options.plainAnswer);
      await this.#raw.closeWrite();
      const buffer = new Uint8Array(4096);
      for (let bytes = 0; bytes < LINGER_BYTES;) {
        const count = await this.#raw.read(buffer);
        if (count === null) break;
        bytes += count;
      }
    } finally {
      linger.clear();
      this.#openNothing();
    }
  }

  #openNothing(): void {
    this.#end();
    this.#opening.resolve(undefined);
  }

  #fail(why: string): void {
    this.#end();
    this.#opening.reject(new Deno.errors.InvalidData(`The TLS handshake failed: ${why}`));
  }

  /** The handshake is over, one way or another. */
  #end(): void {
    this.#deadline.clear();
    this.#options.handshakes.leave(this);
  }
}
