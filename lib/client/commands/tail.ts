// `tail ROOM`: prints every message of a room as it comes, once, until it is interrupted. It continues
// after restarts of the server and cuts of the network.

import type { ClientContext } from "../context.ts";
import { FollowRun } from "../follow/follow_run.ts";
import { withReconnects } from "../link/with_reconnects.ts";
import { createEventView } from "../output/plain_and_json_views.ts";

export interface TailOptions {
  readonly room: string;
  /** How many of the messages before now are shown first. */
  readonly history: number;
  /** Everything above this seq is shown, however long ago; goes before `history`. */
  readonly since?: number;
  readonly json: boolean;
  readonly showsSeq?: boolean;
}

/** Follows until the context's signal aborts. @throws {Failure} when no retry can help. */
export async function tail(context: ClientContext, options: TailOptions): Promise<void> {
  const { output } = context;
  const view = createEventView(output, options);
  const whenRoom = () => output.whenRoom();
  using run = new FollowRun<never>(context, { ...options, view, whenRoom });
  await withReconnects(context, run);
}
