// A stream of bytes over a socket of node:net or node:tls. Knows no handshake and no frame.

import type { Socket } from "node:net";
import type { ByteStream } from "./byte_stream.ts";

interface PendingRead {
  readonly into: Uint8Array;
  resolve(count: number | null): void;
  reject(error: unknown): void;
}

/**
 * Takes the socket over. While received bytes wait to be read, the socket reads nothing more: a consumer
 * that waits slows the peer down. Every error is an ordinary end of a connection.
 */
export class SocketStream implements ByteStream {
  readonly #socket: Socket;
  /** Received and not yet read. */
  #rest: Uint8Array | undefined;
  #reading: PendingRead | undefined;
  #end: "peer" | Error | undefined;
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Uint8Array) => this.#take(bytes));
    socket.on("end", () => this.#finish("peer"));
    socket.on("error", (error) => this.#finish(endOf(error)));
    socket.on("close", () => this.#finish("peer"));
  }

  /** One call at a time. */
  read(into: Uint8Array): Promise<number | null> {
    const rest = this.#rest;
    if (rest !== undefined) {
      this.#rest = undefined;
      const count = this.#copy(rest, into);
      if (this.#rest === undefined) this.#socket.resume();
      return Promise.resolve(count);
    }
    if (this.#end === "peer") return Promise.resolve(null);
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => this.#reading = { into, resolve, reject });
  }

  /** Resolves when the system has taken all of it. */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(endOf(error)) : resolve(bytes.length));
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(() => resolve()));
  }

  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("The stream is closed");
    this.#isClosed = true;
    this.#finish(new Deno.errors.BadResource("The stream is closed"));
    this.#rest = undefined;
    this.#socket.destroy();
  }

  #take(bytes: Uint8Array): void {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading !== undefined) reading.resolve(this.#copy(bytes, reading.into));
    else this.#rest = bytes;
    if (this.#rest !== undefined) this.#socket.pause();
  }

  /** Copies what fits and keeps the rest. @returns how much was copied */
  #copy(bytes: Uint8Array, into: Uint8Array): number {
    if (bytes.length <= into.length) {
      into.set(bytes);
      return bytes.length;
    }
    into.set(bytes.subarray(0, into.length));
    this.#rest = bytes.subarray(into.length);
    return into.length;
  }

  #finish(end: "peer" | Error): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const reading = this.#reading;
    this.#reading = undefined;
    if (end === "peer") reading?.resolve(null);
    else reading?.reject(end);
  }
}

/** What is wrong with a socket is wrong with the network or the peer. */
function endOf(error: Error): Error {
  return new Deno.errors.ConnectionAborted(error.message, { cause: error });
}
