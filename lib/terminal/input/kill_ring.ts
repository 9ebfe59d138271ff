// What was killed, the newest first, for Ctrl-Y and Alt-Y. Kills in a row are one. Pure.

import type { Unit } from "./draft.ts";

const KEPT = 30;

export class KillRing {
  #kills: readonly (readonly Unit[])[] = [];
  #at = 0;

  /** `joins` puts the units before or after the newest kill instead of making a new one. */
  add(units: readonly Unit[], joins: "before" | "after" | "no"): void {
    if (units.length === 0) return;
    const [newest = [], ...others] = this.#kills;
    if (joins === "before") this.#kills = [[...units, ...newest], ...others];
    else if (joins === "after") this.#kills = [[...newest, ...units], ...others];
    else this.#kills = [units, ...this.#kills].slice(0, KEPT);
    this.#at = 0;
  }

  /** The newest kill. */
  get newest(): readonly Unit[] {
    this.#at = 0;
    return this.#kills[0] ?? [];
  }

  /** The kill before the one returned last; after the oldest the newest again. */
  older(): readonly Unit[] {
    this.#at = (this.#at + 1) % Math.max(1, this.#kills.length);
    return this.#kills[this.#at] ?? [];
  }
}
