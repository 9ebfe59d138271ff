// The client's command line: its commands, their options, and the help that explains them. Values are
// checked here; config/client.ts finds missing settings elsewhere.

import { Command } from "@commander-js/extra-typings";
import { LOBBY } from "../wire/room_ref.ts";
import { ASK_HELP, CHAT_HELP, MENU_HELP, PROGRAM_HELP, SEND_HELP } from "./client_help.ts";
import { addCompletionCommand, type CompletionCommand } from "./completion/completion_command.ts";
import { type CommandShape, shapeOf } from "./completion/program_shape.ts";
import { ConfigError } from "./config_error.ts";
import {
  addDeskCommands,
  type DecisionQuestion,
  type DeskCommand,
  faultOfChoices,
  parseChoices,
  parseKey,
  parseNeeds,
  parseQueue,
} from "./desk/desk_commands.ts";
import { addDeskRoomCommands, type DeskRoomCommand } from "./desk/desk_room_commands.ts";
import { addServersCommands, type ServersCommand } from "./link/servers_commands.ts";
import { type AccountCommand, addAccountCommands } from "./people/account_commands.ts";
import { parseDuration } from "./people/duration.ts";
import { parseRoom } from "./shell/arguments.ts";
import { addInboxCommands, type InboxCommand } from "./shell/inbox_commands.ts";
import { parseCommandLine, type PrintedText } from "./shell/parse_command_line.ts";
import { addReadingCommands, type ReadingCommand } from "./shell/reading_commands.ts";
import { addRoomsCommand, type RoomsCommand } from "./shell/rooms_command.ts";
import { addStatusCommand } from "./shell/status_command.ts";
import type { StatusCommand } from "./shell/status_format.ts";

/** A command of the client, with its arguments. */
export type ClientCommand =
  | AccountCommand
  | DeskCommand
  | DeskRoomCommand
  | ReadingCommand
  | InboxCommand
  | RoomsCommand
  | StatusCommand
  | CompletionCommand
  | ServersCommand
  | { readonly kind: "chat"; readonly room: string }
  | { readonly kind: "menu" }
  | {
    readonly kind: "send";
    readonly room: string;
    /** Without it stdin is the message. */
    readonly text?: string;
    readonly json: boolean;
    readonly timeoutMs: number;
  }
  | {
    readonly kind: "ask";
    /** Without it stdin is the question. */
    readonly text?: string;
    /** The name of the queue. */
    readonly queue?: string;
    readonly json: boolean;
    readonly timeoutMs: number;
  }
  | { readonly kind: "ask-choice"; readonly question: DecisionQuestion };

/** A command, and the settings that every command takes. */
export interface ParsedCommandLine {
  readonly command: ClientCommand;
  readonly server: string | undefined;
  readonly name: string | undefined;
  readonly plain: boolean | undefined;
  readonly tls: boolean | undefined;
  readonly ca: string | undefined;
}

const TIMEOUT_MS = 30_000;
const ANSWER_MS = 30 * 60_000;

/**
 * @param args the command line behind the program's name
 * @throws {ConfigError} one line for a person, and the exit code
 */
export function parseClientCommandLine(
  args: readonly string[],
  { version, exitCodes }: { readonly version: string; readonly exitCodes: string },
): ParsedCommandLine | PrintedText {
  let command: ClientCommand | undefined;
  const program = createProgram(version, (chosen) => command = chosen)
    .addHelpText("after", PROGRAM_HELP(exitCodes));
  const describe = (mistake: string) => `${mistake} (see --help)`;
  const printed = parseCommandLine(program, { args, describe });
  if (printed !== undefined) return printed;
  const { server, name, plain, tls, ca } = program.opts();
  return { command: command ?? { kind: "chat", room: LOBBY }, server, name, plain, tls, ca };
}

/** The commands and options of the client. */
export function describeClient(): CommandShape {
  return shapeOf(createProgram("", () => {}) as Command);
}

// deno-lint-ignore explicit-function-return-type
function createProgram(version: string, choose: (command: ClientCommand) => void) {
  const program = new Command("parley")
    .description("A client of the Parley chat server: for a person in a terminal, and for scripts.")
    .version(version, "--version")
    .option(
      "--server <server>",
      "one of your servers, by its name; or HOST:PORT; by TLS parley://HOST:PORT#PIN",
    )
    .option("--tls", "connect to --server by TLS (default port 65433)")
    .option("--ca <file>", "the certificate of the server's authority (PEM)")
    .option("--name <name>", "your name there")
    .option("--plain", "chat without redrawing, colours and signs: for screen readers")
    .allowExcessArguments(true)
    .action(() => {
      const [word] = program.args;
      if (word !== undefined) throw unknownCommand(word, program.commands);
      choose({ kind: "chat", room: LOBBY });
    });
  program.command("chat")
    .description("chat, in a terminal")
    .argument("[room]", "the room to enter", parseRoom, LOBBY)
    .allowExcessArguments(false)
    .addHelpText("after", CHAT_HELP)
    .action((room) => choose({ kind: "chat", room }));
  program.command("menu")
    .description("a numbered menu, in a terminal, for the first days")
    .allowExcessArguments(false)
    .addHelpText("after", MENU_HELP)
    .action(() => choose({ kind: "menu" }));
  program.command("send")
    .description("send one message; the exit code says whether it is stored")
    .argument("<room>", "where to", parseRoom)
    .argument("[text]", "the message; without it all of stdin is the message")
    .option("--json", "print the server's ok, with the message's seq")
    .option("--timeout <time>", "give up after this: 10s, 5m (default 30s)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", SEND_HELP)
    .action((room, text, { json = false, timeout = TIMEOUT_MS }) => {
      choose({ kind: "send", room, text, json, timeoutMs: timeout });
    });
  program.command("ask")
    .description("ask the desk, and print the answer when it comes")
    .argument("[text]", "the question; without it all of stdin is the question")
    .option("--choice <words>", "the choices, for a decision: red,blue", parseChoices)
    .option("--queue <name>", "the queue in which it waits", parseQueue)
    .option("--needs <n>", "with --choice: how many different operators must agree", parseNeeds)
    .option(
      "--key <key>",
      "with --choice: a question with the same key is asked only once",
      parseKey,
    )
    .option("--no-wait", "with --choice: print the number of the inquiry, and do not wait")
    .option("--json", "print the answer as it is on the wire")
    .option("--timeout <time>", "how long to wait: 10s, 5m, 1h (default 30m)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", ASK_HELP)
    .action((text, { json = false, timeout = ANSWER_MS, ...terms }, command) => {
      const timeoutMs = timeout;
      const { choice: choices, queue, needs, key, wait: waits } = terms;
      if (choices !== undefined) {
        const fault = faultOfChoices(choices);
        if (fault !== undefined) command.error(fault);
        const question = { text, choices, needs: needs ?? 1, queue, key, waits, json, timeoutMs };
        return choose({ kind: "ask-choice", question });
      }
      if (needs !== undefined || key !== undefined || !waits) {
        command.error("--needs, --key and --no-wait have no effect without --choice");
      }
      choose({ kind: "ask", text, queue, json, timeoutMs });
    });
  addReadingCommands(program, choose);
  addInboxCommands(program, choose);
  addRoomsCommand(program, choose);
  addStatusCommand(program, choose);
  addCompletionCommand(program, choose);
  addDeskCommands(program, choose);
  addDeskRoomCommands(program, choose);
  addAccountCommands(program, choose);
  addServersCommands(program, choose);
  return program;
}

function unknownCommand(word: string, commands: readonly { name(): string }[]): ConfigError {
  const names = commands.map((command) => command.name()).join(", ");
  return new ConfigError(
    "usage",
    `There is no command ${JSON.stringify(word)}: there are ${names}`,
  );
}
