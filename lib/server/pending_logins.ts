// The connections before login, and which of them is ended when there are too many. Only progress
// towards a login counts, never bytes: a trickle of bytes costs a client nothing.

import { addressKey } from "./addresses.ts";

/** A connection before login. */
export interface PendingLogin {
  readonly address: string;
  /** Whether a request is being answered: the next step is the server's. */
  readonly isBeingAnswered: boolean;
}

export class PendingLogins<N extends PendingLogin> {
  /** By address, in the order of their last progress. */
  readonly #byAddress = new Map<string, Set<N>>();
  #size = 0;

  /** The number of connections before login. */
  get size(): number {
    return this.#size;
  }

  add(login: N): void {
    const key = addressKey(login.address);
    const ofAddress = this.#byAddress.get(key);
    if (ofAddress === undefined) this.#byAddress.set(key, new Set([login]));
    else ofAddress.add(login);
    this.#size++;
  }

  /** A hello was answered: this connection is now the last to be ended. */
  noteProgress(login: N): void {
    const ofAddress = this.#byAddress.get(addressKey(login.address));
    if (ofAddress?.delete(login)) ofAddress.add(login);
  }

  delete(login: N): void {
    const key = addressKey(login.address);
    const ofAddress = this.#byAddress.get(key);
    if (!ofAddress?.delete(login)) return;
    this.#size--;
    if (ofAddress.size === 0) this.#byAddress.delete(key);
  }

  /**
   * The connection to end: of the address with the most of them, the one without progress for the
   * longest time. Undefined when all of them are being answered.
   */
  findStalled(): N | undefined {
    const addresses = [...this.#byAddress.values()].sort((a, b) => b.size - a.size);
    for (const ofAddress of addresses) {
      for (const login of ofAddress) if (!login.isBeingAnswered) return login;
    }
    return undefined;
  }
}
