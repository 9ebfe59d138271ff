// What an operator's client reports by itself: that the person has seen an inquiry, is typing an answer, or
// has left an inquiry. Knows no terminal.

import { ChatError } from "../../wire/errors.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import type { SleepClock } from "../../time.ts";
import { inquiryOf, inquiryRoom, parseInquiry } from "../../wire/room_ref.ts";
import type { ConversationLoop } from "../conversation_loop.ts";
import { isTransient } from "../exit.ts";
import { RetryDelay } from "../link/retry_delay.ts";
import type { Session } from "../link/session.ts";
import { othersInquiryOf } from "../state/desk/inquiry_facts.ts";

/** Typing is reported no more often than this. */
const TYPING_MS = 3_000;
/** A user who has not typed for this time is not typing. */
const TYPING_SHOWN_MS = 5_000;

interface DeskPresenceOptions {
  readonly loop: Pick<
    ConversationLoop,
    "conversation" | "session" | "unfollow" | "forgetTyping"
  >;
  readonly clock: Pick<SleepClock, "monotonic" | "sleep">;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Ends the waits. */
  readonly signal: AbortSignal;
  /** Whether the person is there to see what is shown. */
  readonly isAttended: () => boolean;
}

export class DeskPresence {
  readonly #options: DeskPresenceOptions;
  /** The inquiries that were reported as seen and are not over. */
  readonly #seen = new Set<number>();
  /** Of the reports that the server refuses for now. */
  readonly #delay: RetryDelay;
  #typedAt = -Infinity;
  /** The inquiry of another person that was the current room. */
  #visited: string | undefined;

  constructor(options: DeskPresenceOptions) {
    this.#options = options;
    this.#delay = new RetryDelay(options.random);
  }

  /** The conversation has changed, or the person is there again. */
  update(): void {
    this.#reportSeen();
    this.#leaveVisited();
  }

  /** The person has typed. @param getLine what stands in the line now */
  typed(getLine: () => string): void {
    const { loop: { conversation, session }, clock } = this.#options;
    const now = clock.monotonic();
    if (session === undefined || now - this.#typedAt < TYPING_MS) return;
    const room = roomOf(getLine(), conversation.current);
    if (room === undefined) return;
    this.#typedAt = now;
    session.sendTyping(room);
  }

  /** Another user types: that is forgotten after a while. */
  noteTyping(sign: ServerFrame<"typing">): void {
    const { clock, signal, loop } = this.#options;
    clock.sleep(TYPING_SHOWN_MS, signal).then(() => {
      if (!signal.aborted) loop.forgetTyping(sign);
    });
  }

  #reportSeen(): void {
    const { loop: { conversation, session }, isAttended } = this.#options;
    const { you, asked, inquiries, desk } = conversation;
    if (session === undefined || desk === undefined || !isAttended()) return;
    for (const inquiry of this.#seen) if (!inquiries.has(inquiry)) this.#seen.delete(inquiry);
    for (const [inquiry, { isSeen, user }] of inquiries) {
      if (isSeen || user === you?.user || !asked.has(inquiry) || this.#seen.has(inquiry)) continue;
      this.#seen.add(inquiry);
      void this.#report(session, inquiry);
    }
  }

  /**
   * After a cut it is reported again, as only the first one counts; so is what the server refuses for now, as
   * late as it wants. Any other refusal stands.
   */
  async #report(session: Session, inquiry: number): Promise<void> {
    try {
      await session.request({ type: "seen", inquiry });
      this.#delay.reset();
    } catch (error) {
      const { clock, signal } = this.#options;
      if (error instanceof ChatError) {
        if (!isTransient(error)) return;
        await clock.sleep(this.#delay.next(error.details.afterMs), signal);
      }
      this.#seen.delete(inquiry);
      if (error instanceof ChatError && !signal.aborted) this.update();
    }
  }

  /** An inquiry of another person is followed while it is the current room. */
  #leaveVisited(): void {
    const { loop } = this.#options;
    const { current } = loop.conversation;
    const before = this.#visited;
    // First, since it is called again while a room is unfollowed.
    this.#visited = othersInquiryOf(loop.conversation, current) === undefined ? undefined : current;
    if (before !== undefined && before !== current) loop.unfollow(before);
  }
}

/** Where a line would be sent that is no command; or the inquiry that a command answers. */
function roomOf(line: string, current: string | undefined): string | undefined {
  const number = /^\/(?:answer|a)!?\s+(\S+)\s/.exec(line)?.[1];
  const inquiry = number === undefined ? undefined : parseInquiry(number);
  if (inquiry !== undefined) return inquiryRoom(inquiry);
  if (line === "" || (line.startsWith("/") && !line.startsWith("//"))) return undefined;
  const isShown = current !== undefined &&
    (current.startsWith("@") || inquiryOf(current) !== undefined);
  return isShown ? current : undefined;
}
