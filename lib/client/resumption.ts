// What became of the cursors after a cut: whole or not at all in each room, and what is done about the
// rooms that are not whole. Pure.

import type { Resumed, ServerFrame } from "../wire/frame.ts";
import {
  andThen,
  applied,
  type Conversation,
  type Step,
  step,
  withoutLog,
} from "./conversation_state.ts";
import { failure, formatRoom, notice } from "../terminal/line.ts";
import { catchUp, logFrom, openLog, type RoomLog } from "./room_log.ts";

/** Takes the answer to a `resume`. */
export function receiveResumed(conversation: Conversation, frame: ServerFrame<"resumed">): Step {
  let next = step(conversation);
  const recovered: string[] = [];
  for (const resumed of frame.rooms) {
    const log = next.conversation.logs.get(resumed.room);
    if (log === undefined) continue;
    if ("recovered" in resumed && resumed.recovered && resumed.missed > 0) {
      recovered.push(`${resumed.missed} in ${formatRoom(resumed.room)}`);
    }
    next = andThen(next, resumedRoom(next.conversation, resumed, log));
  }
  if (recovered.length === 0 || conversation.wasCut !== true) return next;
  const missed = notice(`Missed meanwhile: ${recovered.join(", ")} · nothing lost`);
  return { ...next, lines: [missed, ...next.lines] };
}

function resumedRoom(conversation: Conversation, resumed: Resumed, log: RoomLog): Step {
  const { room } = resumed;
  const name = formatRoom(room);
  if ("error" in resumed) {
    const gone = failure(`${name} can no longer be heard (${resumed.error})`);
    // Without its room there is nothing to follow: that ends the command, which says why.
    return step(withoutLog(conversation, room), conversation.mode === "talk" ? [gone] : []);
  }
  if (resumed.recovered) {
    if (log.phase.at !== "opening") return step(conversation);
    return applied(conversation, room, openLog(log, log.phase.boundary));
  }
  if (resumed.reason === "epoch") {
    const restored = notice(`${name} was restored to an earlier state: starting afresh`);
    const base = { ...logFrom(0), oldest: resumed.last + 1 };
    const opened = conversation.mode === "talk"
      ? openLog(base, resumed.last)
      : catchUp(base, resumed.last);
    const fresh = applied(conversation, room, opened);
    return { ...fresh, lines: [restored, ...fresh.lines] };
  }
  const lines = [notice(describeGap(conversation, resumed))];
  const read = conversation.mode === "talk" ? openLog : catchUp;
  const caughtUp = applied(conversation, room, read(log, resumed.last));
  return { ...caughtUp, lines: [...lines, ...caughtUp.lines] };
}

function describeGap(
  { mode }: Conversation,
  { room, missed, reason }: Extract<Resumed, { recovered: false }>,
): string {
  const gap = `${missed} missed in ${formatRoom(room)}`;
  const kept = reason === "retention" ? "; the oldest of them are no longer kept" : "";
  return mode === "follow"
    ? `${gap}, reading them page by page${kept}`
    : `${gap}${kept}; the newest follow, /history shows older ones`;
}
