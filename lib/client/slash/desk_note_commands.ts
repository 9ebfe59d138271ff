// The commands of the line for what operators keep among themselves: ready texts.

import { failure, notice } from "../../terminal/view_lines.ts";
import { inquiryOf, parseInquiry } from "../../wire/room_ref.ts";
import type { OwnTarget } from "./own_commands.ts";
import { request } from "./requests.ts";
import { row, SlashError } from "./slash_table.ts";
import { hasRoleOf } from "./visibility.ts";

const isOperator = hasRoleOf("operator");

/** In the order of /help. */
export const DESK_NOTE_COMMANDS = {
  canned: row<ReadyText | "list", OwnTarget>({
    usage: "[NUMBER] [NAME]",
    description: "for operators: put a ready text into the line",
    details: ["Without a name it lists the texts that the server has."],
    isShown: isOperator,
    parse: parseReadyText,
    run: (wanted, target) => wanted === "list" ? listTexts(target) : fillLine(wanted, target),
  }),
};

interface ReadyText {
  readonly name: string;
  /** Undefined for the inquiry that is meant without a number. */
  readonly inquiry: number | undefined;
}

function parseReadyText(argument: string): ReadyText | "list" | undefined {
  const words = argument.split(/\s+/).filter((word) => word !== "");
  const inquiry = parseInquiry(words[0] ?? "");
  const [name, ...others] = inquiry === undefined ? words : words.slice(1);
  if (name === undefined) return inquiry === undefined ? "list" : undefined;
  return others.length > 0 ? undefined : { name, inquiry };
}

function listTexts(target: OwnTarget): void {
  request(target, { type: "canned" }, ({ names = [] }) => [
    notice(names.length === 0 ? "The server has no ready texts" : names.join(", ")),
  ]);
}

/** Nothing is sent: the person changes the text, and sends it. */
function fillLine({ name, inquiry: given }: ReadyText, target: OwnTarget): void {
  const inquiry = given ?? inquiryMeant(target);
  request(target, { type: "canned", name, inquiry }, ({ content = "" }) => {
    const line = `/answer ${inquiry} ${content}`;
    return target.putBack(line)
      ? []
      : [failure("The line is not empty: /canned needs an empty one")];
  });
}

/** The inquiry of the current room, else the only one that waits. @throws {SlashError} */
function inquiryMeant({ loop }: Pick<OwnTarget, "loop">): number {
  const { current = "", waiting } = loop.conversation;
  const [only] = waiting.size === 1 ? waiting : [];
  const inquiry = inquiryOf(current) ?? only;
  if (inquiry === undefined) throw new SlashError("Which inquiry? Write its number first");
  return inquiry;
}
