// The commands of the line for the work at the desk: to take an inquiry, to give it back or to another
// operator, to put it off, to close it and to open it again.

import { findPeriodMs } from "../../../config/people/duration.ts";
import { notice } from "../../../terminal/view_lines.ts";
import type { ClientFrame } from "../../../wire/frame.ts";
import type { InquirySummary } from "../../../wire/summaries.ts";
import { inquiryRoom, parseInquiry } from "../../../wire/room_ref.ts";
import { questionLines } from "../../state/desk/questions.ts";
import { questionIn } from "../../state/desk/desk_frames.ts";
import type { LineTarget } from "../line_target.ts";
import { request } from "../requests.ts";
import { row } from "../slash_table.ts";
import { hasRoleOf } from "../visibility.ts";

const isOperator = hasRoleOf("operator");

/** How many of the inquiries that wait are looked at for the next one. */
const LOOKED_AT = 100;

/** In the order of /help. */
export const WORK_COMMANDS = {
  claim: row<number | "next", LineTarget>({
    usage: "[NUMBER]",
    description: "for operators: take an inquiry, or the next one",
    details: ["Alone it takes the longest waiting inquiry that nobody works on."],
    isShown: isOperator,
    parse: (argument) => argument === "" ? "next" : parseInquiry(argument),
    run: (inquiry, target) => inquiry === "next" ? claimNext(target) : claim(inquiry, target),
  }),
  release: row<number, LineTarget>({
    usage: "NUMBER",
    description: "for operators: give an inquiry back",
    isShown: isOperator,
    parse: parseInquiry,
    run: (inquiry, target) => work(target, { type: "release", inquiry }, "waits for another"),
  }),
  assign: row<InquiryWord, LineTarget>({
    usage: "NUMBER NAME",
    description: "for operators: give an inquiry to another one",
    isShown: isOperator,
    parse: parseInquiryWord,
    run: ({ inquiry, word }, target) => {
      const user = word.replace(/^@/, "");
      work(target, { type: "assign", inquiry, user }, `is given to ${user}`);
    },
  }),
  snooze: row<InquiryTime, LineTarget>({
    usage: "NUMBER TIME",
    description: "for operators: put an inquiry off",
    details: ["It comes back after the time, 30m, 2h or 1d, or when its asker writes."],
    isShown: isOperator,
    parse: parseInquiryTime,
    run: ({ inquiry, forMs }, target) =>
      work(target, { type: "snooze", inquiry, for_ms: forMs }, "is put off"),
  }),
  resolve: row<number, LineTarget>({
    usage: "NUMBER",
    description: "for operators: close an inquiry that needs no answer",
    isShown: isOperator,
    parse: parseInquiry,
    run: (inquiry, target) => work(target, { type: "resolve", inquiry }, "is resolved"),
  }),
  reopen: row<number, LineTarget>({
    usage: "NUMBER",
    description: "for operators: open an inquiry again",
    isShown: isOperator,
    parse: parseInquiry,
    run: (inquiry, target) => work(target, { type: "reopen", inquiry }, "is back in the queue"),
  }),
};

/** Sends a change, and says what has become of it. */
function work(
  target: LineTarget,
  frame: ClientFrame<"release" | "assign" | "snooze" | "resolve" | "reopen">,
  outcome: string,
): void {
  request(target, frame, () => [notice(`${inquiryRoom(frame.inquiry)} ${outcome}`)]);
}

function claim(inquiry: number, target: LineTarget): void {
  const frame = { type: "claim", inquiry } as const;
  request(target, frame, () => [notice(`You work on ${inquiryRoom(inquiry)}`)]);
}

/** Where another operator takes it first, this is shown instead. */
function claimNext(target: LineTarget): void {
  const { you } = target.loop.conversation;
  request(target, { type: "queue", limit: LOOKED_AT }, ({ inquiries }) => {
    const next = inquiries.find((one) => isFree(one) && one.user !== you?.user);
    if (next === undefined) return [notice("No inquiry waits for an operator")];
    const { inquiry } = next;
    const frame = { type: "claim", inquiry, expect: { assignee: null } } as const;
    request(target, frame, () => [notice(`You work on ${inquiryRoom(inquiry)}`)]);
    return questionLines(questionIn(next));
  });
}

function isFree({ assignee }: InquirySummary): boolean {
  return assignee === undefined;
}

/** The number of an inquiry, and a word. */
interface InquiryWord {
  readonly inquiry: number;
  readonly word: string;
}

interface InquiryTime {
  readonly inquiry: number;
  readonly forMs: number;
}

function parseInquiryWord(argument: string): InquiryWord | undefined {
  const [, number = "", word = ""] = /^(\S+)\s+(\S+)$/.exec(argument) ?? [];
  const inquiry = parseInquiry(number);
  return inquiry === undefined ? undefined : { inquiry, word };
}

function parseInquiryTime(argument: string): InquiryTime | undefined {
  const { inquiry, word } = parseInquiryWord(argument) ?? {};
  const forMs = word === undefined ? undefined : findPeriodMs(word);
  return inquiry === undefined || forMs === undefined ? undefined : { inquiry, forMs };
}
