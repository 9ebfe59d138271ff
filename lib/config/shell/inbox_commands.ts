// The client's commands about what concerns its user: their options and their help.

import { type CommandUnknownOpts, InvalidArgumentError } from "@commander-js/extra-typings";
import { parseDuration } from "../people/duration.ts";
import { parseLimit, parseRoom } from "./arguments.ts";
import type { EventFormat } from "./reading_commands.ts";

/** A command about what concerns the user, with its arguments. */
export type InboxCommand =
  | EventFormat & {
    readonly kind: "inbox" | "laters";
    readonly limit: number;
    readonly timeoutMs: number;
  }
  | {
    readonly kind: "later";
    readonly room: string;
    readonly seq: number;
    readonly on: boolean;
    readonly timeoutMs: number;
  };

const TIMEOUT_MS = 30_000;
const PAGE = 50;

const INBOX_HELP = `
Examples:
  deno task client inbox
  deno task client inbox --json | jq -r '.reason + " " + .event.room + ": " + .event.content'

Prints what is for you and not read yet, over all your rooms: mentions, replies to you, direct messages,
answers to your inquiries and decisions of your questions; room by room, in each the oldest first. It
marks nothing as read. Exit code 0, whether or not there is something: status has an exit code for that.
--json prints an entry a line: its reason, the event as on the wire, and read, the seq up to which the
room must be read for the entry to go.`;

const LATER_HELP = `
Examples:
  deno task client later ops 59
  deno task client later ops 59 --off

Keeps a bookmark of a message, which laters lists on all your devices; tail and history print the seq of
messages with --seq.`;

const LATERS_HELP = `
Examples:
  deno task client laters
  deno task client laters --json | jq -r .event.content

Prints the messages that you keep for later, the latest bookmark first, as they are now. A message that
was deleted is kept no more; one in a room that you may not read any more is not shown.`;

/** Adds the commands to the client's program. */
export function addInboxCommands(
  program: CommandUnknownOpts,
  choose: (command: InboxCommand) => void,
): void {
  const lists = [
    ["inbox", "print what is for you and not read yet, in all your rooms", INBOX_HELP],
    ["laters", "print the messages that you keep for later", LATERS_HELP],
  ] as const;
  for (const [kind, description, help] of lists) {
    program.command(kind)
      .description(description)
      .option("--json", "print entries as they are on the wire, one a line")
      .option("--seq", "print the seq of each message, too")
      .option("--limit <n>", `how many at most (default ${PAGE})`, parseLimit)
      .option("--timeout <time>", "give up after this time (default 30s)", parseDuration)
      .allowExcessArguments(false)
      .addHelpText("after", help)
      .action(({ json, seq, limit = PAGE, timeout = TIMEOUT_MS }) => {
        const format = { json: json === true, showsSeq: seq === true };
        choose({ kind, limit, timeoutMs: timeout, ...format });
      });
  }
  program.command("later")
    .description("keep a message for later")
    .argument("<room>", "its room", parseRoom)
    .argument("<seq>", "its seq", parseSeq)
    .option("--off", "remove the bookmark")
    .option("--timeout <time>", "give up after this time (default 30s)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", LATER_HELP)
    .action((room, seq, { off, timeout = TIMEOUT_MS }) => {
      choose({ kind: "later", room, seq, on: off !== true, timeoutMs: timeout });
    });
}

function parseSeq(text: string): number {
  const seq = Number(text);
  if (/^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(seq)) return seq;
  throw new InvalidArgumentError("It must be the seq of a message: a whole number from 1 on.");
}
