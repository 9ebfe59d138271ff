// The output of a process as it comes, and a wait for something in it.

import { within } from "../waiting.ts";

export class OutputReader {
  /** Resolves when the output has ended. */
  readonly ended: Promise<void>;
  #isOver = false;
  #changed = Promise.withResolvers<void>();

  /** @param receive called with each piece; the next one is read when it resolves */
  constructor(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    receive: (text: string) => void | Promise<void>,
  ) {
    this.ended = this.#read(stream, receive);
  }

  /** The result of `find`, called again after each piece; undefined at the end or when it is late. */
  async until<T>(find: () => T | undefined, withinMs: number): Promise<T | undefined> {
    const end = performance.now() + withinMs;
    for (;;) {
      const found = find();
      const leftMs = end - performance.now();
      if (found !== undefined || this.#isOver || leftMs <= 0) return found;
      await within(leftMs, this.#changed.promise, "No output").catch(() => {});
    }
  }

  async #read(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    receive: (text: string) => void | Promise<void>,
  ): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      await receive(text);
      this.#change();
    }
    this.#isOver = true;
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
