// The commands of the line for the desk: to list what waits, to answer, to open a question and to decide it.

import { APPROVAL } from "../../config/desk/desk_commands.ts";
import { findPeriodMs } from "../../config/people/duration.ts";
import { isRoomName, parseInquiry } from "../../wire/room_ref.ts";
import { QUEUE } from "../state/desk/desk_frames.ts";
import { checkSendable, type LineTarget } from "./line_target.ts";
import { row, SlashError } from "./slash_table.ts";
import { hasRoleOf } from "./visibility.ts";

const SHOWN = 20;
const WEEK = "7d";

const isOperator = hasRoleOf("operator");

/** In the order of /help. */
export const DESK_COMMANDS = {
  queue: row<string, LineTarget>({
    usage: "[NAME]",
    description: "for operators: list the inquiries without an answer",
    isShown: isOperator,
    details: ["With the name of a queue it lists those of that queue."],
    parse: (argument) => argument === "" || isRoomName(argument) ? argument : undefined,
    run: (queue, { loop }) => loop.ask(queue === "" ? QUEUE : { ...QUEUE, queue }),
  }),
  report: row<number, LineTarget>({
    usage: "[TIME]",
    description: "for operators: how long inquiries have waited lately",
    isShown: isOperator,
    parse: (argument) => findPeriodMs(argument === "" ? WEEK : argument),
    run: (periodMs, { loop }) => loop.ask({ type: "report", period_ms: periodMs }),
  }),
  answer: row<AnswerTarget, LineTarget>({
    usage: "NUMBER TEXT",
    description: "for operators: answer an inquiry",
    isShown: isOperator,
    aliases: ["a"],
    parse: parseAnswer,
    run: ({ inquiry, content }, target) => {
      checkSendable(content, target);
      // The question shown last is meant, whatever is asked until the answer arrives.
      const to = target.loop.conversation.asked.get(inquiry);
      target.sender.answer(inquiry, { content, to });
    },
  }),
  "answer!": row<InquiryText, LineTarget>({
    usage: "NUMBER [TEXT]",
    description: "for operators: answer where another just did",
    details: ["Without a text it sends the answer that was not sent for this reason."],
    isShown: isOperator,
    aliases: ["a!"],
    parse: parseInquiryText,
    run: answerAnyway,
  }),
  open: row<number, LineTarget>({
    usage: "NUMBER",
    description: "for operators: show the whole question of an inquiry",
    isShown: isOperator,
    parse: parseInquiry,
    run: (inquiry, { loop }) => {
      const seq = loop.conversation.asked.get(inquiry) ?? 1;
      loop.ask({ type: "history", room: `?${inquiry}`, around: seq, limit: 1 });
    },
  }),
  decide: row<Decision, LineTarget>({
    usage: "NUMBER CHOICE",
    description: "for operators: decide a question by a choice",
    details: ["A text behind the choice is the reason, which the asker reads, too."],
    isShown: isOperator,
    parse: parseDecision,
    run: decide,
  }),
  approve: row<InquiryText, LineTarget>({
    usage: "NUMBER [WHY]",
    description: "for operators: decide a question by approve",
    isShown: isOperator,
    parse: parseInquiryText,
    run: ({ inquiry, text }, target) => decide({ inquiry, text, choice: APPROVAL[0] }, target),
  }),
  deny: row<InquiryText, LineTarget>({
    usage: "NUMBER [WHY]",
    description: "for operators: decide a question by deny",
    isShown: isOperator,
    parse: parseInquiryText,
    run: ({ inquiry, text }, target) => decide({ inquiry, text, choice: APPROVAL[1] }, target),
  }),
};

/** For operators only: the console's, too. */
export const SHOW = row<number, LineTarget>({
  usage: "NUMBER",
  description: "show the messages of an inquiry",
  parse: parseInquiry,
  run: (inquiry, { loop }) => loop.ask({ type: "history", room: `?${inquiry}`, limit: SHOWN }),
});

interface AnswerTarget {
  readonly inquiry: number;
  readonly content: string;
}

/** @throws {SlashError} when there is no text, and none that was held back */
function answerAnyway({ inquiry, text }: InquiryText, target: LineTarget): void {
  const { sender, loop } = target;
  if (text !== "") {
    checkSendable(text, target);
    const to = loop.conversation.asked.get(inquiry);
    return sender.answer(inquiry, { content: text, to, anyway: true });
  }
  if (sender.answerAnyway(inquiry)) return;
  throw new SlashError(`no answer to ${inquiry} was held back: /answer! ${inquiry} TEXT sends one`);
}

/** The number of an inquiry, and a text that may be empty. */
interface InquiryText {
  readonly inquiry: number;
  readonly text: string;
}

interface Decision extends InquiryText {
  readonly choice: string;
}

/**
 * Only what the person has seen whole is decided: line 200 of a question decides nothing unread.
 * @throws {SlashError}
 */
function decide({ inquiry, choice, text }: Decision, target: LineTarget): void {
  const { loop } = target;
  const question = loop.conversation.questions.get(inquiry);
  if (question === undefined) {
    throw new SlashError(
      `not decided: no question ${inquiry} with choices was shown here; /open ${inquiry} shows it`,
    );
  }
  if (!question.isWhole) {
    throw new SlashError(
      `not decided: only the beginning of question ${inquiry} was shown; /open ${inquiry} shows all`,
    );
  }
  if (!question.choices.includes(choice)) {
    const choices = question.choices.join(", ");
    throw new SlashError(
      `not decided: question ${inquiry} has no choice "${choice}", only ${choices}`,
    );
  }
  if (text !== "") checkSendable(text, target);
  const content = text === "" ? undefined : text;
  loop.ask({ type: "decide", inquiry, choice, content }, {
    lost: `The connection was lost: it is not known whether question ${inquiry} is decided; ` +
      "decide it again to see",
  });
}

function parseAnswer(argument: string): AnswerTarget | undefined {
  const [, number = "", content = ""] = /^(\S+)\s+([^]+)$/.exec(argument) ?? [];
  const inquiry = parseInquiry(number);
  return inquiry === undefined ? undefined : { inquiry, content };
}

function parseInquiryText(argument: string): InquiryText | undefined {
  const [, number = "", text = ""] = /^(\S+)(?:\s+([^]+))?$/.exec(argument) ?? [];
  const inquiry = parseInquiry(number);
  return inquiry === undefined ? undefined : { inquiry, text };
}

function parseDecision(argument: string): Decision | undefined {
  const { inquiry, text: rest } = parseInquiryText(argument) ?? {};
  const [, choice, text = ""] = /^(\S+)(?:\s+([^]+))?$/.exec(rest ?? "") ?? [];
  return inquiry === undefined || choice === undefined ? undefined : { inquiry, choice, text };
}
