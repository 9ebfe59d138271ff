// The command `rooms`: its options and its help.

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { parseDuration } from "../people/duration.ts";

/** Which rooms are printed, and how. */
export interface RoomsCommand {
  readonly kind: "rooms";
  /** Only rooms of which the user is a member. */
  readonly isJoined: boolean;
  /** As they are on the wire, one a line. */
  readonly json: boolean;
  readonly timeoutMs: number;
  /** Only the names that the live lines of this home know, without a connection. */
  readonly isKnown: boolean;
}

const TIMEOUT_MS = 30_000;

const ROOMS_HELP = `
Examples:
  deno task client rooms
  deno task client rooms --joined --json | jq -r .room
  deno task client rooms --known

Prints the rooms that you may see, by name, each with its topic and its members, or yours alone. With
--known it prints the names of those that you have joined in the live lines (chat) that run in this home,
without a connection: what a shell completes.`;

/** Adds the command to the client's program. */
export function addRoomsCommand(
  program: CommandUnknownOpts,
  choose: (command: RoomsCommand) => void,
): void {
  program.command("rooms")
    .description("print the rooms that you may see")
    .option("--joined", "only those of which you are a member")
    .option("--json", "print them as they are on the wire, one a line")
    .addOption(
      new Option("--known", "print only the names that live lines know, without a connection")
        .conflicts(["joined", "json", "timeout"]),
    )
    .option(
      "--timeout <time>",
      "give up after this time without an answer (default 30s)",
      parseDuration,
    )
    .allowExcessArguments(false)
    .addHelpText("after", ROOMS_HELP)
    .action(({ joined, json, known, timeout: timeoutMs = TIMEOUT_MS }) => {
      const isKnown = known === true;
      choose({ kind: "rooms", isJoined: joined === true, json: json === true, isKnown, timeoutMs });
    });
}
