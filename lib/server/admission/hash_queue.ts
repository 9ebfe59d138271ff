// Runs few password hashes at once: each takes a core and 19 MiB for a while. The others wait, in turns by
// address, so that one address does not keep the others waiting. Knows no password and no socket.

import { ChatError } from "../../wire/errors.ts";

const AT_ONCE = 2;
const MOST_WAITING = 32;
/** When an attempt that finds no place may try again, in milliseconds. */
const BUSY_MS = 1_000;

type Work = () => Promise<void>;

export class HashQueue {
  /** The work that waits, by address; the address whose turn is next comes first. */
  readonly #waiting = new Map<string, Work[]>();
  #waits = 0;
  #running = 0;
  #hashes = 0;

  /** How many hashes were begun. */
  get hashes(): number {
    return this.#hashes;
  }

  /**
   * Runs `hash` when it is its turn. A place is taken until the hash has ended, whatever becomes of the
   * connection that asked for it.
   * @throws {ChatError} busy when too many wait
   */
  run<T>(address: string, hash: () => Promise<T>): Promise<T> {
    if (this.#waits >= MOST_WAITING) {
      const message = "Too many people log in by a password at this moment: try again";
      return Promise.reject(new ChatError("busy", message, { retry: true, afterMs: BUSY_MS }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const queue = this.#waiting.get(address) ?? [];
    queue.push(() => hash().then(resolve, reject));
    this.#waiting.set(address, queue);
    this.#waits++;
    this.#startNext();
    return promise;
  }

  #startNext(): void {
    if (this.#running >= AT_ONCE) return;
    const [next] = this.#waiting;
    if (next === undefined) return;
    const [address, queue] = next;
    const work = queue.shift();
    // The address goes to the end.
    this.#waiting.delete(address);
    if (queue.length > 0) this.#waiting.set(address, queue);
    if (work === undefined) return;
    this.#waits--;
    this.#running++;
    this.#hashes++;
    void work().finally(() => {
      this.#running--;
      this.#startNext();
    });
  }
}
