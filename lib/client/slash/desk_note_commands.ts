// The commands of the line for notes, drafts and ready texts, which no asker sees.

import { failure, notice } from "../../terminal/view_lines.ts";
import { inquiryOf, notesRoom, parseInquiry } from "../../wire/room_ref.ts";
import { checkSendable } from "./line_target.ts";
import type { OwnTarget } from "./own_commands.ts";
import { request } from "./requests.ts";
import { row, SlashError } from "./slash_table.ts";
import { hasRoleOf } from "./visibility.ts";

/** Notes that are shown at once. */
const SHOWN = 20;

const isOperator = hasRoleOf("operator");

/** In the order of /help. */
export const DESK_NOTE_COMMANDS = {
  note: row<NoteText, OwnTarget>({
    usage: "NUMBER TEXT",
    description: "for operators: note what its asker never sees",
    isShown: isOperator,
    parse: parseNote,
    run: ({ inquiry, content }, target) => {
      checkSendable(content, target);
      request(
        target,
        { type: "note", inquiry, content },
        () => [notice(`Noted about ?${inquiry}`)],
      );
    },
  }),
  notes: row<number, OwnTarget>({
    usage: "NUMBER",
    description: "for operators: show the notes about an inquiry",
    isShown: isOperator,
    parse: parseInquiry,
    run: (inquiry, { loop }) =>
      loop.ask({ type: "history", room: notesRoom(inquiry), limit: SHOWN }),
  }),
  use: row<DraftToSend, OwnTarget>({
    usage: "NUMBER [DRAFT]",
    description: "for operators: send a draft as your answer",
    details: ["Without the number of a draft it sends the last one that was shown."],
    isShown: isOperator,
    parse: parseDraft,
    run: (draft, target) => sendDraft(draft, target),
  }),
  "use!": row<DraftToSend, OwnTarget>({
    usage: "NUMBER [DRAFT]",
    description: "for operators: send a draft all the same",
    details: ["Although the asker has written since, or another operator has just answered."],
    isShown: isOperator,
    parse: parseDraft,
    run: (draft, target) => sendDraft({ ...draft, anyway: true }, target),
  }),
  canned: row<ReadyText | "list", OwnTarget>({
    usage: "[NUMBER] [NAME]",
    description: "for operators: put a ready text into the line",
    details: ["Without a name it lists the texts that the server has."],
    isShown: isOperator,
    parse: parseReadyText,
    run: (wanted, target) => wanted === "list" ? listTexts(target) : fillLine(wanted, target),
  }),
};

interface NoteText {
  readonly inquiry: number;
  readonly content: string;
}

interface DraftToSend {
  readonly inquiry: number;
  /** Its seq; undefined for the last one that was shown. */
  readonly draft: number | undefined;
  readonly anyway?: true;
}

interface ReadyText {
  readonly name: string;
  /** Undefined for the inquiry that is meant without a number. */
  readonly inquiry: number | undefined;
}

function parseNote(argument: string): NoteText | undefined {
  const [, number = "", content = ""] = /^(\S+)\s+([^]+)$/.exec(argument) ?? [];
  const inquiry = parseInquiry(number);
  return inquiry === undefined ? undefined : { inquiry, content };
}

function parseDraft(argument: string): DraftToSend | undefined {
  const [, number = "", seq] = /^(\S+)(?:\s+([1-9]\d{0,14}))?$/.exec(argument) ?? [];
  const inquiry = parseInquiry(number);
  if (inquiry === undefined) return undefined;
  return { inquiry, draft: seq === undefined ? undefined : Number(seq) };
}

/** Only what the person was shown is sent. @throws {SlashError} when that is none */
function sendDraft({ inquiry, draft: given, anyway }: DraftToSend, target: OwnTarget): void {
  const draft = given ?? target.loop.conversation.drafts.get(inquiry);
  if (draft === undefined) {
    throw new SlashError(`no draft for ${inquiry} was shown here; /notes ${inquiry} shows them`);
  }
  request(target, { type: "respond", inquiry, draft, anyway }, () => [
    notice(`Sent to ?${inquiry} as your answer`),
  ]);
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
