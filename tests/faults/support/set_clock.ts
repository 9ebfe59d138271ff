// Sets the wall clock of a server that was started with preload/clock.ts, from outside and at any time.

export const CLOCK_PRELOAD = new URL("../preload/clock.ts", import.meta.url).pathname;

export class ServerClock {
  readonly #path: string;
  #aheadMs = 0;

  /** @param directory where the server was started; its data must be there */
  constructor(directory: string) {
    this.#path = `${directory}/data/clock-is-ahead`;
  }

  /** What the server's clock shows now, UTC milliseconds. */
  get now(): number {
    return Date.now() + this.#aheadMs;
  }

  /** From now on it is ahead of this process's clock by so much; negative: behind. */
  set(aheadMs: number): void {
    // In one step: the server reads it whenever it wants to know the time.
    Deno.writeTextFileSync(`${this.#path}.new`, String(aheadMs));
    Deno.renameSync(`${this.#path}.new`, this.#path);
    this.#aheadMs = aheadMs;
  }
}
