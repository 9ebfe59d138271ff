// Reads a room's history page by page, oldest first, as fast as the server allows. Holds one page at a
// time, however long the history is; missing messages are reported, never skipped silently.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import type { RoomEvent } from "../../wire/event.ts";
import type { SleepClock } from "../../time.ts";
import { Failure, type RetryHint, retryHintOf } from "../exit.ts";
import { PageRate } from "./page_rate.ts";
import { RetryDelay } from "../link/retry_delay.ts";
import type { Session } from "../link/session.ts";

const FULL_PAGE = 100;

interface HistoryRange {
  readonly room: string;
  /** Only events below this seq; without it the newest. */
  readonly before?: number;
  /** How many events at most: the newest ones of the range. */
  readonly limit: number;
}

export interface HistoryPage {
  /** In the order of their seq; every event of the range comes once. */
  readonly events: readonly RoomEvent[];
  /** The seq of the range's last event. */
  readonly last: number;
  /** The messages that the server has left out before these: from and to, both included. */
  readonly missing?: { readonly from: number; readonly to: number };
}

interface PagingOptions {
  readonly session: Session;
  readonly clock: SleepClock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Ends the waits. */
  readonly signal?: AbortSignal;
  /** The server refuses the next page for now; it is asked for again. Must return at once. */
  readonly slowed?: (later: RetryHint) => void;
}

/**
 * The pages of the range, oldest first; each is passed on before the next is requested.
 * @throws {Failure} protocol, when the server stops before the end of the range
 */
export async function* readHistory(
  range: HistoryRange,
  options: PagingOptions,
): AsyncGenerator<HistoryPage, void, void> {
  const { room, before, limit } = range;
  const pages = new HistoryReader(options);
  const newest = await pages.ask({ type: "history", room, limit, before });
  const events = above(newest.events, 0).slice(-limit);
  const last = events.at(-1)?.seq;
  if (last === undefined) return;
  if (events.length >= limit || !newest.more_before) return yield { events, last };
  // Longer than a page: from where it begins, a page at a time, up to where it ended then.
  const first = Math.max(0, last - limit);
  for (let after = first; after < last;) {
    const page = await pages.ask({ type: "history", room, after, limit: FULL_PAGE });
    const events = above(page.events, after).filter(({ seq }) => seq <= last);
    const [start] = events;
    const end = events.at(-1);
    if (start === undefined || end === undefined) {
      throw new Failure("protocol", `The server gave no messages from seq ${after + 1} to ${last}`);
    }
    // Before the first page there may be nothing any more; between two nothing may be left out.
    const isWhole = start.seq === after + 1 || (after === first && !page.more_before);
    const missing = isWhole ? undefined : { from: after + 1, to: start.seq - 1 };
    yield { events, last, missing };
    after = end.seq;
  }
}

/** Asks for pages, each again and again while the server wants it slower. */
export class HistoryReader {
  readonly #options: PagingOptions;
  readonly #pace = new PageRate();

  constructor(options: PagingOptions) {
    this.#options = options;
  }

  /** @throws {ChatError | ConnectionLost} */
  async ask(frame: ClientFrame<"history">): Promise<ServerFrame<"page">> {
    const { session, clock, random, signal, slowed } = this.#options;
    const delay = new RetryDelay(random);
    const waitMs = this.#pace.waitMs(clock.monotonic());
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    for (;;) {
      const askedAt = clock.monotonic();
      try {
        const page = await session.request(frame);
        this.#pace.allowed(askedAt);
        return page;
      } catch (error) {
        const later = error instanceof ChatError ? retryHintOf(error) : undefined;
        if (later === undefined) throw error;
        slowed?.(later);
        const ms = delay.next(later.afterMs);
        this.#pace.refused(clock.monotonic() + ms);
        await clock.sleep(ms, signal);
      }
    }
  }
}

/** The events above a seq, each seq once and in its order, whatever the server has sent. */
function above(events: readonly RoomEvent[], seq: number): readonly RoomEvent[] {
  let last = seq;
  return events.filter((event) => {
    if (event.seq <= last) return false;
    last = event.seq;
    return true;
  });
}
