// The names of the users who are connected to other servers, in the forms in which names are compared. Bounded by
// who adds to it.

import { nameKey, nameSkeleton } from "../chat/people/names.ts";

export class RemoteNames {
  /** How many users have a name in this form, each counted once for each server. */
  readonly #keys = new Counts();
  readonly #skeletons = new Counts();

  add(name: string): void {
    this.#keys.add(nameKey(name));
    this.#skeletons.add(nameSkeleton(name));
  }

  remove(name: string): void {
    this.#keys.subtract(nameKey(name));
    this.#skeletons.subtract(nameSkeleton(name));
  }

  /**
   * Whether a name is among them that is this one or looks like it.
   * @param except names that do not count, each once; asked only where there is one
   */
  has(name: string, except: () => Iterable<string>): boolean {
    const [key, skeleton] = [nameKey(name), nameSkeleton(name)];
    let keys = this.#keys.of(key);
    let skeletons = this.#skeletons.of(skeleton);
    if (keys === 0 && skeletons === 0) return false;
    for (const own of except()) {
      if (nameKey(own) === key) keys--;
      if (nameSkeleton(own) === skeleton) skeletons--;
    }
    return keys > 0 || skeletons > 0;
  }
}

/** How often each text was added. */
class Counts {
  readonly #counts = new Map<string, number>();

  of(text: string): number {
    return this.#counts.get(text) ?? 0;
  }

  add(text: string): void {
    this.#counts.set(text, this.of(text) + 1);
  }

  subtract(text: string): void {
    const left = this.of(text) - 1;
    if (left > 0) this.#counts.set(text, left);
    else this.#counts.delete(text);
  }
}
