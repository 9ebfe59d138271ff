// Joins and leaves of other people, folded: those of a few seconds are one line, without the people who
// left and came back. Knows no terminal.

import type { SleepClock } from "../../time.ts";
import { formatRoom, type Line, notice, type PresenceChange } from "../../terminal/view_lines.ts";

/** So long joins and leaves are collected. */
const FOLDED_MS = 3_000;
/** So many people are named. */
const NAMED = 5;

interface FoldedPresenceOptions {
  readonly clock: Pick<SleepClock, "sleep">;
  /** Ends the waits. */
  readonly signal: AbortSignal;
  readonly show: (lines: readonly Line[]) => void;
}

export class FoldedPresence {
  readonly #options: FoldedPresenceOptions;
  /** The first change of each person in each room, and the last. */
  readonly #rooms = new Map<string, Map<string, { first: string; last: string }>>();
  #isWaiting = false;

  constructor(options: FoldedPresenceOptions) {
    this.#options = options;
  }

  add({ room, from, change }: PresenceChange): void {
    const people = this.#rooms.get(room) ?? new Map();
    this.#rooms.set(room, people);
    const before = people.get(from);
    people.set(from, { first: before?.first ?? change, last: change });
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const { clock, signal } = this.#options;
    clock.sleep(FOLDED_MS, signal).then(() => {
      this.#isWaiting = false;
      if (!signal.aborted) this.flush();
    });
  }

  /** Whether this person's joining or leaving is not shown yet. */
  has({ room, from }: { readonly room: string; readonly from: string }): boolean {
    return this.#rooms.get(room)?.has(from) === true;
  }

  /** Shows what was collected. */
  flush(): void {
    const lines = [...this.#rooms].flatMap(([room, people]) => {
      // Who has come back is where they were.
      const changed = [...people].filter(([, { first, last }]) => first === last);
      const named = (change: string) =>
        changed.filter(([, { last }]) => last === change).map(([name]) => name);
      const parts = [describe(named("joined"), "joined"), describe(named("left"), "left")];
      const text = parts.filter((part) => part !== "").join(" · ");
      return text === "" ? [] : [notice(`${text} ${formatRoom(room)}`)];
    });
    this.#rooms.clear();
    if (lines.length > 0) this.#options.show(lines);
  }
}

/** `ann, bob and 3 others joined`; empty for nobody. */
function describe(names: readonly string[], verb: string): string {
  if (names.length === 0) return "";
  const more = names.length - NAMED;
  const named = names.slice(0, more > 1 ? NAMED : names.length).join(", ");
  return `${named}${more > 1 ? ` and ${more} others` : ""} ${verb}`;
}
