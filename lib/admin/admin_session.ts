// The session of an administrator's command: requests, and lists of several pages. Too much at once is
// waited for, as long as the command may take.

import { ConnectionLost, Failure, retryHintOf } from "../client/exit.ts";
import type { Reply, RequestType } from "../client/link/reply_types.ts";
import { RetryDelay } from "../client/link/retry_delay.ts";
import type { Session } from "../client/link/session.ts";
import type { TimeLimit } from "../client/time_limit.ts";
import type { SleepClock } from "../time.ts";
import type { ClientFrame } from "../wire/frame.ts";

/** One page of a list; `more` says that another follows it. */
interface Page<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

export class AdminSession {
  readonly #session: Session;
  readonly #clock: SleepClock;
  readonly #limit: TimeLimit;

  constructor(session: Session, { clock, limit }: { clock: SleepClock; limit: TimeLimit }) {
    this.#session = session;
    this.#clock = clock;
    this.#limit = limit;
  }

  /**
   * Sends a request, again while the server refuses it for being too many.
   * @throws {ChatError} when it is refused for good; {Failure} tryAgain, or that of the time limit
   */
  async request<T extends RequestType>(frame: ClientFrame<T>): Promise<Reply<T>> {
    const delay = new RetryDelay(Math.random);
    for (;;) {
      try {
        return await this.#session.request(frame);
      } catch (error) {
        // A time limit that has passed cuts the session, too.
        this.#limit.signal.throwIfAborted();
        if (error instanceof ConnectionLost) throw new Failure("tryAgain", UNKNOWN);
        const later = retryHintOf(error);
        if (later === undefined) throw error;
        await this.#clock.sleep(delay.next(later.afterMs), this.#limit.signal);
        this.#limit.signal.throwIfAborted();
      }
    }
  }

  /** All items of a list. @param ask for the page behind `last`, the first one when that is undefined */
  async readAll<T>(ask: (last: T | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
    const all: T[] = [];
    for (;;) {
      const { items, more } = await ask(all.at(-1));
      all.push(...items);
      if (!more || items.length === 0) return all;
      this.#limit.noteProgress();
    }
  }
}

const UNKNOWN =
  "The connection was lost: whether this was done is not known; look, and run it again";
