// What was typed and is not known to be stored: typed again, it is sent under the same `cid`, so that it
// is stored once. Pure.

/** One text on its way, under the name by which the store knows it again. */
export interface Attempt {
  readonly what: string;
  readonly cid: string;
}

/** How many that are in doubt are remembered; the oldest goes first. */
const REMEMBERED = 100;

export class Attempts {
  readonly #cids = new Map<string, string>();

  /** A first attempt, or one more of what is in doubt; `what` names text and place. */
  begin(what: string): Attempt {
    const cid = this.#cids.get(what) ?? crypto.randomUUID();
    this.#cids.delete(what);
    this.#cids.set(what, cid);
    for (const oldest of this.#cids.keys()) {
      if (this.#cids.size <= REMEMBERED) break;
      this.#cids.delete(oldest);
    }
    return { what, cid };
  }

  /** It is known what became of it: typed again, it is something new. */
  end({ what }: Attempt): void {
    this.#cids.delete(what);
  }
}
