// How a conversation continues after a cut, from its cursors, if they are still valid. Each room is resumed
// completely or not at all; the incomplete rooms are filled by pages. Pure.

import type { ErrorCode } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import type { Resumed } from "../../wire/summaries.ts";
import { DESK } from "../../wire/room_ref.ts";
import { Failure, reasonOf } from "../exit.ts";
import { deskRequests, receiveDeskResumed } from "./desk/desk_log.ts";
import { withoutInquiries } from "./desk/inquiry_facts.ts";
import {
  andThen,
  applied,
  type Ask,
  type Conversation,
  type Step,
  step,
} from "./conversation_state.ts";
import { leaveRoom } from "./entering.ts";
import { followWelcome } from "./followed_rooms.ts";
import { failure, formatRoom, type Line, notice } from "../../terminal/view_lines.ts";
import { describeGap, describeUnreadable } from "../output/wording.ts";
import { logFrom, openLog, resumePoint, type RoomLog, withoutPage } from "./room_log.ts";

/** How many rooms one `resume` names: the replay of the first then need not wait for the last. */
const RESUME_ROOMS = 50;
/** After how long a refused request is sent again, unless the server says, in milliseconds. */
const AGAIN_MS = 1_000;

/** The requests by which these rooms are followed from their cursors on. */
export function resumeRequests(
  { epoch, logs }: Pick<Conversation, "epoch" | "logs">,
): readonly Ask[] {
  const rooms = [...logs].map(([room, log]) => ({ room, seq: resumePoint(log) }));
  const asks: Ask[] = [];
  for (let i = 0; i < rooms.length; i += RESUME_ROOMS) {
    const some = rooms.slice(i, i + RESUME_ROOMS);
    asks.push({ frame: { type: "resume", epoch, rooms: some } });
  }
  return asks;
}

/** Takes the welcome of a session: continues where the last one ended, unless the epoch is another. */
export function receiveWelcome(conversation: Conversation, frame: ServerFrame<"welcome">): Step {
  const you = frame.you ?? undefined;
  const next = { ...conversation, epoch: frame.epoch, you: you ?? conversation.you };
  const lines: Line[] = [];
  const before = conversation.you;
  if (before !== undefined && you !== undefined && before.name !== you.name) {
    lines.push(notice(`You are ${you.name} now: the name ${before.name} is taken`));
  }
  if (conversation.epoch === undefined || conversation.epoch === frame.epoch) {
    const isBack = next.policy.followsMemberships && before !== undefined &&
      before.user === you?.user;
    const followed = isBack ? followWelcome(next, frame) : step(next);
    const { conversation: current } = followed;
    const asks = [...resumeRequests(current), ...deskRequests(current), ...followed.asks];
    return step(current, [...lines, ...followed.lines], asks);
  }
  lines.push(notice("The server's messages were replaced or restored: starting over"));
  return { ...startOver(withoutInquiries(next)), lines };
}

/** Another epoch: the cursors mean nothing, so the rooms are entered as if for the first time. */
function startOver(conversation: Conversation): Step {
  const { current, logs } = conversation;
  const rooms = [...logs.keys()].filter((room) => room !== current);
  if (current !== undefined) rooms.push(current);
  if (conversation.policy.followsMemberships) {
    const asks = rooms.map((room) => ({ frame: { type: "join" as const, room } }));
    return step({ ...conversation, logs: new Map() }, [], asks);
  }
  const next = { ...conversation, logs: new Map(rooms.map((room) => [room, logFrom(0)])) };
  return step(next, [], resumeRequests(next));
}

/** Takes the reply to a `resume`. */
export function receiveResumed(conversation: Conversation, frame: ServerFrame<"resumed">): Step {
  let next = step(conversation);
  const recovered: string[] = [];
  for (const resumed of frame.rooms) {
    if (resumed.room === DESK) next = andThen(next, receiveDeskResumed(next.conversation, resumed));
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
  const { policy } = conversation;
  if ("error" in resumed) {
    const message = describeUnreadable(room, resumed.error);
    const left = leaveRoom(conversation, room);
    const announced = unreadable(conversation, { code: resumed.error, message });
    return andThen(announced, left);
  }
  if (resumed.recovered) {
    if (log.phase.at !== "opening") return step(conversation);
    return applied(conversation, room, openLog(log, log.phase.boundary));
  }
  if (resumed.reason === "epoch") {
    const restored = notice(`${formatRoom(room)} was restored to an earlier state: starting over`);
    const base = { ...logFrom(0), oldest: resumed.last + 1 };
    const fresh = applied(conversation, room, policy.fillGap(base, resumed.last));
    return { ...fresh, lines: [restored, ...fresh.lines] };
  }
  const gap = notice(describeGap(resumed, policy.gapHint));
  const filled = applied(conversation, room, policy.fillGap(log, resumed.last));
  return { ...filled, lines: [gap, ...filled.lines] };
}

/** A room cannot be read, or not any more: a line for a person, the end of a program. */
export function unreadable(
  conversation: Conversation,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
): Step {
  return conversation.policy.endsWithRoom
    ? { ...step(conversation), end: new Failure(reasonOf(code), message) }
    : step(conversation, [failure(message)]);
}

/** A resume or a page was refused: for now, then the conversation asks again; or for good. */
export function receiveUnread(
  conversation: Conversation,
  { frame, request }: {
    readonly frame: ServerFrame<"error">;
    readonly request: ClientFrame<"resume" | "history">;
  },
): Step {
  if (frame.retry === true) return step(conversation, [], [askAgain(frame, request)]);
  const { code, message } = frame;
  if (request.type === "resume") return unreadable(conversation, { code, message });
  const log = conversation.logs.get(request.room);
  const refused = failure(message);
  if (log === undefined) return step(conversation, [refused]);
  const gone = applied(conversation, request.room, withoutPage(log));
  return { ...gone, lines: [refused, ...gone.lines] };
}

/** The request once more, when the server is ready for it. */
export function askAgain({ after_ms = AGAIN_MS }: ServerFrame<"error">, request: ClientFrame): Ask {
  return { frame: request, afterMs: after_ms };
}
