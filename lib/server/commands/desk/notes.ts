// note and draft: texts of operators and their programs that no asker sees (protocol §10).

import type { ChatError } from "../../../wire/errors.ts";
import type { ClientFrame } from "../../../wire/frame.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "../command.ts";
import { answerAppended } from "../messages.ts";

export const note: Command<"note"> = {
  needs: "guest",
  scope: "desk",
  bucket: "messages",
  run: (frame, context) => write("message", { frame, context }),
  recognise: (frame, context, refusal) => write("message", { frame, context, refusal }),
};

export const draft: Command<"draft"> = {
  needs: "guest",
  scope: "desk",
  bucket: "messages",
  run: (frame, context) => write("draft", { frame, context }),
  recognise: (frame, context, refusal) => write("draft", { frame, context, refusal }),
};

async function write(
  kind: "message" | "draft",
  { frame, context, refusal }: {
    frame: ClientFrame<"note" | "draft">;
    context: CommandContext;
    /** Why it is refused unless it is stored already. */
    refusal?: ChatError;
  },
): Promise<CommandResult> {
  const { notes } = context.hub.desk;
  const { room, appended } = await notes.write(principalOf(context), kind, {
    ...frame,
    refusal,
  });
  const reply = answerAppended(room, appended);
  return { reply: reply.type === "ok" ? { ...reply, inquiry: frame.inquiry } : reply };
}
