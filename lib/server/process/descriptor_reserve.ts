// Keeps a few file descriptors in reserve: the store and its files need some when connections have
// used all others.

const RESERVED = 8;

export class DescriptorReserve {
  readonly #path: string | undefined;
  #files: Deno.FsFile[] = [];

  /** @param path a readable file to open; without one there is no reserve */
  constructor(path: string | undefined) {
    this.#path = path;
    this.refill();
  }

  /** Opens the missing descriptors; false while there are too few. */
  refill(): boolean {
    if (this.#path === undefined) return true;
    try {
      while (this.#files.length < RESERVED) this.#files.push(Deno.openSync(this.#path));
      return true;
    } catch {
      return false;
    }
  }

  release(): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}
