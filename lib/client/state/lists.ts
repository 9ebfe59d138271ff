// Lists of rooms and members, page by page. Pure.

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { notice } from "../../terminal/view_lines.ts";
import { describeHere, describeMembers, describeRoom } from "../output/wording.ts";
import { type Conversation, type Step, step } from "./conversation_state.ts";

export function receiveRooms(
  conversation: Conversation,
  frame: ServerFrame<"rooms">,
  request?: ClientFrame,
): Step {
  const lines = frame.rooms.map((room) => notice(describeRoom(room)));
  const after = frame.rooms.at(-1)?.room;
  if (!frame.more || request?.type !== "rooms" || after === undefined || after === request.after) {
    return step(conversation, lines);
  }
  return step(conversation, lines, [{ frame: { type: "rooms", after } }]);
}

export function receiveMembers(
  conversation: Conversation,
  frame: ServerFrame<"members">,
  request?: ClientFrame,
): Step {
  const isWhole = !frame.more && request?.type === "members" && request.after === undefined;
  const title = isWhole ? [describeHere(frame)] : [];
  const lines = [...title, ...describeMembers(frame)].map(notice);
  const after = frame.members.at(-1)?.name;
  if (!frame.more || request?.type !== "members" || after === undefined) {
    return step(conversation, lines);
  }
  // Guests may have the same name, but a page that goes no further would be asked for without end.
  if (after === request.after) return step(conversation, lines);
  return step(conversation, lines, [{ frame: { type: "members", room: frame.room, after } }]);
}
