// Runs the commands of the desk. Each is a file of its own.

import type { ClientCommand } from "../../config/client_commands.ts";
import { inquiryRoom } from "../../wire/room_ref.ts";
import { send } from "../commands/send.ts";
import type { ClientContext } from "../context.ts";
import type { ComposeOptions } from "../message_input.ts";
import { decision } from "./decision.ts";
import { approve, askForChoice } from "./decision_question.ts";
import { queue } from "./queue.ts";
import { report } from "./report.ts";

/** The commands of the desk, with their arguments. */
type DeskCommand = Extract<
  ClientCommand,
  { kind: "ask-choice" | "approve" | "decision" | "queue" | "answer" | "report" }
>;

/** @throws {Failure} */
export async function runDeskCommand(
  context: ClientContext,
  command: DeskCommand,
  stdin: ComposeOptions["stdin"],
): Promise<void> {
  switch (command.kind) {
    case "ask-choice":
      return await askForChoice(context, { ...command.question, stdin });
    case "approve":
      return await approve(context, { ...command.question, stdin });
    case "decision":
      return await decision(context, command);
    case "queue":
      return await queue(context, command);
    case "report":
      return await report(context, command);
    case "answer": {
      const { inquiry, to, anyway, ...rest } = command;
      await send(context, {
        ...rest,
        room: inquiryRoom(inquiry),
        answers: { to, anyway },
        stdin,
      });
      return;
    }
  }
}
