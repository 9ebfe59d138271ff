// The rules of a decision: what a choice or a closing does to a question, given everything that happened to
// it before. Asked under the lock of the room `desk`, so that one of several at once wins. Pure.

import type { Draft, StoredEvent } from "../records.ts";
import type { Question } from "./inquiry_record.ts";
import { transition } from "./inquiry_states.ts";
import type { JudgedAs, Verdict } from "./verdict.ts";

/** A choice, or what closes a question. */
export function judgeDecision(
  draft: Draft,
  { inquiry, actor, action }: JudgedAs,
): Verdict {
  const { question, askedSeq, state } = inquiry;
  if (question === undefined || askedSeq === undefined) return { refused: "bad_state" };
  if (action === "decide" && draft.user === inquiry.asker) return { refused: "forbidden" };
  const found = transition(action, { actor, state });
  const { outcome: prior } = question;
  if ("refused" in found) return { refused: found.refused, prior };
  if ("isSame" in found) return prior === undefined ? { refused: "bad_state" } : { same: prior };
  if (action !== "decide") return { body: { ...draft.body, of: askedSeq } };
  return judgeChoice(draft, { question, askedSeq });
}

function judgeChoice(
  { user, body }: Draft,
  { question, askedSeq }: { question: Question; askedSeq: number },
): Verdict {
  const { choice } = body;
  if (choice === undefined || !question.choices.includes(choice)) return { refused: "bad_field" };
  const before: StoredEvent | undefined = question.choiceOf.get(user);
  if (before?.body.choice === choice) return { refused: "already_decided", prior: before };
  const others = question.choiceOf.entries()
    .filter(([other, event]) => other !== user && event.body.choice === choice);
  const count = 1 + Array.from(others).length;
  const state = count >= question.needs ? "decided" : "pending";
  return { body: { ...body, of: askedSeq, state } };
}
