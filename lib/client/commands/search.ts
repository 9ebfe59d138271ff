// `search WORDS`: prints messages that have these words, the newest first, from all rooms that the user may
// read.

import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { requestPatiently } from "../link/patient_request.ts";
import { withSession } from "../link/with_session.ts";
import { formatDuration } from "../output/durations.ts";
import { createEventView } from "../output/plain_and_json_views.ts";
import type { RoomEvent } from "../../wire/event.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";

interface SearchOptions {
  readonly query: string;
  readonly limit: number;
  readonly json: boolean;
  readonly showsSeq?: boolean;
  /** How long to wait for the next page. */
  readonly timeoutMs: number;
}

const PAGE = 100;

type Ask = (page: ClientFrame<"search">) => Promise<ServerFrame<"found">>;

/**
 * @returns how many messages were found
 * @throws {Failure} refused when the server does not take the query; timeout
 */
export async function search(context: ClientContext, options: SearchOptions): Promise<number> {
  const { timeoutMs } = options;
  const view = createEventView(context.output, { ...options, showsRooms: true });
  const overdue = new Failure("timeout", `No answer within ${formatDuration(timeoutMs)}`);
  let count = 0;
  await withSession(context, { timeoutMs, overdue: () => overdue }, async (session, limit) => {
    const ask: Ask = (page) => requestPatiently(context, page, { session, limit });
    for await (const events of findPages(ask, options)) {
      limit.noteProgress();
      count += events.length;
      view.show(events.map((event) => ({ kind: "event", event })));
      await limit.pauseDuring(context.output.whenRoom());
    }
  });
  return count;
}

/** The hits page by page, as many as are wanted. */
async function* findPages(
  ask: Ask,
  { query, limit }: SearchOptions,
): AsyncGenerator<readonly RoomEvent[], void, void> {
  let left = limit;
  let from: string | undefined;
  do {
    const page = { type: "search", query, limit: Math.min(left, PAGE), from } as const;
    const { events, more, next } = await ask(page);
    yield events.slice(0, left);
    left -= events.length;
    from = more ? next : undefined;
  } while (from !== undefined && left > 0);
}
