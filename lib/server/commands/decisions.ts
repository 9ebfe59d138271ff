// decide, withdraw and question: a question with choices is decided, closed or looked at (protocol §10).

import type { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import type { Decisions } from "../../chat/desk/decisions.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "./command.ts";
import { answerAppended } from "./messages.ts";

/** How much of the question is shown, in UTF-16 units: the event may fill most of a frame. */
const SHOWN_UNITS = 500;

export const decide: Command<"decide"> = {
  needs: "guest",
  scope: "everything",
  bucket: "messages",
  run: (frame, context) => decideBy(frame, context),
  recognise: (frame, context, refusal) => decideBy(frame, context, refusal),
};

/** @param refusal why it is refused unless it is stored already */
async function decideBy(
  frame: ClientFrame<"decide">,
  context: CommandContext,
  refusal?: ChatError,
): Promise<CommandResult> {
  const { decisions } = context.hub.desk;
  const outcome = await decisions.decide(principalOf(context), { ...frame, refusal });
  return { reply: answerOutcome(frame.inquiry, outcome) };
}

export const withdraw: Command<"withdraw"> = {
  needs: "guest",
  scope: "ask",
  bucket: "messages",
  async run({ inquiry }, context): Promise<CommandResult> {
    const { decisions } = context.hub.desk;
    const outcome = await decisions.withdraw(principalOf(context), inquiry);
    return { reply: answerOutcome(inquiry, outcome) };
  },
};

type Outcome = Awaited<ReturnType<Decisions["decide"]>>;

function answerOutcome(inquiry: number, { room, appended, state }: Outcome): ServerFrame {
  const reply = answerAppended(room, appended);
  return reply.type === "ok" ? { ...reply, inquiry, state } : reply;
}

export const question: Command<"question"> = {
  needs: "guest",
  scope: "ask",
  bucket: "requests",
  async run({ inquiry, cid }, context): Promise<CommandResult> {
    const { decisions } = context.hub.desk;
    const { record, state, event } = await decisions.status(principalOf(context), { inquiry, cid });
    const { id, room, asker, askedSeq, askedContent, askedEdited, askedDeleted, terms } = record;
    return {
      reply: {
        type: "question",
        inquiry: id,
        room: room.name,
        seq: askedSeq,
        from: asker.name,
        content: askedContent.slice(0, SHOWN_UNITS).toWellFormed(),
        edited: askedEdited,
        deleted: askedDeleted,
        ...terms,
        state,
        event,
      },
    };
  },
};
