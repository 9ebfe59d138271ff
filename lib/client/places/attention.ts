// Tells whether the person is there to read what is shown, by the focus of the window and by the keys. Pure
// but for the clock.

import type { SleepClock } from "../../time.ts";
import type { ReadMode } from "./preferences.ts";

/** A person who has pressed no key for so long may be away. */
const AWAY_MS = 5 * 60_000;

export class Attention {
  readonly #clock: Pick<SleepClock, "monotonic">;
  /** Undefined in a terminal that does not report it. */
  #isFocused: boolean | undefined;
  #lastKeyAt: number;

  constructor(clock: Pick<SleepClock, "monotonic">) {
    this.#clock = clock;
    this.#lastKeyAt = clock.monotonic();
  }

  note(how: "key" | "focus" | "blur"): void {
    if (how !== "key") this.#isFocused = how === "focus";
    if (how !== "blur") this.#lastKeyAt = this.#clock.monotonic();
    if (how === "key" && this.#isFocused === false) this.#isFocused = undefined;
  }

  /** Whether a message counts as read when it is shown. */
  reads(mode: ReadMode): boolean {
    return mode === "shown" && this.#isFocused !== false &&
      this.#clock.monotonic() - this.#lastKeyAt < AWAY_MS;
  }
}
