// `rooms`: prints the rooms that the user may see, by name.

import { safeJson, safeText } from "../../terminal/safe_text.ts";
import type { RoomSummary } from "../../wire/summaries.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { requestPatiently } from "../link/patient_request.ts";
import { withSession } from "../link/with_session.ts";
import { formatDuration } from "../output/durations.ts";
import { describeRoom } from "../output/wording.ts";

interface RoomsOptions {
  readonly isJoined: boolean;
  readonly json: boolean;
  /** How long to wait for the next page. */
  readonly timeoutMs: number;
}

const PAGE = 100;

/** @throws {Failure} */
export async function rooms(context: ClientContext, options: RoomsOptions): Promise<void> {
  const { output } = context;
  const { isJoined, json, timeoutMs } = options;
  const overdue = () => new Failure("timeout", `No answer within ${formatDuration(timeoutMs)}`);
  const format = json ? safeJson : (room: RoomSummary) => safeText(describeRoom(room));
  await withSession(context, { timeoutMs, overdue }, async (session, limit) => {
    const joined = isJoined ? true : undefined;
    for (let after: string | undefined, isMore = true; isMore;) {
      const page = { type: "rooms", after, limit: PAGE, joined } as const;
      const { rooms, more } = await requestPatiently(context, page, { session, limit });
      limit.noteProgress();
      output.stdout(rooms.map((room) => `${format(room)}\n`).join(""));
      await limit.pauseDuring(output.whenRoom());
      after = rooms.at(-1)?.room;
      isMore = more && after !== undefined;
    }
  });
}
