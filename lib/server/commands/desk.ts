// inquiry, queue and respond: people ask, operators answer (protocol §10).

import type { InquirySummary } from "../../wire/frame.ts";
import type { InquiryRecord } from "../../store/repository.ts";
import { fitPage } from "./page.ts";
import { type Command, type CommandResult, identityOf } from "./command.ts";
import { answerAppended } from "./messages.ts";

const DEFAULT_QUEUE = 50;
/** How much of what was said last a queue shows, in UTF-16 units. */
const SHOWN_UNITS = 1_000;

export const inquiry: Command<"inquiry"> = {
  needs: "guest",
  bucket: "inquiries",
  async run({ content, cid }, context): Promise<CommandResult> {
    const { hub, session } = context;
    const asker = identityOf(context);
    const { inquiry, appended, standing } = await hub.desk.ask(asker, { content, cid }, {
      opens: "each",
      onOpening: () => {
        if (asker.role === "guest") context.addresses.countInquiry(session.address);
      },
      // Before it is said: every event from the question on arrives here.
      onRoom: (room, { isNew }) => {
        const news = { change: "joined", identity: asker, asker: session } as const;
        if (isNew) hub.announceMembership(room, news);
        session.subscribe(room);
      },
    });
    const reply = answerAppended(inquiry.room.name, appended);
    if (reply.type !== "ok") return { reply };
    const { position, expectedMs } = standing;
    return { reply: { ...reply, inquiry: inquiry.id, position, expected_ms: expectedMs } };
  },
};

export const queue: Command<"queue"> = {
  needs: "operator",
  bucket: "requests",
  async run(frame, { hub, limits }): Promise<CommandResult> {
    const limit = frame.limit ?? DEFAULT_QUEUE;
    const waiting = await hub.repository.inquiries.waiting({ order: "longest", limit: limit + 1 });
    const summaries = waiting.slice(0, limit).map(summarize);
    const { items, whole } = fitPage(summaries, { maxBytes: limits.frame });
    return {
      reply: { type: "queue", inquiries: items, more: !whole || waiting.length > limit },
    };
  },
};

function summarize(record: InquiryRecord): InquirySummary {
  const { id, room, asker, assignee, waitingSince = 0, askedSeq, askedContent } = record;
  return {
    inquiry: id,
    room: room.name,
    user: asker.id,
    from: asker.name,
    ...(asker.role === "guest" ? { guest: true } : undefined),
    state: assignee === undefined ? "open" : "claimed",
    ...(assignee === undefined ? undefined : { assignee: assignee.name }),
    since: waitingSince,
    last: room.last,
    ...(askedSeq === undefined ? undefined : { seq: askedSeq }),
    content: askedContent.slice(0, SHOWN_UNITS).toWellFormed(),
  };
}

export const respond: Command<"respond"> = {
  needs: "operator",
  bucket: "messages",
  async run(frame, context): Promise<CommandResult> {
    const { hub } = context;
    const answered = await hub.desk.respond(identityOf(context), frame);
    const { inquiry, appended, isUnread } = answered;
    const reply = answerAppended(inquiry.room.name, appended);
    if (reply.type !== "ok") return { reply };
    const gone = isUnread ? { asker_gone: true } as const : undefined;
    return { reply: { ...reply, inquiry: inquiry.id, ...gone } };
  },
};
