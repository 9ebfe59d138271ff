// Tells the server, now and then, up to where the current room was shown.

import type { Clock } from "./clock.ts";
import type { Dialogue } from "./dialogue.ts";

/** No more often than this. */
const EVERY_MS = 1_000;

export class ReadMarks {
  readonly #dialogue: Dialogue;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  /** The last mark of each room. */
  readonly #marks = new Map<string, number>();
  #isWaiting = false;

  /** `signal` ends a wait; nothing is told after it. */
  constructor(
    dialogue: Dialogue,
    { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  ) {
    this.#dialogue = dialogue;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Something may have been shown. */
  shown(): void {
    const { current, logs } = this.#dialogue.conversation;
    const log = current === undefined ? undefined : logs.get(current);
    if (this.#isWaiting || current === undefined || log === undefined) return;
    if (log.phase.at === "opening" || log.cursor <= (this.#marks.get(current) ?? 0)) return;
    this.#isWaiting = true;
    this.#clock.sleep(EVERY_MS, this.#signal).then(() => {
      this.#isWaiting = false;
      this.#mark(current);
    });
  }

  #mark(room: string): void {
    const { session, conversation } = this.#dialogue;
    const seq = conversation.logs.get(room)?.cursor;
    if (session === undefined || seq === undefined || this.#signal.aborted) return;
    this.#marks.set(room, seq);
    session.request({ type: "read", room, seq }).catch(() => {});
  }
}
