// Counts the messages of a room since a time, by bisection, because the server finds messages by seq. Knows
// nothing of what is printed.

import type { HistoryReader } from "./paging.ts";

interface RangeSince {
  readonly room: string;
  /** Only messages below this seq. */
  readonly before?: number | undefined;
  readonly sinceMs: number;
}

/** The number of seqs from the first message at or after the time up to the end of the range. */
export async function countSince(
  { room, before, sinceMs }: RangeSince,
  reader: HistoryReader,
): Promise<number> {
  const newest = await reader.ask({ type: "history", room, before, limit: 1 });
  const last = newest.events.at(-1);
  if (last === undefined || last.time < sinceMs) return 0;
  // What is before `low` is older; the event at `high` is not.
  let [low, high] = [1, last.seq];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const page = await reader.ask({ type: "history", room, after: middle - 1, limit: 1 });
    const event = page.events.at(0);
    // The events from here to the end may be gone, as far as this server knows.
    if (event === undefined || event.seq >= high) high = middle;
    else if (event.time < sinceMs) low = event.seq + 1;
    else high = middle;
  }
  return last.seq - low + 1;
}
