// The rules of changing messages: what an edit, a delete or a reply does to the message that it names,
// given everything that happened to it before. Asked under the lock of the message's room, so that one of
// several at once wins. Pure.

import type { ErrorCode } from "../../wire/errors.ts";
import type { EventBody } from "../../wire/event.ts";
import type { Draft, StoredEvent, UserId } from "../records.ts";

/** A message or another event that a draft names, as it is at this moment. */
export interface Target {
  readonly author: UserId;
  /** The name under which it was written. */
  readonly from: string;
  /** With `edited` and `deleted`, and the text as it is now. */
  readonly body: EventBody;
  /** What has deleted it. */
  readonly deletion: StoredEvent | undefined;
}

/** Whether the draft is stored. */
type Verdict =
  | { readonly body: EventBody }
  /** It was done before. */
  | { readonly same: StoredEvent }
  | { readonly refused: ErrorCode };

/** The seq of the message that the draft changes or replies to. */
export function targetOf({ body }: Pick<Draft, "body">): number | undefined {
  if (isChange(body)) return body.of;
  return body.kind === "message" ? body.to : undefined;
}

/** Whether the event changes another one. */
export function isChange({ kind }: EventBody): boolean {
  return kind === "edit" || kind === "delete";
}

/**
 * A reply names any message or answer of the room. One edits one's own, as long as it stands; it is deleted
 * by its author or a moderator, once. A question with choices stays as the operators have read it who decided it.
 * A draft, which is no message, is deleted by any operator: who may change anything there is one.
 * @param target what the draft names; undefined where nothing has this seq
 */
export function judgeChange(draft: Draft, target: Target | undefined): Verdict {
  const { body } = draft;
  const isText = target?.body.kind === "message" || target?.body.kind === "response";
  const isDraft = target?.body.kind === "draft" && body.kind === "delete";
  if (target === undefined || !(isText || isDraft)) return { refused: "bad_field" };
  if (!isChange(body)) return { body };
  const isOwn = target.author === draft.user;
  const { deletion } = target;
  // Also for a user who is a moderator no longer.
  if (body.kind === "delete" && deletion?.user === draft.user) return { same: deletion };
  const mayChange = isOwn || isDraft || (body.kind === "delete" && draft.isModerator === true);
  if (!mayChange) return { refused: "forbidden" };
  if (deletion !== undefined) {
    return body.kind === "delete" ? { same: deletion } : { refused: "bad_state" };
  }
  return target.body.choices === undefined ? { body } : { refused: "bad_state" };
}

/** The target after this event, which changes it. */
export function afterChange(target: Target, event: StoredEvent): Target {
  const { seq, body } = event;
  return body.kind === "edit"
    ? { ...target, body: { ...target.body, content: body.content, edited: seq } }
    : { ...target, body: { ...target.body, content: "", deleted: seq }, deletion: event };
}
