// edit and delete: changing messages (protocol §5).

import { may } from "../../chat/access.ts";
import { checkResend } from "../../chat/resends.ts";
import type { Appended } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { EventBody } from "../../wire/event.ts";
import type { ClientFrame } from "../../wire/frame.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "./command.ts";
import { answerAppended, noSuchMessage } from "./messages.ts";

export const edit: Command<"edit"> = {
  needs: "guest",
  scope: "send",
  bucket: "messages",
  run(frame, context): Promise<CommandResult> {
    const body = { kind: "edit", content: frame.content, of: frame.seq } as const;
    return change(frame, context, { body, cid: frame.cid });
  },
  recognise(frame, context, refusal): Promise<CommandResult> {
    const body = { kind: "edit", content: frame.content, of: frame.seq } as const;
    return change(frame, context, { body, cid: frame.cid, refusal });
  },
};

/** The request `delete`, whose name is a word of the language. */
export const remove: Command<"delete"> = {
  needs: "guest",
  scope: "send",
  bucket: "messages",
  run(frame, context): Promise<CommandResult> {
    return change(frame, context, { body: { kind: "delete", content: "", of: frame.seq } });
  },
};

/** Whose the message is, and whether it stands, is judged by the store with the change itself. */
async function change(
  frame: ClientFrame<"edit" | "delete">,
  context: CommandContext,
  { body, cid, refusal: given }: {
    body: EventBody;
    cid?: string | undefined;
    /** Why it is refused unless it is stored already. */
    refusal?: ChatError | undefined;
  },
): Promise<CommandResult> {
  const { hub } = context;
  const principal = principalOf(context);
  // What is deleted already is recognised without a cid.
  const isRecognised = cid !== undefined || frame.type === "delete";
  const access = { principal, action: "change", isRecognised } as const;
  using lease = await hub.rooms.openForResend(frame.room, access);
  const { room, refusal = given } = lease;
  const resendOnly = refusal !== undefined;
  const isModerator = may(principal, "moderate", room);
  const appended = room.kind === "inquiry"
    ? await hub.desk.log.post(room, { author: principal, body, cid, resendOnly })
    : await room.post(principal, body, { cid, isModerator, resendOnly });
  checkResend(appended, refusal);
  checkChanged(appended, frame);
  const reply = answerAppended(room.nameFor(principal.user), appended);
  return { reply: reply.type === "ok" ? { ...reply, of: frame.seq } : reply };
}

/** @throws {ChatError} bad_field, forbidden, bad_state */
function checkChanged(appended: Appended, frame: ClientFrame<"edit" | "delete">): void {
  if (!("refused" in appended)) return;
  switch (appended.refused) {
    case "bad_field":
      throw noSuchMessage("seq", frame);
    case "forbidden":
      throw new ChatError("forbidden", forbidden(frame), { field: "seq" });
    case "bad_state": {
      const message =
        `Message ${frame.seq} is deleted, or is a question with choices: it cannot be changed`;
      throw new ChatError("bad_state", message, { field: "seq" });
    }
  }
}

function forbidden({ type, seq }: ClientFrame<"edit" | "delete">): string {
  return type === "edit"
    ? `Message ${seq} is not yours: you can edit only your own`
    : `Message ${seq} is not yours: only its author and moderators can delete it`;
}
