// The list of users that another server publishes in parts. The parts received so far count towards the
// limit of what is kept.

import type { UserId } from "../store/records.ts";
import type { Notice, PresenceEntry } from "./bus.ts";

/** How many entries and rooms are kept, of all servers together. */
export class EntryBudget {
  readonly #maxEntries: number;
  #used = 0;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get maxEntries(): number {
    return this.#maxEntries;
  }

  get used(): number {
    return this.#used;
  }

  /** Counts so many more, if they may be kept; whether they may. */
  tryAdd(entries: number): boolean {
    if (this.#used + entries > this.#maxEntries) return false;
    this.#used += entries;
    return true;
  }

  remove(entries: number): void {
    this.#used -= entries;
  }
}

/** What a user in so many rooms counts. */
export function entriesOf(rooms: number): number {
  return 1 + rooms;
}

interface IncomingList {
  readonly version: number;
  nextPart: number;
  readonly people: Map<UserId, PresenceEntry>;
  /** What it counts towards the budget. */
  entries: number;
}

/** Puts the parts of one server's list together. */
export class PresenceListReader {
  readonly #budget: EntryBudget;
  #list: IncomingList | undefined;

  constructor(budget: EntryBudget) {
    this.#budget = budget;
  }

  /**
   * Takes the next part.
   * @returns the entries by user when this was the last part, `incomplete` while others are missing, and
   * `missed` when this part does not follow the one before
   */
  take(
    { version, part, parts, people }: Extract<Notice, { type: "everyone" }>,
  ): ReadonlyMap<UserId, PresenceEntry> | "incomplete" | "missed" {
    if (part === 0) {
      this.drop();
      this.#list = { version, nextPart: 0, people: new Map(), entries: 0 };
    }
    const list = this.#list;
    if (list === undefined || list.version !== version || list.nextPart !== part) {
      this.drop();
      return "missed";
    }
    list.nextPart++;
    for (const entry of people) this.#collect(list, entry);
    if (list.nextPart < parts) return "incomplete";
    this.drop();
    return list.people;
  }

  /** Forgets the parts that came. */
  drop(): void {
    this.#budget.remove(this.#list?.entries ?? 0);
    this.#list = undefined;
  }

  #collect(list: IncomingList, entry: PresenceEntry): void {
    const entries = entriesOf(entry.rooms.length);
    if (!this.#budget.tryAdd(entries)) return;
    list.entries += entries;
    const before = entry.goesOn ? list.people.get(entry.user) : undefined;
    const rooms = before === undefined ? entry.rooms : [...before.rooms, ...entry.rooms];
    list.people.set(entry.user, { ...entry, rooms, goesOn: undefined });
  }
}
