// A few file descriptors kept open for the day there are none: the store and its files need some
// even when connections have taken all the others.

const RESERVED = 8;

export class DescriptorReserve {
  readonly #path: string | undefined;
  #files: Deno.FsFile[] = [];

  /** Holds them on a file that may be read; without one there is no reserve. */
  constructor(path: string | undefined) {
    this.#path = path;
    this.refill();
  }

  /** Takes back what is missing; false while there are too few descriptors. */
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
