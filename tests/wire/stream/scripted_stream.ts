// A stream of bytes whose every step the test decides: what a read brings and when, how much a write
// takes and when. Records what was asked of it.

import type { ByteStream } from "../../../lib/wire/stream/byte_stream.ts";

const decoder = new TextDecoder();

interface Pending<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

export class ScriptedStream implements ByteStream {
  /** What each write was given, as text. */
  readonly writes: string[] = [];
  /** The sizes of the buffers that reads were given. */
  readonly reads: number[] = [];
  isWriteEnded = false;
  isClosed = false;
  /** Whether `closeWrite` fails, as it does on a connection that is gone. */
  failsCloseWrite = false;
  #write: Pending<number> & { readonly length: number } | undefined;
  #read: Pending<number | null> & { readonly into: Uint8Array } | undefined;

  read(into: Uint8Array): Promise<number | null> {
    if (this.#read !== undefined) throw new Error("Two reads at once");
    this.reads.push(into.length);
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    this.#read = { resolve, reject, into };
    return promise;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#write !== undefined) throw new Error("Two writes at once");
    this.writes.push(decoder.decode(bytes));
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#write = { resolve, reject, length: bytes.length };
    return promise;
  }

  closeWrite(): Promise<void> {
    this.isWriteEnded = true;
    return this.failsCloseWrite
      ? Promise.reject(new Deno.errors.NotConnected("gone"))
      : Promise.resolve();
  }

  close(): void {
    if (this.isClosed) throw new Deno.errors.BadResource("closed twice");
    this.isClosed = true;
    this.failRead();
    this.failWrite();
  }

  get isReading(): boolean {
    return this.#read !== undefined;
  }

  get isWriting(): boolean {
    return this.#write !== undefined;
  }

  /** The pending read gives this. */
  async bring(text: string | Uint8Array): Promise<void> {
    const read = this.#read;
    if (read === undefined) throw new Error("Nobody reads");
    this.#read = undefined;
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    read.into.set(bytes);
    read.resolve(bytes.length);
    await turn();
  }

  /** The pending read finds that the peer has ended its side. */
  async bringEnd(): Promise<void> {
    this.#read?.resolve(null);
    this.#read = undefined;
    await turn();
  }

  failRead(): void {
    this.#read?.reject(new Deno.errors.ConnectionReset("reset"));
    this.#read = undefined;
  }

  /** The write in flight has taken so much; all of it unless told. */
  async take(bytes?: number): Promise<void> {
    const write = this.#write;
    if (write === undefined) throw new Error("Nothing is being written");
    this.#write = undefined;
    write.resolve(bytes ?? write.length);
    await turn();
  }

  failWrite(): void {
    this.#write?.reject(new Deno.errors.BrokenPipe("broken"));
    this.#write = undefined;
  }
}

/** Lets everything run that is due. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
