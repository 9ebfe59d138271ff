// How a conversation goes on after a cut: from its cursors, if they still count; whole or not at all
// in each room; and what is done about the rooms that are not whole. Pure.

import type { Resumed, ServerFrame } from "../../wire/frame.ts";
import {
  andThen,
  applied,
  type Ask,
  type Conversation,
  type Step,
  step,
  withoutLog,
} from "./conversation_state.ts";
import { followWelcome } from "./followed_rooms.ts";
import { failure, formatRoom, type Line, notice } from "../../terminal/line.ts";
import { catchUp, logFrom, openLog, resumePoint, type RoomLog } from "./room_log.ts";

/** How many rooms one `resume` names: what is missed is then sent as soon as the first are answered. */
const RESUME_ROOMS = 50;

/** The requests that make every known room heard again. */
export function resumeRequests(conversation: Conversation): readonly Ask[] {
  const { epoch } = conversation;
  const rooms = [...conversation.logs].map(([room, log]) => ({ room, seq: resumePoint(log) }));
  const asks: Ask[] = [];
  for (let i = 0; i < rooms.length; i += RESUME_ROOMS) {
    const some = rooms.slice(i, i + RESUME_ROOMS);
    asks.push({
      frame: { type: "resume", ...(epoch === undefined ? {} : { epoch }), rooms: some },
    });
  }
  return asks;
}

/** Takes the greeting of a session: goes on where the last one ended, unless the epoch is another. */
export function receiveWelcome(conversation: Conversation, frame: ServerFrame<"welcome">): Step {
  const you = frame.you ?? undefined;
  const next = { ...conversation, epoch: frame.epoch, ...(you === undefined ? {} : { you }) };
  const lines: Line[] = [];
  const before = conversation.you;
  if (before !== undefined && you !== undefined && before.name !== you.name) {
    lines.push(notice(`You are ${you.name} now; ${before.name} is another's`));
  }
  if (conversation.epoch === undefined || conversation.epoch === frame.epoch) {
    const isBack = next.mode === "talk" && before !== undefined && before.user === you?.user;
    const { conversation: current, lines: news } = isBack ? followWelcome(next, frame) : step(next);
    return step(current, [...lines, ...news], resumeRequests(current));
  }
  lines.push(notice("The server's messages were replaced or restored: starting afresh"));
  return { ...startAfresh(next), lines };
}

/** Another epoch: the cursors are void, so the rooms are entered as if for the first time. */
function startAfresh(conversation: Conversation): Step {
  const { current, logs } = conversation;
  const rooms = [...logs.keys()].filter((room) => room !== current);
  if (current !== undefined) rooms.push(current);
  if (conversation.mode === "talk") {
    const asks = rooms.map((room) => ({ frame: { type: "join" as const, room } }));
    return step({ ...conversation, logs: new Map() }, [], asks);
  }
  const next = { ...conversation, logs: new Map(rooms.map((room) => [room, logFrom(0)])) };
  return step(next, [], resumeRequests(next));
}

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
