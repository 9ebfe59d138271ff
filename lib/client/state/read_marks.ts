// Reports to the server, now and then, up to which message the current room and inquiries were shown.

import type { SleepClock } from "../../time.ts";
import type { ConversationLoop } from "../conversation_loop.ts";
import { inquiryOf } from "../../wire/room_ref.ts";

/** No more often than this. */
const EVERY_MS = 1_000;

export class ReadMarks {
  readonly #loop: ConversationLoop;
  readonly #clock: SleepClock;
  readonly #signal: AbortSignal;
  /** The last mark of each room. */
  readonly #marks = new Map<string, number>();
  /** Rooms to be marked when the wait is over. */
  readonly #due = new Set<string>();
  #isWaiting = false;

  /** `signal` ends a wait; nothing is reported after it. */
  constructor(
    loop: ConversationLoop,
    { clock, signal }: { readonly clock: SleepClock; readonly signal: AbortSignal },
  ) {
    this.#loop = loop;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Something may have been shown. */
  update(): void {
    for (const room of this.#unread()) this.#due.add(room);
    if (this.#isWaiting || this.#due.size === 0) return;
    this.#isWaiting = true;
    this.#clock.sleep(EVERY_MS, this.#signal).then(() => {
      this.#isWaiting = false;
      for (const room of this.#due) this.#mark(room);
      this.#due.clear();
    });
  }

  /** The current room and the inquiries, which are shown in every room, unless marked so far. */
  #unread(): readonly string[] {
    const { current, logs } = this.#loop.conversation;
    return [...logs].filter(([room, { phase, cursor }]) => {
      const isRead = room === current || inquiryOf(room) !== undefined;
      return isRead && phase.at !== "opening" && cursor > (this.#marks.get(room) ?? 0);
    }).map(([room]) => room);
  }

  #mark(room: string): void {
    const { session, conversation } = this.#loop;
    const seq = conversation.logs.get(room)?.cursor;
    if (session === undefined || seq === undefined || this.#signal.aborted) return;
    this.#marks.set(room, seq);
    session.request({ type: "read", room, seq }).catch(() => {});
  }
}
