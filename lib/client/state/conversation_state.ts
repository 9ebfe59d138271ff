// The state of a client's conversation with one server, and what a frame does to it. Pure;
// conversation_reducer.ts says which frame does what.

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import type { You } from "../../wire/frames/session.ts";
import type { InquiryState, RoomEvent } from "../../wire/event.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import type { Failure } from "../exit.ts";
import { describeMissing } from "../output/wording.ts";
import { failure, type Line } from "../../terminal/view_lines.ts";
import type { ConversationPolicy } from "./conversation_policies.ts";
import type { LogStep, RoomLog } from "./room_log.ts";

/** The newest page that a person sees on entering a room, and after a gap too long to replay. */
export const OPENING_PAGE = 20;
/** A page when everything is wanted; the server's own most. */
const FULL_PAGE = 100;

export interface Conversation {
  readonly policy: ConversationPolicy;
  readonly epoch?: string;
  readonly you?: You;
  readonly logs: ReadonlyMap<string, RoomLog>;
  /** The rooms that were entered in this run; of others no older messages were shown. */
  readonly entered: ReadonlySet<string>;
  /** Rooms joined in another terminal of the same person, until they are followed here, too. */
  readonly following: ReadonlySet<string>;
  /** Rooms that were entered, and whose messages before the known ones are awaited. */
  readonly opening: ReadonlySet<string>;
  /** What is known of rooms besides their messages. */
  readonly facts: ReadonlyMap<string, RoomFacts>;
  /** The room `desk`, as far as an operator's client follows it. */
  readonly desk?: RoomLog | undefined;
  /** Inquiries that wait for an answer, as far as an operator was shown them. */
  readonly waiting: ReadonlySet<number>;
  /** The seq of the latest question that was shown, of each inquiry. */
  readonly asked: ReadonlyMap<number, number>;
  /** The seq of the latest draft that was shown, by inquiry. */
  readonly drafts: ReadonlyMap<number, number>;
  /** The questions with choices that were shown, by inquiry. */
  readonly questions: ReadonlyMap<number, ShownQuestion>;
  /** What is known of inquiries that are not over, as far as an operator was shown them. */
  readonly inquiries: ReadonlyMap<number, InquiryFacts>;
  /** Who reads and who types in conversations and inquiries. */
  readonly activity: ReadonlyMap<string, Activity>;
  /** The room entered last. */
  readonly current?: string;
  /** The users whom the person ignores, once the server has sent them: what they write is not shown. */
  readonly ignored?: ReadonlySet<number>;
  /** Whether a connection was lost before: messages that are replayed then were missed. */
  readonly wasCut?: boolean;
}

/** Undefined where no frame has named it yet. */
export interface RoomFacts {
  readonly kind?: string | undefined;
  readonly topic?: string | undefined;
  /** How many members it has. */
  readonly count?: number | undefined;
  /** What the user is there; undefined while no frame has it. */
  readonly standing?: string | undefined;
}

/** A question with choices, as far as the person has seen it. */
export interface ShownQuestion {
  readonly choices: readonly string[];
  /** Whether all of its text was shown; only then it is decided. */
  readonly isWhole: boolean;
}

/** What an operator's client knows of an inquiry. */
export interface InquiryFacts {
  /** The asker. */
  readonly user: number;
  readonly from: string;
  readonly state: InquiryState;
  /** The operator who works on it. */
  readonly assignee?: string | undefined;
  /** Whether an operator has seen it. */
  readonly isSeen: boolean;
}

/** The other users who read a room, and the last sign of each that types there. */
export interface Activity {
  readonly readers: ReadonlyMap<number, string>;
  readonly typists: ReadonlyMap<number, ServerFrame<"typing">>;
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
  /** Why the conversation is over. */
  readonly end?: Failure;
}

/** A conversation with what is to be shown and asked. */
export function step(
  conversation: Conversation,
  lines: readonly Line[] = [],
  asks: readonly Ask[] = [],
): Step {
  return { conversation, lines, asks };
}

/** With this log in place of the room's former one. */
export function withLog(
  conversation: Conversation,
  entry: { readonly room: string; readonly log: RoomLog },
): Conversation {
  return { ...conversation, logs: new Map(conversation.logs).set(entry.room, entry.log) };
}

/**
 * Without the room. The room entered before replaces the current one, else a followed room. An inquiry that
 * was not entered never does: the next typed text must not become a further question.
 */
export function withoutLog(conversation: Conversation, room: string): Conversation {
  const logs = new Map(conversation.logs);
  logs.delete(room);
  const { current, ...rest } = conversation;
  const followed = [...logs.keys()].filter((other) => inquiryOf(other) === undefined);
  const before = [...conversation.entered].findLast((other) => logs.has(other));
  const next = current === room ? before ?? followed.at(-1) : current;
  return next === undefined ? { ...rest, logs } : { ...rest, logs, current: next };
}

/** Two steps as one; the second began where the first ended. */
export function andThen(first: Step, second: Step): Step {
  return {
    ...first,
    ...second,
    lines: [...first.lines, ...second.lines],
    asks: [...first.asks, ...second.asks],
  };
}

/** A log's step as one of the whole conversation. */
export function applied(conversation: Conversation, room: string, logStep: LogStep): Step {
  const { log, events, page, missing } = logStep;
  const lines: Line[] = events.map(eventLine);
  if (missing !== undefined) {
    lines.unshift(failure(describeMissing(room, missing)));
  }
  const next = withLog(conversation, { room, log });
  if (page === undefined) return step(next, lines);
  const limit = page.after === undefined ? OPENING_PAGE : FULL_PAGE;
  return step(next, lines, [{ frame: { type: "history", room, limit, ...page } }]);
}

/** An event as a line to show. */
export function eventLine(event: RoomEvent): Line {
  return { kind: "event", event };
}

/** An event that the person has asked for. */
export function requestedLine(event: RoomEvent): Line {
  return { kind: "event", event, isRequested: true };
}
