// What a join or leave in another terminal of the same person does to a conversation. Pure.

import type { ServerFrame } from "../../wire/frame.ts";
import {
  andThen,
  applied,
  type Conversation,
  type Step,
  step,
  withLog,
} from "./conversation_state.ts";
import { describeRemoval } from "../output/moderation_wording.ts";
import { describeFollowed, describeLeft } from "../output/wording.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import { leaveRoom } from "./entering.ts";
import { resumeRequests } from "./resumption.ts";
import { logFrom, openLog } from "./room_log.ts";
import { notice } from "../../terminal/view_lines.ts";

/** Another connection of this person has joined or left. */
export function receiveOwnPresence(
  conversation: Conversation,
  frame: ServerFrame<"joined" | "left">,
): Step {
  const { type, room } = frame;
  const log = conversation.logs.get(room);
  if (!conversation.policy.followsMemberships) {
    // The server sends this connection nothing more of the room; a program that follows it reads on.
    if (type === "joined" || log === undefined) return step(conversation);
    const logs = new Map([[room, log]]);
    return step(conversation, [], resumeRequests({ ...conversation, logs }));
  }
  if (type === "joined") {
    if (log !== undefined) return step(conversation);
    const following = new Set(conversation.following).add(room);
    return step({ ...conversation, following }, [], [{ frame: { type: "join", room } }]);
  }
  const following = new Set(conversation.following);
  following.delete(room);
  if (log === undefined) return step({ ...conversation, following });
  const next = { ...conversation, following };
  const isRemoval = frame.type === "left" && frame.code !== undefined;
  const text = isRemoval ? describeRemoval(frame, { isOwn: true }) : describeLeft(room, true);
  return andThen(step(next, [notice(text)]), leaveRoom(next, room));
}

/** A room that was joined in another terminal is followed here, too; the current room stays. */
export function receiveFollowed(conversation: Conversation, frame: ServerFrame<"room">): Step {
  const { room, last } = frame;
  const following = new Set(conversation.following);
  following.delete(room);
  const { current = room } = conversation;
  const next = { ...conversation, following, current };
  const isInquiry = inquiryOf(room) !== undefined;
  const when = "in another terminal";
  const lines = [notice(describeFollowed(room, { current, when, isInquiry }))];
  // All messages of an inquiry are the person's own question and its answer.
  if (isInquiry && last > 0) {
    const opened = applied(next, room, openLog({ ...logFrom(0), oldest: last + 1 }, last));
    return { ...opened, lines: [...lines, ...opened.lines] };
  }
  return step(withLog(next, { room, log: logFrom(last) }), lines);
}
