// Decides whether a draft that changes an inquiry is stored, and with which body. It runs under the lock of
// the room `desk`, and knows everything that happened to the inquiry before. What is allowed in which state
// is in inquiry_states.ts. Pure.

import type { ErrorCode } from "../../wire/errors.ts";
import type { DeskChange } from "../../wire/event.ts";
import type { Draft, StoredEvent, UserId } from "../records.ts";
import type { Expectation, InquiryStatus } from "./records.ts";
import { afterEvent, type Inquiry, statusOf } from "./inquiry_record.ts";
import { type Actor, type InquiryAction, transition } from "./inquiry_states.ts";
import { judgeDecision } from "./question_rules.ts";
import type { JudgedAs, Verdict } from "./verdict.ts";

/** For how long after it was resolved a message of the asker's reopens an inquiry. */
const REOPENS_MS = 7 * 86_400_000;

/** For how long after another operator's answer one to the same question is not stored by itself. */
const HELD_MS = 60_000;

/** What the store says at this moment. */
export interface JudgedBy {
  readonly inquiry: Inquiry;
  /** The names of the people who are operators now, among those that the drafts name, or a claim or release meets. */
  readonly operators: ReadonlyMap<UserId, string>;
  /** The clock, UTC milliseconds. */
  readonly now: number;
}

export function judge(draft: Draft, by: JudgedBy): Verdict {
  const { inquiry } = by;
  const action = actionOf(draft);
  if (action === undefined) return { body: draft.body };
  const actor = actorOf(draft, action, by);
  if (!isAsExpected(inquiry, draft.expect)) {
    return { ...refusal(inquiry), refused: mismatch(draft, inquiry) };
  }
  switch (action) {
    case "decide":
    case "withdraw":
    case "expire":
      return judgeDecision(draft, { inquiry, actor, action });
    case "ask":
      return judgeQuestion(draft, by);
    case "respond":
      return judgeResponse(draft, { ...by, actor, action });
    default:
      return judgeWork(draft, { ...by, actor, action });
  }
}

const ACTION_OF: Readonly<Partial<Record<DeskChange, InquiryAction>>> = {
  seen: "see",
  claimed: "claim",
  released: "release",
  assigned: "assign",
  snoozed: "snooze",
  resolved: "resolve",
  reopened: "reopen",
  unseen: "alarm",
  unanswered: "alarm",
};

function actionOf({ body: { kind, state, change, until } }: Draft): InquiryAction | undefined {
  switch (kind) {
    case "message":
      return "ask";
    case "response":
      return "respond";
    case "decision":
      return "decide";
    case "closed":
      return state === "withdrawn" ? "withdraw" : "expire";
    case "desk":
      // The clock names the snooze that is over.
      if (change === "reopened" && until !== undefined) return "wake";
      return change && ACTION_OF[change];
    default:
      return undefined;
  }
}

const OF_ASKER: ReadonlySet<InquiryAction> = new Set([
  "ask",
  "withdraw",
  "expire",
  "wake",
  "alarm",
]);

function actorOf(
  { user, bot }: Draft,
  action: InquiryAction,
  { inquiry: { asker, assignee }, operators }: JudgedBy,
): Actor {
  if (OF_ASKER.has(action)) return user === asker ? "asker" : "other";
  if (bot === true) return "bot";
  // Who may answer is asked before: an answer that was allowed is kept.
  if (action !== "respond" && !operators.has(user)) return "other";
  if (assignee === undefined) return "free";
  // A user who has lost the role of operator keeps no inquiry from the others: they claim it, or release
  // it.
  const isKept = operators.has(assignee.user);
  if (action === "claim" && !isKept) return "free";
  if (action === "release" && !isKept) return "holder";
  return assignee.user === user ? "holder" : "rival";
}

function isAsExpected({ state, assignee }: Inquiry, expect: Expectation = {}): boolean {
  return (expect.state === undefined || expect.state === state) &&
    (expect.assignee === undefined || expect.assignee === (assignee?.name ?? null));
}

/** That another operator works on it comes first: this the sender must know. */
function mismatch({ user }: Draft, { assignee }: Inquiry): ErrorCode {
  return assignee === undefined || assignee.user === user ? "bad_state" : "already_claimed";
}

function refusal(inquiry: Inquiry): { readonly found: InquiryStatus } {
  return { found: statusOf(inquiry) };
}

function judgeQuestion({ body }: Draft, { inquiry, now }: JudgedBy): Verdict {
  const { state, closed = 0 } = inquiry;
  if (state !== "resolved" || now - closed <= REOPENS_MS) return { body };
  return { refused: "bad_state", ...refusal(inquiry) };
}

function judgeResponse(
  draft: Draft,
  { inquiry, actor, action, now }: JudgedBy & JudgedAs,
): Verdict {
  const found = transition(action, { actor, state: inquiry.state });
  if ("refused" in found) return { refused: found.refused, ...refusal(inquiry) };
  const { lastAnswer, askedSeq = 0 } = inquiry;
  const { asOf = askedSeq, anyway } = draft;
  if (asOf < askedSeq && anyway !== true) return { refused: "bad_state", ...refusal(inquiry) };
  if (lastAnswer !== undefined && crosses(draft, lastAnswer, now)) {
    return { refused: "answered_meanwhile", prior: lastAnswer };
  }
  return { body: draft.body };
}

/** Whether another operator has just answered the same: not when the question came after that answer. */
function crosses(
  { user, anyway, body: { to = 0 } }: Draft,
  answer: StoredEvent,
  now: number,
): boolean {
  const isRecent = now - answer.time < HELD_MS;
  return anyway !== true && answer.user !== user && isRecent && to <= answer.seq;
}

/** A change that is stored in the room `desk` alone: its body gets the state after it. */
function judgeWork(
  draft: Draft,
  { inquiry, actor, action, operators, now }: JudgedBy & JudgedAs,
): Verdict {
  const { body, user, from, guest } = draft;
  const found = transition(action, { actor, state: inquiry.state });
  if ("refused" in found) {
    return { refused: found.refused, prior: inquiry.question?.outcome, ...refusal(inquiry) };
  }
  const same = { unchanged: { ...body, ...statusOf(inquiry) } };
  if ("isSame" in found && !(action === "reopen" && inquiry.snoozedUntil !== undefined)) {
    return same;
  }
  // A question with choices ends by a decision, by its asker, or by the time.
  if (action === "resolve" && inquiry.question !== undefined) {
    return { refused: "bad_state", ...refusal(inquiry) };
  }
  // The queue has what waits for an answer.
  if (action === "snooze" && inquiry.waitingSince === undefined) {
    return { refused: "bad_state", ...refusal(inquiry) };
  }
  if (isDone(draft, inquiry)) return same;
  const assignee = body.to === undefined ? undefined : operators.get(body.to as UserId);
  if (action === "assign" && assignee === undefined) return { refused: "bad_field" };
  const state = "to" in found ? found.to : inquiry.state;
  const event = { user, from, guest, seq: 0, time: now, body: { ...body, state, assignee } };
  const { until } = body;
  const isUntil = action === "snooze" ? until : undefined;
  return { body: { ...event.body, ...statusOf(afterEvent(inquiry, event)), until: isUntil } };
}

/** Whether nothing is left to be done, by the time of the inquiry or its assignee. */
function isDone({ body: { change, to, until } }: Draft, inquiry: Inquiry): boolean {
  switch (change) {
    case "seen":
      return inquiry.seen !== undefined;
    case "assigned":
      return inquiry.assignee?.user === to;
    case "unseen":
      return !isInQueue(inquiry) || inquiry.seen !== undefined || inquiry.unseenAt !== undefined;
    case "unanswered":
      // Once for each time that it waits.
      return !isInQueue(inquiry) || (inquiry.unansweredAt ?? -1) >= (inquiry.waitingSince ?? 0);
    case "reopened":
      return until !== undefined && inquiry.snoozedUntil !== until;
    default:
      return false;
  }
}

function isInQueue({ waitingSince, snoozedUntil }: Inquiry): boolean {
  return waitingSince !== undefined && snoozedUntil === undefined;
}
