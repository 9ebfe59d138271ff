// The connections that have not logged in, and which of them makes room for the next one. What counts
// is progress on the way to a login, never bytes: a trickle of them is free.

import { addressKey } from "./addresses.ts";

/** A connection as far as this file goes. */
export interface Newcomer {
  readonly address: string;
  /** Whether a request of its waits for its reply: what it has to do next is the server's. */
  readonly isBeingAnswered: boolean;
}

export class Newcomers<N extends Newcomer> {
  /** By address, each in the order of its last progress. */
  readonly #byAddress = new Map<string, Set<N>>();
  #size = 0;

  /** How many have not logged in. */
  get size(): number {
    return this.#size;
  }

  add(newcomer: N): void {
    const key = addressKey(newcomer.address);
    const ofAddress = this.#byAddress.get(key);
    if (ofAddress === undefined) this.#byAddress.set(key, new Set([newcomer]));
    else ofAddress.add(newcomer);
    this.#size++;
  }

  /** A hello was answered: it is no longer among those that have done nothing. */
  noteProgress(newcomer: N): void {
    const ofAddress = this.#byAddress.get(addressKey(newcomer.address));
    if (ofAddress?.delete(newcomer)) ofAddress.add(newcomer);
  }

  delete(newcomer: N): void {
    const key = addressKey(newcomer.address);
    const ofAddress = this.#byAddress.get(key);
    if (!ofAddress?.delete(newcomer)) return;
    this.#size--;
    if (ofAddress.size === 0) this.#byAddress.delete(key);
  }

  /**
   * Which one is to make room: of the address with the most of them, the one without progress for the
   * longest time. Undefined when every one of them is being answered.
   */
  findStalled(): N | undefined {
    const addresses = [...this.#byAddress.values()].sort((a, b) => b.size - a.size);
    for (const ofAddress of addresses) {
      for (const newcomer of ofAddress) if (!newcomer.isBeingAnswered) return newcomer;
    }
    return undefined;
  }
}
