// The client's program: command line, configuration, which command with which view; no logic of its
// own. Modules that only some commands need are loaded by them.

import { parseClientConfig } from "../../config/client.ts";
import { ConfigError } from "../../config/config_error.ts";
import { formatServer } from "../../config/link/chosen_server.ts";
import { isAccountCommand } from "../../config/people/account_commands.ts";
import { ignoreSuspension, LAUNCH_ENV, NOT_SUSPENDED } from "../../deno_task.ts";
import { EXIT_CODES } from "../../exit_codes.ts";
import { failure, notice } from "../../terminal/view_lines.ts";
import { VERSION } from "../../version.ts";
import { formatExitCodes, toFailure } from "../exit.ts";
import { PrivateFiles } from "../files/private_files.ts";
import { getRememberedName } from "../files/remembered_name.ts";
import { OutputClosed, writeLine } from "../output/plain_and_json_views.ts";
import { processOutput } from "../output/process_output.ts";
import { runStatus } from "../status/status_program.ts";
import { findFile, hasFolder } from "./configuration_files.ts";
import {
  configAt,
  createContext,
  createUnnamedContext,
  filesOf,
  joinServerOf,
  serverListOf,
} from "./contexts.ts";
import { interruptOn, signal } from "./interruption.ts";

/** @returns the exit code when it is not that of success */
async function main(): Promise<number | void> {
  const config = parseClientConfig(Deno.args, {
    version: VERSION,
    exitCodes: formatExitCodes(),
    env: (name) => Deno.env.get(name),
    hasFolder,
    isAttended: () => [Deno.stdin, Deno.stdout, Deno.stderr].some((one) => one.isTerminal()),
    findFile,
  });
  if ("text" in config) return processOutput.stdout(config.text);
  const { command } = config;
  if (Deno.env.get(LAUNCH_ENV) !== undefined) {
    // The live line handles Ctrl-Z itself.
    const isShown = command.kind !== "chat";
    ignoreSuspension(() => isShown ? writeLine(processOutput, notice(NOT_SUSPENDED)) : undefined);
  }
  if (command.kind === "status") {
    const server = command.isAtServer ? formatServer(config.server) : undefined;
    return runStatus({ ...command, server });
  }
  if (command.kind === "rooms" && command.isKnown) {
    const { runKnownRooms } = await import("../status/known_rooms.ts");
    return runKnownRooms();
  }
  if (command.kind === "completion") {
    const { formatCompletion } = await import("../../config/completion/completion.ts");
    const { describeClient } = await import("../../config/client_commands.ts");
    return processOutput.stdout(formatCompletion(describeClient(), command));
  }
  if (command.kind === "chat") {
    const { runChat } = await import("./run_chat.ts");
    return await runChat(config, command.room);
  }
  if (command.kind === "menu") {
    const { runMenuHere } = await import("./run_menu.ts");
    return await runMenuHere(config);
  }
  if (command.kind === "servers") {
    const { servers } = await import("../commands/servers.ts");
    return await servers(command, { ...config, list: serverListOf(config), output: processOutput });
  }
  if (isAccountCommand(command)) {
    const { runAccountCommand } = await import("../accounts/run_account_command.ts");
    await runAccountCommand(createUnnamedContext(config), {
      command,
      files: filesOf(config),
      at: (server) => joinServerOf(configAt(config, server)),
    });
    return;
  }
  const state = new PrivateFiles(config.stateDirectory);
  // A command that only reads works in a home that cannot be written.
  const isReading = ["history", "tail", "wait", "search", "rooms", "inbox", "laters"].includes(
    command.kind,
  );
  const unkept = isReading ? "goes on unnamed" : "fails";
  const show = (text: string) => writeLine(processOutput, notice(text));
  const name = config.name ??
    await getRememberedName(state, { unkept: isReading ? "goes on" : "fails", show });
  const remembers = config.remembersName ? "script" : undefined;
  const context = createContext(config, { name, unkept, remembers, keepsServer: false });
  switch (command.kind) {
    case "send": {
      const { send } = await import("../commands/send.ts");
      await send(context, { ...command, stdin: (into) => Deno.stdin.read(into) });
      return;
    }
    case "ask": {
      const { ask } = await import("../commands/ask.ts");
      const stdin = (into: Uint8Array) => Deno.stdin.read(into);
      return await ask(context, { ...command, stdin, isWatched: Deno.stderr.isTerminal() });
    }
    case "ask-choice":
    case "approve":
    case "decision":
    case "queue":
    case "report":
    case "answer": {
      const { runDeskCommand } = await import("../desk/desk_command.ts");
      // A question that nobody waits for any more is withdrawn, as by a `timeout` of the shell.
      for (const name of ["SIGTERM", "SIGHUP"] as const) interruptOn(name);
      return await runDeskCommand(context, command, (into) => Deno.stdin.read(into));
    }
    case "tail": {
      const { tail } = await import("../commands/tail.ts");
      return await tail(context, command);
    }
    case "wait": {
      const { wait } = await import("../follow/wait.ts");
      return await wait(context, command);
    }
    case "rooms": {
      const { rooms } = await import("../commands/rooms.ts");
      return await rooms(context, command);
    }
    case "search": {
      const { search } = await import("../commands/search.ts");
      await search(context, command);
      return;
    }
    case "inbox":
    case "later":
    case "laters": {
      const { runInboxCommand } = await import("../inbox/inbox.ts");
      return await runInboxCommand(context, command);
    }
    case "history": {
      const { history } = await import("../commands/history.ts");
      // On one terminal the progress row would stand between the messages.
      const isWatched = Deno.stderr.isTerminal() && !Deno.stdout.isTerminal();
      await history(context, { ...command, isWatched });
      return;
    }
  }
}

/** Writes an error as one line. @throws an unexpected error: it is a bug */
function exitCodeOf(error: unknown): number {
  if (error instanceof OutputClosed) return EXIT_CODES.done;
  if (error instanceof ConfigError) {
    writeLine(processOutput, failure(error.message));
    return error.exitCode;
  }
  const failed = toFailure(error);
  writeLine(processOutput, failure(failed.message));
  return failed.exitCode;
}

/** Runs until all output is written. @returns the exit code */
export async function runToEnd(): Promise<number> {
  try {
    const exitCode = await main();
    await processOutput.finishStdout(signal);
    return exitCode ?? EXIT_CODES.done;
  } catch (error) {
    // Text that was printed before the error is written to its end.
    await processOutput.finishStdout(signal).catch(() => {});
    return exitCodeOf(error);
  } finally {
    await processOutput.finishStderr();
  }
}
