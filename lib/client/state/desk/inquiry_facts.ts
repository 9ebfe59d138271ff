// What an operator's client knows of each inquiry that is not over: who asks, who works on it, whether an
// operator has seen it. Pure.

import type { InquiryState, RoomEvent } from "../../../wire/event.ts";
import { inquiryOf } from "../../../wire/room_ref.ts";
import type { InquirySummary } from "../../../wire/summaries.ts";
import type { Conversation, InquiryFacts } from "../conversation_state.ts";

const OVER: ReadonlySet<InquiryState | undefined> = new Set(
  ["resolved", "decided", "withdrawn", "expired"] as const,
);

/** What is known where no inquiry was shown. */
export const NO_INQUIRIES: Pick<
  Conversation,
  "waiting" | "asked" | "drafts" | "questions" | "inquiries" | "activity"
> = {
  waiting: new Set(),
  asked: new Map(),
  drafts: new Map(),
  questions: new Map(),
  inquiries: new Map(),
  activity: new Map(),
};

/** Nothing that was shown of inquiries holds: in another epoch a number names another one. */
export function withoutInquiries(conversation: Conversation): Conversation {
  const facts = [...conversation.facts].filter(([room]) => inquiryOf(room) === undefined);
  return { ...conversation, ...NO_INQUIRIES, facts: new Map(facts), desk: undefined };
}

/** With what a list says of an inquiry. */
export function withListed(
  conversation: Conversation,
  { inquiry, user, from, state, assignee, seen }: InquirySummary,
): Conversation {
  const isSeen = seen !== undefined || conversation.inquiries.get(inquiry)?.isSeen === true;
  return withInquiry(conversation, inquiry, { user, from, state, assignee, isSeen });
}

/** With what an event of the desk says. An inquiry that is over is forgotten, unless it is the current one. */
export function withDeskEvent(conversation: Conversation, event: RoomEvent): Conversation {
  const { inquiry = 0, change, user, from, state = "open", assignee } = event;
  const before = conversation.inquiries.get(inquiry);
  if (OVER.has(state) && inquiryOf(conversation.current ?? "") !== inquiry) {
    if (before === undefined) return conversation;
    const inquiries = new Map(conversation.inquiries);
    inquiries.delete(inquiry);
    return { ...conversation, inquiries };
  }
  const isByAsker = change === "opened" || change === "asked";
  const asker = before ?? (isByAsker ? { user, from } : undefined);
  if (asker === undefined) return conversation;
  const isSeen = before?.isSeen === true || change === "seen";
  const facts = { user: asker.user, from: asker.from, state, assignee, isSeen };
  return withInquiry(conversation, inquiry, facts);
}

function withInquiry(
  conversation: Conversation,
  inquiry: number,
  facts: InquiryFacts,
): Conversation {
  return { ...conversation, inquiries: new Map(conversation.inquiries).set(inquiry, facts) };
}

/** The number of the inquiry of another person that the room is, for an operator. */
export function othersInquiryOf(
  { you, inquiries, facts }: Conversation,
  room: string | undefined,
): number | undefined {
  const inquiry = inquiryOf(room ?? "");
  if (inquiry === undefined || (you?.role !== "operator" && you?.role !== "admin")) {
    return undefined;
  }
  const asker = inquiries.get(inquiry)?.user;
  if (asker !== undefined) return asker === you.user ? undefined : inquiry;
  const standing = facts.get(room ?? "")?.standing;
  return standing === undefined || standing === "owner" ? undefined : inquiry;
}

/** A room as it stands before what is typed: `42 ann` in brackets for an inquiry of ann's. */
export function promptNameOf(conversation: Conversation, room: string): string | undefined {
  const inquiry = othersInquiryOf(conversation, room);
  if (inquiry === undefined) return undefined;
  const asker = conversation.inquiries.get(inquiry)?.from;
  return asker === undefined ? `[${inquiry}]` : `[${inquiry} ${asker}]`;
}
