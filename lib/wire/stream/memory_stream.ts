// Two streams of bytes connected in memory, as a socket would connect them: bounded, with short writes
// and partial reads on demand. For connections without a network, such as those of tests.

import { concat } from "@std/bytes/concat";
import type { ByteStream } from "./byte_stream.ts";

interface MemoryStreamOptions {
  /** How much each direction holds before a write waits; 64 KiB by default. */
  readonly bufferBytes?: number;
  /** The most one write takes. */
  readonly writeBytes?: number;
  /** The most one read gives. */
  readonly readBytes?: number;
}

/** Two ends: what is written to one is read from the other. */
export function memoryStreams(options: MemoryStreamOptions = {}): [MemoryStream, MemoryStream] {
  const there = new Pipe(options);
  const back = new Pipe(options);
  return [new MemoryStream(back, there), new MemoryStream(there, back)];
}

/** One end. Like a socket it rejects what is pending when it is closed, and a second `close`. */
class MemoryStream implements ByteStream {
  readonly #in: Pipe;
  readonly #out: Pipe;
  #isClosed = false;

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#in = incoming;
    this.#out = outgoing;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#in.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#out.write(bytes);
  }

  closeWrite(): Promise<void> {
    this.#out.end();
    return Promise.resolve();
  }

  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("The stream is closed");
    this.#isClosed = true;
    this.#in.breakReader();
    this.#out.breakWriter();
  }
}

/** One direction. */
class Pipe {
  readonly #bufferBytes: number;
  readonly #writeBytes: number;
  readonly #readBytes: number;
  #held = new Uint8Array(0);
  #isEnded = false;
  #readerFault: Error | undefined;
  #writerFault: Error | undefined;
  #onChange = Promise.withResolvers<void>();

  constructor(options: MemoryStreamOptions) {
    this.#bufferBytes = options.bufferBytes ?? 64 * 1024;
    this.#writeBytes = options.writeBytes ?? Infinity;
    this.#readBytes = options.readBytes ?? Infinity;
  }

  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#readerFault !== undefined) throw this.#readerFault;
      if (this.#held.length > 0) break;
      if (this.#isEnded) return null;
      await this.#onChange.promise;
    }
    const length = Math.min(into.length, this.#held.length, this.#readBytes);
    into.set(this.#held.subarray(0, length));
    this.#held = this.#held.slice(length);
    this.#changed();
    return length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    for (;;) {
      if (this.#writerFault !== undefined) throw this.#writerFault;
      if (this.#isEnded) throw new Deno.errors.BrokenPipe("The stream's writing side is ended");
      if (this.#held.length < this.#bufferBytes) break;
      await this.#onChange.promise;
    }
    const room = this.#bufferBytes - this.#held.length;
    const length = Math.min(bytes.length, room, this.#writeBytes);
    this.#held = concat([this.#held, bytes.subarray(0, length)]);
    this.#changed();
    return length;
  }

  end(): void {
    this.#isEnded = true;
    this.#changed();
  }

  /** The reading end is closed: its own reads fail, and so do the other end's writes. */
  breakReader(): void {
    this.#readerFault = new Deno.errors.BadResource("The stream is closed");
    this.#writerFault ??= new Deno.errors.BrokenPipe("The peer has closed the stream");
    this.#changed();
  }

  /** The writing end is closed: its own writes fail, and the other end reads what is left. */
  breakWriter(): void {
    this.#writerFault = new Deno.errors.BadResource("The stream is closed");
    this.end();
  }

  #changed(): void {
    this.#onChange.resolve();
    this.#onChange = Promise.withResolvers<void>();
  }
}
