// `history ROOM`: what was said, oldest first, and done.

import { type ClientContext, withSession } from "../context.ts";
import { Failure } from "../exit.ts";
import { readHistory } from "../paging.ts";
import { JsonView, PlainView } from "../view.ts";

export interface HistoryOptions {
  readonly room: string;
  readonly before?: number;
  readonly limit: number;
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** @throws {Failure} when the history cannot be had whole. */
export async function history(context: ClientContext, options: HistoryOptions): Promise<void> {
  const { room, before, limit, json, timeoutMs } = options;
  const view = json ? new JsonView(context.output) : new PlainView(context.output);
  const late = `The server did not answer within ${timeoutMs / 1_000} s`;
  const deadline = { ms: timeoutMs, failure: new Failure("timeout", late) };
  const range = { room, limit, ...(before === undefined ? {} : { before }) };
  await withSession(context, { deadline }, async (session) => {
    for await (const events of readHistory(range, { session, clock: context.clock })) {
      view.show(events.map((event) => ({ kind: "event", event })));
      await context.output.whenRoom();
    }
  });
}
