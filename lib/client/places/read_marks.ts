// Reports to the server, now and then, up to which message each room was seen.

import type { SleepClock } from "../../time.ts";
import type { ConversationLoop } from "../conversation_loop.ts";
import type { Places } from "./places.ts";

/** No more often than this. */
const EVERY_MS = 1_000;

interface ReadMarksOptions {
  readonly loop: Pick<ConversationLoop, "session">;
  readonly places: Places;
  readonly clock: SleepClock;
  /** Ends a wait; nothing is reported after it. */
  readonly signal: AbortSignal;
}

export class ReadMarks {
  readonly #options: ReadMarksOptions;
  #isWaiting = false;

  constructor(options: ReadMarksOptions) {
    this.#options = options;
  }

  /** Something may have been seen. */
  update(): void {
    const { clock, signal } = this.#options;
    if (this.#isWaiting || this.#unreported.length === 0) return;
    this.#isWaiting = true;
    clock.sleep(EVERY_MS, signal).then(() => {
      this.#isWaiting = false;
      this.#report();
    });
  }

  get #unreported(): readonly { readonly room: string; readonly seen: number }[] {
    return this.#options.places.all.filter(({ seen, read }) => seen > read);
  }

  #report(): void {
    const { loop: { session }, places, signal } = this.#options;
    if (session === undefined || signal.aborted) return;
    for (const { room, seen: seq } of this.#unreported) {
      places.setRead(room, seq);
      session.request({ type: "read", room, seq }).catch(() => {});
    }
  }
}
