// `desk` and its subcommands, for operators and their programs: what happens at the desk, and a report.

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { findPeriodMs, parseDuration } from "../people/duration.ts";
import { DESK } from "../../wire/room_ref.ts";
import { DESK_HELP, REPORT_HELP } from "./desk_help.ts";

/** What `desk` does, with its arguments: it follows the room `desk` as `tail` does, or reports. */
export type DeskRoomCommand =
  | {
    readonly kind: "tail";
    readonly room: typeof DESK;
    readonly history: number;
    readonly since?: number;
    readonly json: boolean;
  }
  | {
    readonly kind: "report";
    /** How far back. */
    readonly periodMs: number;
    readonly json: boolean;
    readonly timeoutMs: number;
  };

const TIMEOUT_MS = 30_000;
const WEEK_MS = 7 * 86_400_000;

/** Adds `desk` to the client's program. */
export function addDeskRoomCommands(
  program: CommandUnknownOpts,
  choose: (command: DeskRoomCommand) => void,
): void {
  // Its options are those of `desk report`, too, wherever they stand.
  const desk = program.command("desk")
    .description("for operators and their programs: follow what happens at the desk")
    .option("--json", "print it as it is on the wire")
    .option("--since <from>", "begin after this seq of the desk; of report how far back (7d)")
    .allowExcessArguments(false)
    .addHelpText("after", DESK_HELP)
    .action(({ json = false, since }, command) => {
      const seq = since === undefined ? undefined : findSeq(since);
      if (since !== undefined && seq === undefined) {
        command.error("desk --since takes the seq of a change, a whole number");
      }
      choose({ kind: "tail", room: DESK, history: 0, since: seq, json: json === true });
    });
  desk.command("report")
    .description("how many inquiries were asked, and how long they waited for a person")
    .option("--timeout <time>", "give up after this: 10s, 5m (default 30s)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", REPORT_HELP)
    .action(({ timeout = TIMEOUT_MS }, command) => {
      const { json, since } = desk.opts();
      const periodMs = since === undefined ? WEEK_MS : findPeriodMs(since);
      if (periodMs === undefined) {
        command.error("desk report --since takes a time like 24h or 30d, at most 3650d");
        return;
      }
      choose({ kind: "report", periodMs, json: json === true, timeoutMs: timeout });
    });
}

function findSeq(text: string): number | undefined {
  const seq = Number(text);
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(seq) ? seq : undefined;
}
