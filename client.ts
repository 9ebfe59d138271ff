// The client's program: command line, configuration, which command with which view; no logic of its
// own. Modules that only some commands need are loaded by them.

import { abortable } from "@std/async/abortable";
import { type ClientConfig, parseClientConfig } from "./lib/config/client.ts";
import { isAccountCommand } from "./lib/config/people/account_commands.ts";
import { completeTrust, formatServer, pinFileOf } from "./lib/config/link/chosen_server.ts";
import { ConfigError } from "./lib/config/config_error.ts";
import { EXIT_CODES } from "./lib/exit_codes.ts";
import { RunningClock } from "./lib/time.ts";
import { openConnection } from "./lib/client/link/open_connection.ts";
import type { ChatOptions } from "./lib/client/commands/chat_options.ts";
import type { AccountFiles } from "./lib/client/accounts/use_token.ts";
import type { ClientContext } from "./lib/client/context.ts";
import { Failure, formatExitCodes, toFailure } from "./lib/client/exit.ts";
import { KeptIdentity, type KeptIdentityOptions } from "./lib/client/files/identity.ts";
import type { JoinServer } from "./lib/client/accounts/join.ts";
import { failure, notice } from "./lib/terminal/view_lines.ts";
import type { JoinString } from "./lib/wire/secrets/join_string.ts";
import { safeText } from "./lib/terminal/safe_text.ts";
import { FileFault } from "./lib/client/files/file_fault.ts";
import { PrivateFiles } from "./lib/client/files/private_files.ts";
import { processOutput } from "./lib/client/output/process_output.ts";
import { getRememberedName, rememberName } from "./lib/client/files/remembered_name.ts";
import { VERSION } from "./lib/version.ts";
import { OutputClosed, writeLine } from "./lib/client/output/plain_and_json_views.ts";
import { ignoreSuspension, LAUNCH_ENV, NOT_SUSPENDED } from "./lib/deno_task.ts";

/** A session reads the clock every 10 s: with a longer gap the process was stopped. */
const CLOCK = new RunningClock({ usualGapMs: 12_000 });

async function main(): Promise<void> {
  const config = parseClientConfig(Deno.args, {
    version: VERSION,
    exitCodes: formatExitCodes(),
    env: (name) => Deno.env.get(name),
    hasFolder,
    findFile,
  });
  if ("text" in config) return processOutput.stdout(config.text);
  const { command } = config;
  if (Deno.env.get(LAUNCH_ENV) !== undefined) {
    // The live line handles Ctrl-Z itself.
    const isShown = command.kind !== "chat";
    ignoreSuspension(() => isShown ? writeLine(processOutput, notice(NOT_SUSPENDED)) : undefined);
  }
  if (command.kind === "chat") return await runChat(config, command.room);
  if (isAccountCommand(command)) {
    const { runAccountCommand } = await import("./lib/client/accounts/run_account_command.ts");
    await runAccountCommand(createUnnamedContext(config), {
      command,
      files: filesOf(config),
      at: (server) => joinServerOf(config, server),
    });
    // The person has named the key, and the server has accepted the login.
    const { address, tls } = config.server;
    const keepsPin = ["login", "register", "use-token"].includes(command.kind);
    if (keepsPin) await joinServerOf(config, { ...address, pin: tls?.pin }).keepPin();
    return;
  }
  const state = new PrivateFiles(config.stateDirectory);
  // A command that only reads works in a home that cannot be written.
  const isReading = ["history", "tail", "search"].includes(command.kind);
  const unkept = isReading ? "goes on unnamed" : "fails";
  const show = (text: string) => writeLine(processOutput, notice(text));
  const name = config.name ??
    await getRememberedName(state, { unkept: isReading ? "goes on" : "fails", show });
  const remembers = config.remembersName ? "script" : undefined;
  const context = createContext(config, { name, unkept, remembers });
  switch (command.kind) {
    case "send": {
      const { send } = await import("./lib/client/commands/send.ts");
      return await send(context, { ...command, stdin: (into) => Deno.stdin.read(into) });
    }
    case "ask": {
      const { ask } = await import("./lib/client/commands/ask.ts");
      const stdin = (into: Uint8Array) => Deno.stdin.read(into);
      return await ask(context, { ...command, stdin, isWatched: Deno.stderr.isTerminal() });
    }
    case "ask-choice":
    case "approve":
    case "decision":
    case "queue":
    case "answer": {
      const { runDeskCommand } = await import("./lib/client/desk/desk_command.ts");
      // A question that nobody waits for any more is withdrawn, as by a `timeout` of the shell.
      for (const name of ["SIGTERM", "SIGHUP"] as const) interruptOn(name);
      return await runDeskCommand(context, command, (into) => Deno.stdin.read(into));
    }
    case "tail": {
      const { tail } = await import("./lib/client/commands/tail.ts");
      return await tail(context, command);
    }
    case "search": {
      const { search } = await import("./lib/client/commands/search.ts");
      return await search(context, command);
    }
    case "history": {
      const { history } = await import("./lib/client/commands/history.ts");
      // On one terminal the progress row would stand between the messages.
      const isWatched = Deno.stderr.isTerminal() && !Deno.stdout.isTerminal();
      return await history(context, { ...command, isWatched });
    }
  }
}

async function runChat(config: ClientConfig, room: string): Promise<void> {
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
    const instead = "with pipes use send, ask, tail, history or search (--help)";
    throw new Failure("usage", `chat needs a terminal: ${instead}`);
  }
  const state = new PrivateFiles(config.stateDirectory);
  const { askName, describeRefusedName, getChosenName } = await import("./lib/client/ask_name.ts");
  const { chat } = await import("./lib/client/commands/chat.ts");
  const { loginOf } = await import("./lib/client/accounts/chat_login.ts");
  const { lineTerminal, openPlain, openTerminal } = await import(
    "./lib/client/output/open_terminal.ts"
  );
  const { addToLineHistory } = await import("./lib/client/files/line_history.ts");
  const openView = config.plain ?? Deno.env.get("TERM") === "dumb"
    ? await openPlain(CLOCK)
    : await openTerminal(state, CLOCK);
  let name = config.name ?? await abortable(getChosenName(state, lineTerminal), signal);
  const isSetting = config.name !== undefined && !config.remembersName;
  let remembers: UserChoice["remembers"] = isSetting ? undefined : "person";
  const login = loginOf(createUnnamedContext(config), filesOf(config));
  for (;;) {
    const context = createContext(config, { name, unkept: "goes on", remembers });
    try {
      const remember = (line: string) => addToLineHistory(state, line);
      const notifier = await notifierOf(config);
      const next = await chat(context, { room, openView, remember, login, ...notifier });
      if (next === undefined) return;
      [name, remembers] = [next, undefined];
    } catch (error) {
      const refusal = describeRefusedName(error, name);
      if (refusal === undefined) throw error;
      // Where the next question is asked, so that the two stay in order.
      lineTerminal.write(`! ${safeText(refusal)}\n`);
      [name, remembers] = [await abortable(askName(lineTerminal), signal), "person"];
    }
  }
}

/** What runs when a message calls the person, if something does. */
async function notifierOf(
  { notifyCommand: command }: ClientConfig,
): Promise<Pick<ChatOptions, "notify">> {
  if (command === undefined) return {};
  const { createNotifier } = await import("./lib/client/output/notify_command.ts");
  return { notify: (show) => createNotifier({ command, failed: (text) => show(failure(text)) }) };
}

interface UserChoice {
  readonly name: string;
  readonly unkept: KeptIdentityOptions["unkept"];
  /** Who gave the name, if later runs use it once the server has accepted it. */
  readonly remembers: "person" | "script" | undefined;
}

function createContext(
  config: ClientConfig,
  { name, unkept, remembers }: UserChoice,
): ClientContext {
  const context = createUnnamedContext(config);
  const { server, state } = context;
  const welcomed = remembers === undefined
    ? undefined
    : () => rememberName(state, { name, by: remembers });
  const identity = new KeptIdentity(tokensOf(config), { server, name, unkept, welcomed });
  return { ...context, identity };
}

// deno-lint-ignore explicit-function-return-type
function createUnnamedContext(config: ClientConfig) {
  const server = formatServer(config.server);
  return {
    server,
    state: new PrivateFiles(config.stateDirectory),
    connect: (signal: AbortSignal) => openConnection({ ...config.server, server }, signal),
    clock: CLOCK,
    random: Math.random,
    output: processOutput,
    signal,
  };
}

/** What joining by a string needs; with a pin in it the pin that was kept does not count. */
function joinServerOf(
  config: ClientConfig,
  { hostname, port, pin }: JoinString,
): JoinServer {
  const address = { hostname, port };
  const sources = { findFile, configDirectory: config.configDirectory };
  const caPath = pin === undefined ? config.caPath : undefined;
  const server = completeTrust({ address, tls: { pin } }, { caPath, sources });
  const { folder, name } = pinFileOf(address);
  const files = new PrivateFiles(config.configDirectory).within(folder);
  return {
    context: createUnnamedContext({ ...config, server }),
    keepPin: async () =>
      pin === undefined ? undefined : await files.write(name, formatServer(server)),
  };
}

function filesOf(config: ClientConfig): AccountFiles {
  const { name, remembersName: isNameGiven, stateDirectory } = config;
  return { tokens: tokensOf(config), state: new PrivateFiles(stateDirectory), name, isNameGiven };
}

function tokensOf({ configDirectory }: ClientConfig): PrivateFiles {
  return new PrivateFiles(configDirectory).within("tokens");
}

const stop = new AbortController();
/** Aborts on Ctrl-C, or when stdout cannot be written. */
const signal = AbortSignal.any([stop.signal, processOutput.failed]);
interruptOn("SIGINT");

/** From now on the first of this signal interrupts the command; a second one ends the process at once. */
function interruptOn(name: Deno.Signal): void {
  Deno.addSignalListener(name, () => {
    if (stop.signal.aborted) Deno.exit(EXIT_CODES.interrupted);
    stop.abort(new Failure("interrupted", "Interrupted"));
  });
}

function hasFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** @throws {FileFault} when it is there and cannot be read */
function findFile(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const { NotFound, NotADirectory, NotCapable } = Deno.errors;
    // Without a HOME that is a folder there is no file, and no permission to see that.
    if ([NotFound, NotADirectory, NotCapable].some((kind) => error instanceof kind)) return;
    throw new FileFault("read", { path, cause: error });
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
async function runToEnd(): Promise<number> {
  try {
    await main();
    await processOutput.finishStdout(signal);
    return EXIT_CODES.done;
  } catch (error) {
    // Text that was printed before the error is written to its end.
    await processOutput.finishStdout(signal).catch(() => {});
    return exitCodeOf(error);
  } finally {
    await processOutput.finishStderr();
  }
}

if (import.meta.main) Deno.exit(await runToEnd());
