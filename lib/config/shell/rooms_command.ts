// The command `rooms`: its options and its help.

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { parseDuration } from "../people/duration.ts";

/** Which rooms are printed, and how. */
export interface RoomsCommand {
  readonly kind: "rooms";
  /** Only rooms of which the user is a member. */
  readonly isJoined: boolean;
  /** As they are on the wire, one a line. */
  readonly json: boolean;
  readonly timeoutMs: number;
}

const TIMEOUT_MS = 30_000;

const ROOMS_HELP = `
Examples:
  deno task client rooms
  deno task client rooms --joined --json | jq -r .room

Prints the rooms that you may see, by name, each with its topic and its members, or yours alone.`;

/** Adds the command to the client's program. */
export function addRoomsCommand(
  program: CommandUnknownOpts,
  choose: (command: RoomsCommand) => void,
): void {
  program.command("rooms")
    .description("print the rooms that you may see")
    .option("--joined", "only those of which you are a member")
    .option("--json", "print them as they are on the wire, one a line")
    .option(
      "--timeout <time>",
      "give up after this time without an answer (default 30s)",
      parseDuration,
    )
    .allowExcessArguments(false)
    .addHelpText("after", ROOMS_HELP)
    .action(({ joined, json, timeout: timeoutMs = TIMEOUT_MS }) => {
      choose({ kind: "rooms", isJoined: joined === true, json: json === true, timeoutMs });
    });
}
