// A stream that a test can stop, fill and break.

export class FakeOutputStream {
  /** What each write brought. */
  readonly writes: string[] = [];
  readonly #most: number;
  #standstill: PromiseWithResolvers<void> | undefined;
  #failure: { readonly error: Error; after: number; times: number } | undefined;

  /** @param options.most how many bytes a write takes at most */
  constructor({ most = Infinity }: { most?: number } = {}) {
    this.#most = most;
  }

  get text(): string {
    return this.writes.join("");
  }

  /** From now on no write ends. */
  standStill(): void {
    this.#standstill ??= Promise.withResolvers();
  }

  goOn(): void {
    this.#standstill?.resolve();
    this.#standstill = undefined;
  }

  /** After so many more writes, so many fail. */
  failWith(error: Error, { after = 0, times = 1 }: { after?: number; times?: number }): void {
    this.#failure = { error, after, times };
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#standstill?.promise;
    const failure = this.#failure;
    if (failure !== undefined && failure.after-- <= 0) {
      if (--failure.times <= 0) this.#failure = undefined;
      throw failure.error;
    }
    const taken = bytes.subarray(0, this.#most);
    this.writes.push(new TextDecoder().decode(taken));
    return taken.length;
  }
}
