// `desk` and its subcommands, for operators: a report of the desk.

import { type CommandUnknownOpts } from "@commander-js/extra-typings";
import { parseDuration, parsePeriod } from "../people/duration.ts";
import { REPORT_HELP } from "./desk_help.ts";

/** What `desk` does, with its arguments. */
export interface DeskRoomCommand {
  readonly kind: "report";
  /** How far back. */
  readonly periodMs: number;
  readonly json: boolean;
  readonly timeoutMs: number;
}

const TIMEOUT_MS = 30_000;
const WEEK_MS = 7 * 86_400_000;

/** Adds `desk` to the client's program. */
export function addDeskRoomCommands(
  program: CommandUnknownOpts,
  choose: (command: DeskRoomCommand) => void,
): void {
  const desk = program.command("desk").description("for operators: a report of the desk");
  desk.command("report")
    .description("how many inquiries were asked, and how long they waited for a person")
    .option("--since <time>", "how far back: 24h, 30d (default 7d)", parsePeriod)
    .option("--json", "print the report as it is on the wire")
    .option("--timeout <time>", "give up after this: 10s, 5m (default 30s)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", REPORT_HELP)
    .action(({ since = WEEK_MS, json = false, timeout = TIMEOUT_MS }) => {
      choose({ kind: "report", periodMs: since, json: json === true, timeoutMs: timeout });
    });
}
