// The scopes of a token: what a program that has it may do, in all rooms or in some. Which request and
// which action needs which scope is in the command table and in access.ts.

import type { RoomKind } from "../../store/records.ts";
import { SCOPE_NAMES, type ScopeName } from "../../wire/frames/scopes.ts";
import { nameKey } from "./names.ts";

/** Those for what only operators may do without them. */
export type DeskScope = "desk" | "answer";

export class Scopes {
  /** As they were given: `read`, `send:ops`. */
  readonly texts: readonly string[];
  readonly #all = new Set<string>();
  /** The keys of the rooms, for each name that is limited to some. */
  readonly #rooms = new Map<string, Set<string>>();

  constructor(texts: readonly string[]) {
    this.texts = texts;
    for (const text of texts) {
      const [name = "", room] = text.split(":");
      if (room === undefined) this.#all.add(name);
      else this.#rooms.set(name, (this.#rooms.get(name) ?? new Set()).add(nameKey(room)));
    }
  }

  /** Whether the name is among them, for one room at least. */
  has(name: ScopeName): boolean {
    return this.#all.has(name) || this.#rooms.has(name) ||
      (name === "read" && this.#all.has("desk"));
  }

  /** Whether the name is among them for all rooms. */
  hasEverywhere(name: ScopeName): boolean {
    return this.#all.has(name);
  }

  /** Whether they cover this in a room; `none` is covered where anything is. */
  cover(
    scope: "none" | ScopeName | "everything",
    room: { readonly name: string; readonly kind: RoomKind },
  ): boolean {
    if (scope === "everything") return false;
    const names: readonly ScopeName[] = scope === "none" ? SCOPE_NAMES : [scope];
    return names.some((name) => this.#covers(name, room));
  }

  /** The same for a room as a frame names it. */
  coverRef(scope: ScopeName, ref: string): boolean {
    const kind = ref.startsWith("?")
      ? (ref.endsWith("!") ? "notes" : "inquiry")
      : ref.startsWith("@")
      ? "direct"
      : "public";
    return this.cover(scope, { name: ref, kind });
  }

  #covers(name: ScopeName, { name: room, kind }: { name: string; kind: RoomKind }): boolean {
    const isOfDesk = kind === "desk" || kind === "inquiry" || kind === "notes";
    if (isOfDesk && this.#all.has("desk") && (name === "read" || name === "desk")) return true;
    if (name === "desk") return false;
    if (name === "answer") return kind === "inquiry" && this.#all.has(name);
    // Who may ask may read the answer, and say more.
    if (kind === "inquiry" && this.#all.has("ask")) return true;
    if (kind === "inquiry" && name === "send") return false;
    return this.#all.has(name) || this.#rooms.get(name)?.has(nameKey(room)) === true;
  }
}
