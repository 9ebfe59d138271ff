// The client's state as a pure function of the frames, in the order in which they came. A frame goes
// in; the new conversation, the lines to show and the requests to send come out. Knows no socket, no
// clock and no view.

import type { ClientFrame, ServerFrame, ServerFrames, ServerFrameType } from "../../wire/frame.ts";
import type { RoomEvent } from "../../wire/event.ts";
import {
  andThen,
  applied,
  type Conversation,
  type Step,
  step,
  withLog,
} from "./conversation_state.ts";
import {
  receiveDecision,
  receiveInquiryReply,
  receiveProgress,
  receiveQueue,
  receiveReport,
  receiveResponse,
} from "./desk/desk_frames.ts";
import { withoutTyping, withPresence, withTyping } from "./activity.ts";
import { receiveDesk, withDeskCut } from "./desk/desk_log.ts";
import { isWork, receiveWork } from "./desk/desk_work.ts";
import { failure, notice } from "../../terminal/view_lines.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import {
  describeAdded,
  describeEntered,
  describeLeft,
  describePresence,
  describeRefusal,
} from "../output/wording.ts";
import { NO_INQUIRIES } from "./desk/inquiry_facts.ts";
import { withQuestion, withQuestions } from "./desk/questions.ts";
import { receiveRegistered } from "./account_frames.ts";
import { receiveMembers, receiveRooms } from "./lists.ts";
import {
  receiveBans,
  receiveIgnored,
  receiveIgnores,
  receiveModeration,
  receiveStanding,
  withIgnoresAsked,
  withoutIgnored,
} from "./moderation_frames.ts";
import { receiveFollowed, receiveOwnPresence } from "./other_terminals.ts";
import { enterRoom, enterUnbegun, leaveRoom, opened, withEntered } from "./entering.ts";
import type { ConversationPolicy } from "./conversation_policies.ts";
import { withFacts } from "./room_facts.ts";
import { receivePage } from "./pages.ts";
import {
  askAgain,
  receiveResumed,
  receiveUnread,
  receiveWelcome,
  resumeRequests,
} from "./resumption.ts";
import { receiveBotLoop, receiveNote, withDrafts } from "./desk/notes.ts";
import { cutLog, logFrom, openLog, takeLive } from "./room_log.ts";

/** A conversation in which nothing has been received. */
export function newConversation(policy: ConversationPolicy): Conversation {
  return {
    policy,
    logs: new Map(),
    entered: new Set(),
    following: new Set(),
    opening: new Set(),
    facts: new Map(),
    ...NO_INQUIRIES,
  };
}

/** Follows a room from `cursor` on; the next `resume` names it. */
export function follow(conversation: Conversation, room: string, cursor: number): Conversation {
  return withLog(conversation, { room, log: logFrom(cursor) });
}

/** The connection is gone: no awaited page will come, the cursors stay. */
export function disconnected(conversation: Conversation): Conversation {
  const logs = new Map([...conversation.logs].map(([room, log]) => [room, cutLog(log)]));
  const cut = withDeskCut({ ...conversation, logs });
  const nothing = { following: new Set<string>(), opening: new Set<string>() };
  return { ...cut, ...nothing, activity: new Map(), wasCut: true };
}

/**
 * Takes one frame. `request` is the conversation's own request that the frame replies to, if it is a
 * reply; frames must come in the order of the wire, replies and events alike.
 */
export function receive(
  conversation: Conversation,
  frame: ServerFrame,
  request?: ClientFrame,
): Step {
  const receiver = RECEIVERS[frame.type] as Receiver<ServerFrameType>;
  return withoutIgnored(receiver(withFacts(conversation, frame), frame, request));
}

type Receiver<T extends ServerFrameType> = (
  conversation: Conversation,
  frame: ServerFrame<T>,
  request: ClientFrame | undefined,
) => Step;

const ignored = (conversation: Conversation): Step => step(conversation);

const RECEIVERS: { readonly [T in keyof ServerFrames]: Receiver<T> } = {
  welcome: (conversation, frame) => withIgnoresAsked(receiveWelcome(conversation, frame), frame),
  ok: receiveOk,
  error: receiveError,
  bye: ignored,
  ping: ignored,
  pong: ignored,
  room: receiveRoom,
  rooms: receiveRooms,
  members: receiveMembers,
  joined: (conversation, frame) => receivePresence(conversation, frame),
  left: (conversation, frame) => receivePresence(conversation, frame),
  topic: (conversation, frame) => receiveEvent(conversation, frame),
  added: (conversation, frame) => step(conversation, [notice(describeAdded(frame))]),
  typing: (conversation, frame) => step(withTyping(conversation, frame)),
  presence: (conversation, frame) => step(withPresence(conversation, frame)),
  count: ignored,
  message: (conversation, frame) => receiveEvent(conversation, frame),
  response: (conversation, frame) => receiveEvent(conversation, frame),
  edit: (conversation, frame) => receiveEvent(conversation, frame),
  delete: (conversation, frame) => receiveEvent(withDrafts(conversation, [frame]), frame),
  decision: (conversation, frame) => receiveEvent(conversation, frame),
  closed: (conversation, frame) => receiveEvent(conversation, frame),
  question: ignored,
  progress: receiveProgress,
  desk: (conversation, frame) =>
    conversation.logs.has(frame.room)
      ? receiveEvent(conversation, frame)
      : receiveDesk(conversation, frame),
  queue: receiveQueue,
  report: receiveReport,
  canned: ignored,
  bot_loop: receiveBotLoop,
  draft: (conversation, frame) => receiveEvent(withDrafts(conversation, [frame]), frame),
  note: receiveNote,
  page: receivePage,
  resumed: receiveResumed,
  read: ignored,
  stats: ignored,
  tokens: ignored,
  token: ignored,
  code: ignored,
  codes: ignored,
  standing: receiveStanding,
  bans: receiveBans,
  moderation: receiveModeration,
  ignores: receiveIgnores,
  account: ignored,
  found: ignored,
  inbox: ignored,
  laters: ignored,
  accounts: ignored,
  whois: ignored,
};

function receiveOk(
  conversation: Conversation,
  frame: ServerFrame<"ok">,
  request?: ClientFrame,
): Step {
  if (request?.type === "inquiry") return receiveInquiryReply(conversation, frame);
  if (request?.type === "ignore") return receiveIgnored(conversation, { frame, request });
  if (request?.type === "register") return receiveRegistered(conversation, frame);
  if (request?.type === "respond") return receiveResponse(conversation, frame, request);
  if (request?.type === "decide") return receiveDecision(conversation, frame, request);
  if (isWork(request)) return receiveWork(conversation, frame, request);
  if (request?.type !== "leave") return step(conversation);
  // The request has the name as it was typed, with other capitals perhaps.
  const { room = request.room } = frame;
  const announced = step(conversation, [notice(describeLeft(room, false))]);
  const log = conversation.logs.get(room);
  const left = andThen(announced, leaveRoom(conversation, room));
  if (log === undefined || !conversation.policy.alwaysFollows.includes(room)) return left;
  const asks = resumeRequests({ ...left.conversation, logs: new Map([[room, log]]) });
  return andThen(left, step(withLog(left.conversation, { room, log }), [], asks));
}

function receiveError(
  conversation: Conversation,
  frame: ServerFrame<"error">,
  request?: ClientFrame,
): Step {
  if (request?.type === "resume") return receiveUnread(conversation, { frame, request });
  if (request?.type === "history" && request.before === undefined) {
    return receiveUnread(conversation, { frame, request });
  }
  if (request?.type === "history" && conversation.opening.has(request.room)) {
    return step(opened(conversation, request.room), [failure(frame.message)]);
  }
  if (request?.type === "join" && frame.code === "no_such_room" && request.room.startsWith("@")) {
    return enterUnbegun(conversation, request.room);
  }
  if (request?.type === "join" && frame.retry === true) {
    return step(conversation, [], [askAgain(frame, request)]);
  }
  return step(conversation, [failure(describeRefusal(frame, request))]);
}

function receiveRoom(conversation: Conversation, frame: ServerFrame<"room">): Step {
  if (conversation.following.has(frame.room)) return receiveFollowed(conversation, frame);
  const { room, last } = frame;
  const title = notice(describeEntered(frame));
  const known = conversation.logs.get(room);
  if (known !== undefined) return enterRoom(conversation, room);
  const current = withEntered(conversation, room);
  if (last === 0) {
    const next = withLog(current, { room, log: logFrom(0) });
    return step(next, [title, notice("No messages yet")]);
  }
  const first = applied(current, room, openLog({ ...logFrom(0), oldest: last + 1 }, last));
  return { ...first, lines: [title, ...first.lines] };
}

function receivePresence(conversation: Conversation, frame: ServerFrame<"joined" | "left">): Step {
  if (frame.user === conversation.you?.user) return receiveOwnPresence(conversation, frame);
  const { policy, logs, current } = conversation;
  const isShown = policy.showsPresence && logs.has(frame.room);
  const isOtherRoom = policy.hasPlaces && current !== undefined && frame.room !== current;
  if (!isShown || isOtherRoom) return step(conversation);
  const line = notice(describePresence(frame));
  // A removal has its reason, and is shown by itself.
  if (frame.type === "left" && frame.code !== undefined) return step(conversation, [line]);
  const { room, from, type: change } = frame;
  return step(conversation, [{ ...line, presence: { room, from, change } }]);
}

function receiveEvent(conversation: Conversation, event: RoomEvent): Step {
  const known = conversation.logs.get(event.room);
  if (known === undefined && !conversation.policy.followsNewRooms) return step(conversation);
  // A room that was not asked for: a direct conversation has begun.
  const log = known ?? logFrom(event.seq - 1);
  const inquiry = event.type === "message" ? inquiryOf(event.room) : undefined;
  const next = inquiry === undefined
    ? conversation
    : withQuestions(withQuestion(conversation, { inquiry, ...event }), [event], { isWhole: false });
  return applied(withoutTyping(next, event), event.room, takeLive(log, event));
}
