// claim, release, assign, snooze, resolve, reopen and seen: operators work at the desk (protocol §10).

import type { DeskWork, WorkResult } from "../../chat/desk/desk_work.ts";
import type { Principal } from "../../chat/people/principal.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import { DESK } from "../../wire/room_ref.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "./command.ts";
import { answerAppended } from "./messages.ts";

/** What all of them need. */
const BY_OPERATORS = { needs: "operator", scope: "everything", bucket: "requests" } as const;

export const claim: Command<"claim"> = {
  ...BY_OPERATORS,
  run: (frame, context) =>
    answer(frame, context, (work, operator) => work.change(operator, "claimed", frame)),
};

export const release: Command<"release"> = {
  ...BY_OPERATORS,
  run: (frame, context) =>
    answer(frame, context, (work, operator) => work.change(operator, "released", frame)),
};

export const assign: Command<"assign"> = {
  ...BY_OPERATORS,
  run: (frame, context) => answer(frame, context, (work, operator) => work.assign(operator, frame)),
};

export const snooze: Command<"snooze"> = {
  ...BY_OPERATORS,
  run: (frame, context) => answer(frame, context, (work, operator) => work.snooze(operator, frame)),
};

export const resolve: Command<"resolve"> = {
  ...BY_OPERATORS,
  run: (frame, context) =>
    answer(frame, context, (work, operator) => work.change(operator, "resolved", frame)),
};

export const reopen: Command<"reopen"> = {
  ...BY_OPERATORS,
  run: (frame, context) =>
    answer(frame, context, (work, operator) => work.change(operator, "reopened", frame)),
};

export const seen: Command<"seen"> = {
  ...BY_OPERATORS,
  run: (frame, context) =>
    answer(frame, context, (work, operator) => work.change(operator, "seen", frame)),
};

async function answer(
  { inquiry }: { readonly inquiry: number },
  context: CommandContext,
  change: (work: DeskWork, operator: Principal) => Promise<WorkResult>,
): Promise<CommandResult> {
  const { appended, status } = await change(context.hub.desk.work, principalOf(context));
  const reply: ServerFrame = answerAppended(DESK, appended);
  return { reply: reply.type === "ok" ? { ...reply, inquiry, ...status } : reply };
}
