// What the client knows: a pure function of the frames, in the order in which they came. A frame
// goes in; the new conversation, the lines to show and the requests to send come out. Knows no
// socket, no clock and no view.

import type {
  ClientFrame,
  Resumed,
  RoomEvent,
  RoomSummary,
  ServerFrame,
  ServerFrames,
  ServerFrameType,
  You,
} from "../wire/frame.ts";
import { countOf, failure, formatRoom, type Line, notice } from "./line.ts";
import {
  catchUp,
  cutLog,
  logFrom,
  type LogStep,
  openLog,
  resumePoint,
  type RoomLog,
  takeLive,
  takeOlder,
  takePage,
  withoutPage,
} from "./room_log.ts";

/** The newest page that a person sees on entering a room, and after a gap too long to replay. */
const OPENING_PAGE = 20;
/** A page when everything is wanted; the server's own most. */
const FULL_PAGE = 100;
/** How many rooms one `resume` may name. */
const RESUME_ROOMS = 200;
const AGAIN_MS = 1_000;

export interface Conversation {
  /**
   * `talk`: for a person, who after a long gap sees the newest messages and hears who comes and
   * goes. `follow`: for a log, which gets every message there is and nothing else.
   */
  readonly mode: "talk" | "follow";
  readonly epoch?: string;
  readonly you?: You;
  readonly logs: ReadonlyMap<string, RoomLog>;
  /** The room entered last. */
  readonly current?: string;
  /** Whether a connection was lost before: what is resumed then was missed. */
  readonly wasCut?: boolean;
}

/** A request the conversation needs, at once or after a wait. */
export interface Ask {
  readonly frame: ClientFrame;
  readonly afterMs?: number;
}

export interface Step {
  readonly conversation: Conversation;
  readonly lines: readonly Line[];
  readonly asks: readonly Ask[];
}

/** Nothing known yet. */
export function newConversation(mode: Conversation["mode"]): Conversation {
  return { mode, logs: new Map() };
}

/** Hears a room from `cursor` on; the next `resume` names it. */
export function follow(conversation: Conversation, room: string, cursor: number): Conversation {
  return withLog(conversation, { room, log: logFrom(cursor) });
}

/** The connection is gone: what was awaited will not come, the cursors stay. */
export function disconnected(conversation: Conversation): Conversation {
  const logs = new Map([...conversation.logs].map(([room, log]) => [room, cutLog(log)]));
  return { ...conversation, logs, wasCut: true };
}

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

/**
 * Takes one frame. `request` is what the frame replies to, if it is a reply; frames must come in
 * the order of the wire, replies and events alike.
 */
export function receive(
  conversation: Conversation,
  frame: ServerFrame,
  request?: ClientFrame,
): Step {
  const receiver = RECEIVERS[frame.type] as Receiver<ServerFrameType>;
  return receiver(conversation, frame, request);
}

type Receiver<T extends ServerFrameType> = (
  conversation: Conversation,
  frame: ServerFrame<T>,
  request: ClientFrame | undefined,
) => Step;

const ignored = (conversation: Conversation): Step => step(conversation);

const RECEIVERS: { readonly [T in keyof ServerFrames]: Receiver<T> } = {
  welcome: receiveWelcome,
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
  count: ignored,
  message: (conversation, frame) => receiveEvent(conversation, frame),
  response: (conversation, frame) => receiveEvent(conversation, frame),
  inquiry: receiveInquiry,
  queue: ignored,
  page: receivePage,
  resumed: receiveResumed,
  stats: ignored,
};

function step(
  conversation: Conversation,
  lines: readonly Line[] = [],
  asks: readonly Ask[] = [],
): Step {
  return { conversation, lines, asks };
}

function withLog(
  conversation: Conversation,
  entry: { readonly room: string; readonly log: RoomLog },
): Conversation {
  return { ...conversation, logs: new Map(conversation.logs).set(entry.room, entry.log) };
}

function withoutLog(conversation: Conversation, room: string): Conversation {
  const logs = new Map(conversation.logs);
  logs.delete(room);
  const { current, ...rest } = conversation;
  const next = current === room ? [...logs.keys()].at(-1) : current;
  return next === undefined ? { ...rest, logs } : { ...rest, logs, current: next };
}

function receiveWelcome(conversation: Conversation, frame: ServerFrame<"welcome">): Step {
  const you = frame.you ?? undefined;
  const next = { ...conversation, epoch: frame.epoch, ...(you === undefined ? {} : { you }) };
  const lines: Line[] = [];
  const before = conversation.you;
  if (before !== undefined && you !== undefined && before.name !== you.name) {
    lines.push(notice(`You are ${you.name} now; ${before.name} is in use by somebody else`));
  }
  if (conversation.epoch === undefined || conversation.epoch === frame.epoch) {
    return step(next, lines, resumeRequests(next));
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

function receiveOk(
  conversation: Conversation,
  _frame: ServerFrame<"ok">,
  request?: ClientFrame,
): Step {
  if (request?.type !== "leave") return step(conversation);
  const next = withoutLog(conversation, request.room);
  return step(next, [notice(`You have left ${formatRoom(request.room)}`)]);
}

function receiveError(
  conversation: Conversation,
  frame: ServerFrame<"error">,
  request?: ClientFrame,
): Step {
  // Whoever sent a message has its answer: delivery.ts knows what becomes of it.
  if (request?.type === "message" || request?.type === "hello") return step(conversation);
  const says = failure(`${frame.message} (${frame.code})`);
  if (request === undefined) return step(conversation, [says]);
  if (frame.code === "no_such_room" && request.type === "join") {
    const hint = notice(`/create ${request.room} makes it; /rooms lists what there is`);
    return step(conversation, [says, hint]);
  }
  const isNeeded = request.type === "resume" ||
    (request.type === "history" && request.before === undefined);
  if (!isNeeded) return step(conversation, [says]);
  if (frame.retry === true) {
    return step(conversation, [], [{ frame: request, afterMs: frame.after_ms ?? AGAIN_MS }]);
  }
  if (request.type === "resume") return step(conversation, [says]);
  const log = conversation.logs.get(request.room);
  if (log === undefined) return step(conversation, [says]);
  const gone = applied(conversation, request.room, withoutPage(log));
  return { ...gone, lines: [says, ...gone.lines] };
}

function receiveRoom(conversation: Conversation, frame: ServerFrame<"room">): Step {
  const { room, topic, count, last } = frame;
  const said = topic === "" ? "" : ` · ${topic}`;
  const entered = notice(`${formatRoom(room)} · ${countOf(count, "member")}${said}`);
  const known = conversation.logs.get(room);
  const current = { ...conversation, current: room };
  if (known === undefined && last === 0) {
    const next = withLog(current, { room, log: logFrom(0) });
    return step(next, [entered, notice("Nothing was said here yet")]);
  }
  if (known === undefined) {
    const opened = applied(current, room, openLog({ ...logFrom(0), oldest: last + 1 }, last));
    return { ...opened, lines: [entered, ...opened.lines] };
  }
  const unseen = known.oldest === resumePoint(known) + 1 && known.oldest > 1;
  const before = known.oldest;
  const older: Ask = { frame: { type: "history", room, before, limit: OPENING_PAGE } };
  return step(current, [entered], unseen ? [older] : []);
}

function receiveRooms(
  conversation: Conversation,
  frame: ServerFrame<"rooms">,
  request?: ClientFrame,
): Step {
  const lines = frame.rooms.map((room) => notice(describeRoom(room)));
  const after = frame.rooms.at(-1)?.room;
  if (!frame.more || after === undefined || request?.type !== "rooms") {
    return step(conversation, lines);
  }
  return step(conversation, lines, [{ frame: { type: "rooms", after } }]);
}

function describeRoom(room: RoomSummary): string {
  const parts = [formatRoom(room.room)];
  if (room.count !== undefined) parts.push(countOf(room.count, "member"));
  if (room.joined === true) parts.push("joined");
  if (room.unread !== undefined && room.unread > 0) parts.push(`${room.unread} unread`);
  if (room.topic !== undefined && room.topic !== "") parts.push(room.topic);
  return parts.join(" · ");
}

function receiveMembers(
  conversation: Conversation,
  frame: ServerFrame<"members">,
  request?: ClientFrame,
): Step {
  const list = (here: boolean) =>
    frame.members.filter((member) => member.here === here)
      .map(({ name, role }) => role === "member" ? name : `${name} (${role})`).join(", ");
  const room = formatRoom(frame.room);
  const lines: Line[] = [];
  if (list(true) !== "") lines.push(notice(`${room} here: ${list(true)}`));
  if (list(false) !== "") lines.push(notice(`${room} away: ${list(false)}`));
  const after = frame.members.at(-1)?.name;
  if (!frame.more || after === undefined || request?.type !== "members") {
    return step(conversation, lines);
  }
  return step(conversation, lines, [{ frame: { type: "members", room: frame.room, after } }]);
}

function receivePresence(conversation: Conversation, frame: ServerFrame<"joined" | "left">): Step {
  if (conversation.mode === "follow" || !conversation.logs.has(frame.room)) {
    return step(conversation);
  }
  const did = frame.type === "joined" ? "has come to" : "has left";
  return step(conversation, [notice(`${frame.from} ${did} ${formatRoom(frame.room)}`)]);
}

function receiveEvent(conversation: Conversation, event: RoomEvent): Step {
  const known = conversation.logs.get(event.room);
  if (known === undefined && conversation.mode === "follow") return step(conversation);
  // A room nobody asked for: a direct conversation has begun.
  const log = known ?? logFrom(event.seq - 1);
  return applied(conversation, event.room, takeLive(log, event));
}

/** An operator hears of every inquiry; those whose room is heard come as its events. */
function receiveInquiry(conversation: Conversation, frame: ServerFrame<"inquiry">): Step {
  if (conversation.mode === "follow" || conversation.logs.has(frame.room)) {
    return step(conversation);
  }
  const asked = `${frame.from} asks in ${formatRoom(frame.room)}: ${frame.content}`;
  return step(conversation, [notice(asked)]);
}

function receivePage(
  conversation: Conversation,
  frame: ServerFrame<"page">,
  request?: ClientFrame,
): Step {
  const { room, events } = frame;
  const log = conversation.logs.get(room);
  if (log === undefined || request?.type !== "history") return step(conversation);
  if (request.before === undefined) return applied(conversation, room, takePage(log, events));
  const next = withLog(conversation, { room, log: takeOlder(log, events) });
  const title = notice(`${formatRoom(room)}: ${countOf(events.length, "earlier message")}`);
  if (events.length === 0) return step(next, [title]);
  const end = frame.more_before ? "the end of them; /history shows more" : "the end of them";
  return step(next, [title, ...events.map(eventLine), notice(end)]);
}

function receiveResumed(conversation: Conversation, frame: ServerFrame<"resumed">): Step {
  let next = step(conversation);
  const recovered: string[] = [];
  for (const resumed of frame.rooms) {
    const log = next.conversation.logs.get(resumed.room);
    if (log === undefined) continue;
    if ("recovered" in resumed && resumed.recovered && resumed.missed > 0) {
      recovered.push(`${resumed.missed} in ${formatRoom(resumed.room)}`);
    }
    next = joined(next, resumedRoom(next.conversation, resumed, log));
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
    return step(withoutLog(conversation, room), [gone]);
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

function joined(first: Step, second: Step): Step {
  return {
    conversation: second.conversation,
    lines: [...first.lines, ...second.lines],
    asks: [...first.asks, ...second.asks],
  };
}

/** A log's step as one of the whole conversation. */
function applied(conversation: Conversation, room: string, logStep: LogStep): Step {
  const { log, events, page, missing } = logStep;
  const lines: Line[] = events.map(eventLine);
  if (missing !== undefined) {
    const { from, to } = missing;
    const which = from === to ? `seq ${from}` : `seq ${from} to ${to}`;
    lines.unshift(failure(`${formatRoom(room)}: ${which} cannot be had`));
  }
  const next = withLog(conversation, { room, log });
  if (page === undefined) return step(next, lines);
  const limit = page.after === undefined ? OPENING_PAGE : FULL_PAGE;
  return step(next, lines, [{ frame: { type: "history", room, limit, ...page } }]);
}

function eventLine(event: RoomEvent): Line {
  return { kind: "event", event };
}
