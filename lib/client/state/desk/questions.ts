// The questions of the desk as an operator sees them: long ones folded, with their choices, and which of them
// were seen whole. Pure.

import type { DecisionTerms, RoomEvent } from "../../../wire/event.ts";
import { inquiryOf } from "../../../wire/room_ref.ts";
import { describeTerms } from "../../output/wording.ts";
import { type Line, notice } from "../../../terminal/view_lines.ts";
import { type Conversation, eventLine } from "../conversation_state.ts";

/** A question of an inquiry; its terms are missing where it asks for a text. */
interface Question extends Partial<DecisionTerms> {
  readonly inquiry: number;
  readonly event: RoomEvent;
  /** Whether the server gave only the beginning of its text. */
  readonly isCut?: boolean;
}

/** How much of a question is shown before it is opened. */
const FOLD = { lines: 10, units: 1_000 };

/** A question as it comes: the beginning of a long one, how to open it, and how it is decided. */
export function questionLines(question: Question): readonly Line[] {
  const { inquiry, event, choices, isCut = false } = question;
  const { content = "" } = event;
  const { text, hidden } = fold(content);
  const lines: Line[] = [eventLine({ ...event, content: text })];
  const more = hidden === 0 ? "… more" : `… ${hidden} more ${hidden === 1 ? "line" : "lines"}`;
  if (isCut || text !== content) lines.push(notice(`${more} · /open ${inquiry} shows all`));
  if (choices !== undefined) lines.push(notice(describeTerms(inquiry, { ...question, choices })));
  return lines;
}

/** Notes a question that was shown as by `questionLines`. */
export function withShown(conversation: Conversation, question: Question): Conversation {
  const { inquiry, event, choices, isCut = false } = question;
  if (choices === undefined) return conversation;
  const { content = "" } = event;
  const isWhole = !isCut && fold(content).text === content;
  return noted(conversation, inquiry, { choices, isWhole });
}

/** A question of an inquiry was shown: an answer that is typed from now on is one to it. */
export function withQuestion(
  conversation: Conversation,
  { inquiry, seq }: { readonly inquiry: number; readonly seq: number },
): Conversation {
  const { asked } = conversation;
  if (seq <= (asked.get(inquiry) ?? 0)) return conversation;
  return { ...conversation, asked: new Map(asked).set(inquiry, seq) };
}

/**
 * Notes the questions among events that are shown.
 * @param isWhole whether long ones are shown as a whole, as to a person who has asked for them
 */
export function withQuestions(
  conversation: Conversation,
  events: readonly RoomEvent[],
  { isWhole }: { readonly isWhole: boolean },
): Conversation {
  let next = conversation;
  for (const { type, room, choices, cut, content = "" } of events) {
    const inquiry = inquiryOf(room);
    if (type !== "message" || inquiry === undefined || choices === undefined) continue;
    const isShownWhole = cut !== true && (isWhole || fold(content).text === content);
    next = noted(next, inquiry, { choices, isWhole: isShownWhole });
  }
  return next;
}

/** What was seen whole once stays so. */
function noted(
  conversation: Conversation,
  inquiry: number,
  { choices, isWhole }: { choices: readonly string[]; isWhole: boolean },
): Conversation {
  const before = conversation.questions.get(inquiry);
  if (before?.isWhole === true || before?.isWhole === isWhole) return conversation;
  const questions = new Map(conversation.questions).set(inquiry, { choices, isWhole });
  return { ...conversation, questions };
}

/** The beginning of a text, and how many of its lines are left out. */
function fold(content: string): { readonly text: string; readonly hidden: number } {
  const lines = content.split("\n");
  const kept = lines.slice(0, FOLD.lines).join("\n");
  const text = kept.length > FOLD.units ? kept.slice(0, FOLD.units).toWellFormed() : kept;
  return { text, hidden: Math.max(0, lines.length - FOLD.lines) };
}
