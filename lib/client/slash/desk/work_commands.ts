// The commands of the line for an operator's work: they claim, release, assign, snooze, resolve or reopen
// an inquiry. Without a number they act on the inquiry that is the current room.

import { findPeriodMs } from "../../../config/people/duration.ts";
import { parseInquiry } from "../../../wire/room_ref.ts";
import { isAccountName } from "../../../wire/text.ts";
import { NO_OPEN_INQUIRIES } from "../../output/wording.ts";
import { othersInquiryOf } from "../../state/desk/inquiry_facts.ts";
import type { WorkRequest } from "../../state/desk/desk_work.ts";
import { notice } from "../../../terminal/view_lines.ts";
import type { LineTarget } from "../line_target.ts";
import { request } from "../requests.ts";
import { row, SlashError } from "../slash_table.ts";
import { hasRoleOf } from "../visibility.ts";

const isOperator = hasRoleOf("operator");
/** So many are looked through for one that nobody works on. */
const LOOKED_THROUGH = 50;

/** A number, unless the current inquiry is meant, and what follows it. */
interface Work {
  readonly inquiry: number | undefined;
  readonly rest: string;
}

/** In the order of /help. */
export const WORK_COMMANDS = {
  claim: row<Work, LineTarget>({
    usage: "[NUMBER]",
    description: "for operators: work on an inquiry, or on the next",
    details: [
      "The inquiry is the room you are in then: what you type there is an answer.",
      "Without a number it is the one that has waited longest and that nobody works on.",
    ],
    isShown: isOperator,
    parse: parseNumber,
    run: claim,
  }),
  release: workOf("release", "for operators: give an inquiry back to the queue"),
  assign: row<Work, LineTarget>({
    usage: "[NUMBER] USER",
    description: "for operators: give an inquiry to another one",
    isShown: isOperator,
    parse: parseUser,
    run: (work, target) =>
      send({ type: "assign", inquiry: inquiryOf(work, target), user: work.rest }, target),
  }),
  snooze: row<Work, LineTarget>({
    usage: "[NUMBER] TIME",
    description: "for operators: take it out of the queue for 2h, 3d",
    details: ["It comes back by itself, or when the asker writes."],
    isShown: isOperator,
    parse: parsePeriod,
    run: (work, target) => {
      const for_ms = findPeriodMs(work.rest) ?? 0;
      send({ type: "snooze", inquiry: inquiryOf(work, target), for_ms }, target);
    },
  }),
  resolve: workOf("resolve", "for operators: close an inquiry, until its asker writes"),
  reopen: workOf("reopen", "for operators: put it back into the queue"),
};

/** A command that only names an inquiry. */
// deno-lint-ignore explicit-function-return-type
function workOf(type: "release" | "resolve" | "reopen", description: string) {
  return row<Work, LineTarget>({
    usage: "[NUMBER]",
    description,
    isShown: isOperator,
    parse: parseNumber,
    run: (work, target) => send({ type, inquiry: inquiryOf(work, target) }, target),
  });
}

function send(work: WorkRequest, { loop }: LineTarget): void {
  loop.ask(work, {
    lost: `The connection was lost: it is not known whether ${work.type} was done; ` +
      "the same again finds out",
  });
}

function claim({ inquiry }: Work, target: LineTarget): void {
  const { loop } = target;
  const { conversation } = loop;
  const named = inquiry ?? othersInquiryOf(conversation, conversation.current);
  if (named !== undefined) return send({ type: "claim", inquiry: named }, target);
  const arrived = loop.headFor(undefined);
  request(target, { type: "queue", limit: LOOKED_THROUGH }, ({ inquiries }) => {
    const next = inquiries.find(({ assignee, user }) =>
      assignee === undefined && user !== conversation.you?.user
    );
    if (next === undefined) {
      const text = "Others work on all that wait: /claim NUMBER asks for one of them";
      return [notice(inquiries.length === 0 ? NO_OPEN_INQUIRIES : text)];
    }
    // Another operator may take it first.
    const expect = { assignee: null };
    send({ type: "claim", inquiry: next.inquiry, expect }, target);
    return [];
  }).then(arrived);
}

/** @throws {SlashError} when no inquiry is named, and the current room is not one */
function inquiryOf({ inquiry }: Work, { loop: { conversation } }: LineTarget): number {
  const named = inquiry ?? othersInquiryOf(conversation, conversation.current);
  if (named !== undefined) return named;
  throw new SlashError("which inquiry? Name its number: you are in none");
}

function parseNumber(argument: string): Work | undefined {
  const work = parseWork(argument);
  return work?.rest === "" ? work : undefined;
}

function parseUser(argument: string): Work | undefined {
  const work = parseWork(argument);
  const user = work?.rest.replace(/^@/, "") ?? "";
  return work !== undefined && isAccountName(user) ? { ...work, rest: user } : undefined;
}

function parsePeriod(argument: string): Work | undefined {
  const [, number = "", time = ""] = /^(?:(\S+)\s+)?(\S+)$/.exec(argument) ?? [];
  const inquiry = number === "" ? undefined : parseInquiry(number);
  // A bare number is no time: it would be taken for the inquiry's.
  const isTime = /[a-z]$/.test(time) && findPeriodMs(time) !== undefined;
  const isNumber = number === "" || inquiry !== undefined;
  return isTime && isNumber ? { inquiry, rest: time } : undefined;
}

function parseWork(argument: string): Work | undefined {
  const [, first = "", rest = ""] = /^(\S*)(?:\s+([^]+))?$/.exec(argument) ?? [];
  const inquiry = parseInquiry(first);
  return inquiry === undefined ? { inquiry, rest: argument } : { inquiry, rest };
}
