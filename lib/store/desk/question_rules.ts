// The rules of a decision: what a choice or a closing does to a question, given everything that happened to
// it before. Asked under the lock of the question's room, so that one of several at once wins. Pure.

import type { ErrorCode } from "../../wire/errors.ts";
import type { EventBody } from "../../wire/event.ts";
import type { Draft, StoredEvent, UserId } from "../records.ts";

/** A question with choices, as its log says at this moment. */
export interface Question {
  readonly asker: UserId;
  /** The seq of the question; undefined while it is not stored. */
  readonly askedSeq: number | undefined;
  readonly choices: readonly string[];
  /** How many different operators must make the same choice. */
  readonly needs: number;
  /** The latest choice of each operator. */
  readonly choiceOf: ReadonlyMap<UserId, StoredEvent>;
  /** What has decided or closed it. */
  readonly outcome: StoredEvent | undefined;
}

/** Whether the draft is stored, and with which body. */
export type Verdict =
  | { readonly body: EventBody }
  /** It repeats what is stored already. */
  | { readonly same: StoredEvent }
  | { readonly refused: ErrorCode; readonly prior?: StoredEvent };

/** Whether what the draft does depends on a question. */
export function isConditional({ body: { kind } }: Draft): boolean {
  return kind === "decision" || kind === "closed";
}

/**
 * @param question that of the draft's room; undefined where nothing is to be decided
 * @param mayDecide whether the store says that the author may decide now
 */
export function judge(
  draft: Draft,
  { question, mayDecide }: { question: Question | undefined; mayDecide: boolean },
): Verdict {
  if (question?.askedSeq === undefined) return { refused: "bad_state" };
  const { outcome, askedSeq } = question;
  const isDecision = draft.body.kind === "decision";
  if (isDecision && draft.bot === true) return { refused: "forbidden" };
  if (isDecision && (!mayDecide || draft.user === question.asker)) return { refused: "forbidden" };
  if (outcome !== undefined) return judgeLate(draft, outcome);
  if (!isDecision) return { body: { ...draft.body, of: askedSeq } };
  return judgeChoice(draft, { question, askedSeq });
}

/** Everything after the outcome changes nothing. */
function judgeLate({ body }: Draft, outcome: StoredEvent): Verdict {
  if (body.kind === "closed" && outcome.body.state === body.state) return { same: outcome };
  const refused = outcome.body.kind === "decision" ? "already_decided" : "expired";
  return { refused, prior: outcome };
}

function judgeChoice(
  { user, body }: Draft,
  { question, askedSeq }: { question: Question; askedSeq: number },
): Verdict {
  const { choice } = body;
  if (choice === undefined || !question.choices.includes(choice)) return { refused: "bad_field" };
  const before = question.choiceOf.get(user);
  if (before?.body.choice === choice) return { refused: "already_decided", prior: before };
  const others = question.choiceOf.entries()
    .filter(([other, event]) => other !== user && event.body.choice === choice);
  const count = 1 + Array.from(others).length;
  const state = count >= question.needs ? "decided" : "pending";
  return { body: { ...body, of: askedSeq, state } };
}

/** The question after this event of its room. */
export function after(question: Question, event: StoredEvent): Question {
  const { kind, state } = event.body;
  const outcome = kind === "closed" || state === "decided" ? event : question.outcome;
  const choiceOf = kind === "decision"
    ? new Map(question.choiceOf).set(event.user, event)
    : question.choiceOf;
  const askedSeq = question.askedSeq ?? (kind === "message" ? event.seq : undefined);
  return { ...question, outcome, choiceOf, askedSeq };
}
