// The client's commands that read rooms: their options and their help.

import { type CommandUnknownOpts, InvalidArgumentError } from "@commander-js/extra-typings";
import { parseDuration } from "../people/duration.ts";
import { parseCount, parseDate, parseLimit, parseRoom } from "./arguments.ts";
import { HISTORY_HELP, SEARCH_HELP, TAIL_HELP, WAIT_HELP } from "./reading_help.ts";

/** How events are printed. */
export interface EventFormat {
  /** As they are on the wire, one a line. */
  readonly json: boolean;
  /** With their seq before each line. */
  readonly showsSeq: boolean;
}

/** A command that reads rooms, with its arguments. */
export type ReadingCommand =
  & EventFormat
  & (
    | {
      readonly kind: "tail";
      readonly room: string;
      readonly history: number;
      readonly since?: number;
    }
    | {
      readonly kind: "wait";
      readonly room: string;
      /** A regular expression, for the flag `u`. */
      readonly pattern: string;
      /** Only messages above this seq; without it those from now on. */
      readonly since?: number;
      readonly timeoutMs: number;
    }
    | {
      readonly kind: "history";
      readonly room: string;
      readonly before?: number;
      /** Only messages from this time on, UTC milliseconds. */
      readonly sinceMs?: number;
      /** The newest so many; without it all. */
      readonly limit?: number;
      readonly timeoutMs: number;
    }
    | {
      readonly kind: "search";
      readonly query: string;
      readonly limit: number;
      readonly timeoutMs: number;
    }
  );

const TIMEOUT_MS = 30_000;
const WAIT_MS = 30 * 60_000;
const HISTORY_PAGE = 50;

const JSON_OPTION = ["--json", "print events as they are on the wire, one a line"] as const;
const SEQ_OPTION = ["--seq", "print the seq of each message, too"] as const;

/** Adds the commands to the client's program. */
export function addReadingCommands(
  program: CommandUnknownOpts,
  choose: (command: ReadingCommand) => void,
): void {
  program.command("tail")
    .description("follow a room: every message as it comes")
    .argument("<room>", "which room", parseRoom)
    .option(...JSON_OPTION)
    .option(...SEQ_OPTION)
    .option("--history <n>", "begin with the newest n messages", parseCount)
    .option("--since <seq>", "begin after this seq, however long ago", parseCount)
    .allowExcessArguments(false)
    .addHelpText("after", TAIL_HELP)
    .action((room, { history = 0, since, ...format }) => {
      choose({ kind: "tail", room, history, since, ...formatOf(format) });
    });
  program.command("wait")
    .description("wait for a message that matches, and print it")
    .argument("<room>", "which room", parseRoom)
    .requiredOption("--match <regex>", "the pattern of its text", parsePattern)
    .option("--since <seq>", "only behind this seq, however long ago (default: now)", parseCount)
    .option(...JSON_OPTION)
    .option(...SEQ_OPTION)
    .option("--timeout <time>", "how long to wait: 10s, 5m, 1h (default 30m)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", WAIT_HELP)
    .action((room, { match: pattern, since, timeout: timeoutMs = WAIT_MS, ...format }) => {
      choose({ kind: "wait", room, pattern, since, timeoutMs, ...formatOf(format) });
    });
  program.command("history")
    .description("print the messages of a room, oldest first")
    .argument("<room>", "which room", parseRoom)
    .option(...JSON_OPTION)
    .option(...SEQ_OPTION)
    .option("--since <date>", "all from this day on: 2026-11-01, 2026-11-01T14:00", parseDate)
    .option("--before <seq>", "only what is older than this seq", parseCount)
    .option("--limit <n>", `how many (default ${HISTORY_PAGE}; all with --since)`, parseLimit)
    .option(
      "--timeout <time>",
      "give up after this time without a page (default 30s)",
      parseDuration,
    )
    .allowExcessArguments(false)
    .addHelpText("after", HISTORY_HELP)
    .action((room, { before, since: sinceMs, limit, timeout = TIMEOUT_MS, ...format }) => {
      const wanted = limit ?? (sinceMs === undefined ? HISTORY_PAGE : undefined);
      const range = { room, before, sinceMs, limit: wanted };
      choose({ kind: "history", ...range, timeoutMs: timeout, ...formatOf(format) });
    });
  program.command("search")
    .description("print messages that have these words, the newest first")
    .argument("<query...>", 'words, "phrases", -word, from:NAME, in:ROOM, after:2026-11-01')
    .option(...JSON_OPTION)
    .option(...SEQ_OPTION)
    .option("--limit <n>", `how many (default ${HISTORY_PAGE})`, parseLimit)
    .option("--timeout <time>", "give up after this time (default 30s)", parseDuration)
    .addHelpText("after", SEARCH_HELP)
    .action((words, { limit = HISTORY_PAGE, timeout = TIMEOUT_MS, ...format }) => {
      const query = (words as readonly string[]).join(" ");
      choose({ kind: "search", query, limit, timeoutMs: timeout, ...formatOf(format) });
    });
}

function formatOf(
  { json, seq }: { readonly json?: true | undefined; readonly seq?: true | undefined },
): EventFormat {
  return { json: json === true, showsSeq: seq === true };
}

function parsePattern(text: string): string {
  try {
    new RegExp(text, "u");
    return text;
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    throw new InvalidArgumentError(`It must be a regular expression: ${why}.`);
  }
}
