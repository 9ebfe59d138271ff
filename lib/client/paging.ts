// Reads a room's history page by page, oldest first, as patiently as the server wants it. Holds one
// page at a time, however long the history is.

import { ChatError } from "../wire/errors.ts";
import type { ClientFrame, RoomEvent, ServerFrame } from "../wire/frame.ts";
import type { Clock } from "./clock.ts";
import type { Session } from "./session.ts";

const FULL_PAGE = 100;
const AGAIN_MS = 1_000;

export interface HistoryRange {
  readonly room: string;
  /** Only events below this seq; without it the newest. */
  readonly before?: number;
  /** How many events at most: the newest ones of the range. */
  readonly limit: number;
}

export interface PagingOptions {
  readonly session: Session;
  readonly clock: Clock;
}

/** The pages of the range, oldest first; each is handed on before the next is asked for. */
export async function* readHistory(
  range: HistoryRange,
  options: PagingOptions,
): AsyncGenerator<readonly RoomEvent[], void, void> {
  const { room, before, limit } = range;
  const position = before === undefined ? {} : { before };
  const newest = await askHistory({ type: "history", room, limit, ...position }, options);
  const last = newest.events.at(-1)?.seq;
  if (last === undefined) return;
  if (newest.events.length >= limit || !newest.more_before) return yield newest.events;
  // Longer than a page: from where it begins, a page at a time, up to where it ended then.
  for (let after = Math.max(0, last - limit); after < last;) {
    const page = await askHistory({ type: "history", room, after, limit: FULL_PAGE }, options);
    const events = page.events.filter(({ seq }) => seq > after && seq <= last);
    const end = events.at(-1)?.seq;
    if (end === undefined) return;
    yield events;
    after = end;
  }
}

/** Asks for a page, again and again while the server wants it slower. */
export async function askHistory(
  frame: ClientFrame<"history">,
  { session, clock }: PagingOptions,
): Promise<ServerFrame<"page">> {
  for (;;) {
    try {
      return await session.request(frame);
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== "rate_limited") throw error;
      await clock.sleep(error.details.afterMs ?? AGAIN_MS);
    }
  }
}
