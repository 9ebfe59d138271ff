// inquiry, queue, respond and report: people ask, operators answer (protocol §10).

import type { AskedTerms } from "../../chat/desk/inquiry_opening.ts";
import type { ChatError } from "../../wire/errors.ts";
import type { ClientFrame } from "../../wire/frame.ts";
import type { InquirySummary } from "../../wire/summaries.ts";
import { authorFields, authorOfRecord } from "../../chat/event_frames.ts";
import type { InquiryRecord } from "../../store/records.ts";
import type { Principal } from "../../chat/people/principal.ts";
import { fitPage } from "./fit_page.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "./command.ts";
import { answerAppended } from "./messages.ts";

/** How many times as many inquiries as rooms a connection is subscribed to, of those that it opens. */
const OWN_INQUIRIES = 10;
const DEFAULT_QUEUE = 50;
const DEFAULT_PERIOD_MS = 7 * 86_400_000;
/** How much of the latest question a queue shows, in UTF-16 units. */
const SHOWN_UNITS = 1_000;

export const inquiry: Command<"inquiry"> = {
  needs: "guest",
  scope: "ask",
  bucket: "inquiries",
  run: (frame, context) => ask(frame, context),
  recognise: (frame, context, refusal) => ask(frame, context, refusal),
};

/** @param refusal why it is refused unless it is stored already */
async function ask(
  frame: ClientFrame<"inquiry">,
  context: CommandContext,
  refusal?: ChatError,
): Promise<CommandResult> {
  const { hub, session, limits } = context;
  const { desk } = hub;
  const asker = principalOf(context);
  const { content, cid, queue } = frame;
  const terms = termsOf(frame);
  const asked = await desk.opening.find(asker, { cid, terms });
  if (asked === undefined && refusal !== undefined) throw refusal;
  const inquiry = asked ?? await openInquiry({ asker, cid, terms, queue }, context);
  using open = await desk.enter(inquiry);
  if (asked === undefined) {
    hub.memberships.announceJoined(open.room, { principal: asker, connection: session });
  }
  // Before the question is stored: this connection gets every event from the question on.
  const most = OWN_INQUIRIES * limits.rooms_joined;
  session.subscriptions.subscribeToOwn(open.room, { most });
  const { appended, position, expectedMs } = await desk.ask(asker, open, { content, cid, refusal });
  const reply = answerAppended(open.room.name, appended);
  if (reply.type !== "ok") return { reply };
  const { id, terms: { expires } = {} } = inquiry;
  const { operators } = open;
  return {
    reply: { ...reply, inquiry: id, position, expected_ms: expectedMs, expires, operators },
  };
}

function termsOf({ choices, expires_ms, needs }: ClientFrame<"inquiry">): AskedTerms | undefined {
  return choices === undefined ? undefined : { choices, expiresMs: expires_ms, needs };
}

/** What is refused for the asker's own limit is not counted where the asker comes from. */
async function openInquiry(
  { asker, ...question }: {
    asker: Principal;
    cid: string | undefined;
    terms: AskedTerms | undefined;
    queue: string | undefined;
  },
  { hub, session }: CommandContext,
): Promise<InquiryRecord> {
  await hub.desk.opening.checkMayOpen(asker);
  if (asker.role === "guest") session.admission.countInquiry();
  return await hub.desk.opening.open(asker, question);
}

export const queue: Command<"queue"> = {
  needs: "operator",
  scope: "everything",
  bucket: "requests",
  async run({ limit = DEFAULT_QUEUE, queue }, context): Promise<CommandResult> {
    const { hub, limits } = context;
    const { inquiries, more, desk } = await hub.desk.queue(principalOf(context), {
      limit,
      queue,
    });
    const { items, whole } = fitPage(inquiries.map(summarize), { maxBytes: limits.frame });
    return { reply: { type: "queue", inquiries: items, more: !whole || more, desk } };
  },
};

function summarize(record: InquiryRecord): InquirySummary {
  const { id, room, asker, assignee, waitingSince = 0, askedSeq, askedContent, terms } = record;
  const { askedEdited, askedDeleted } = record;
  return {
    inquiry: id,
    room: room.name,
    ...authorFields(authorOfRecord(asker)),
    state: record.state,
    assignee: assignee?.name,
    queue: record.queue,
    since: waitingSince,
    seen: record.seen,
    last: room.last,
    seq: askedSeq,
    content: askedDeleted === undefined
      ? askedContent.slice(0, SHOWN_UNITS).toWellFormed()
      : undefined,
    edited: askedEdited,
    deleted: askedDeleted,
    ...terms,
  };
}

export const respond: Command<"respond"> = {
  needs: "guest",
  scope: "answer",
  bucket: "messages",
  run: (frame, context) => answer(frame, context),
  recognise: (frame, context, refusal) => answer(frame, context, refusal),
};

/** @param refusal why it is refused unless it is stored already */
async function answer(
  frame: ClientFrame<"respond">,
  context: CommandContext,
  refusal?: ChatError,
): Promise<CommandResult> {
  const { answers } = context.hub.desk;
  const { room, appended, isUnread } = await answers.respond(principalOf(context), {
    ...frame,
    refusal,
  });
  const reply = answerAppended(room, appended);
  if (reply.type !== "ok") return { reply };
  const gone = isUnread ? true : undefined;
  return { reply: { ...reply, inquiry: frame.inquiry, asker_gone: gone } };
}

export const report: Command<"report"> = {
  needs: "operator",
  scope: "everything",
  bucket: "requests",
  async run({ period_ms = DEFAULT_PERIOD_MS }, { hub }): Promise<CommandResult> {
    return { reply: { type: "report", ...await hub.desk.report(period_ms) } };
  },
};
