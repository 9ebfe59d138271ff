// The server's program: command line, wiring, signals; no logic of its own.

import { dirname, join } from "node:path";
import { formatAddress } from "./lib/config/address.ts";
import { ConfigError } from "./lib/config/config_error.ts";
import type { DatabaseConfig } from "./lib/config/database.ts";
import type { NatsBus } from "./lib/cluster/nats_bus.ts";
import { requirePermissions } from "./lib/config/permissions.ts";
import { describeStart, parseServerConfig, type ServerConfig } from "./lib/config/server.ts";
import { placesOf, startCommand, withListen } from "./lib/config/start_command.ts";
import { EXIT_CODES } from "./lib/exit_codes.ts";
import { createLog, type Log, logToStderr, stderrLines } from "./lib/log.ts";
import { OutputQueue } from "./lib/output_queue.ts";
import { RunningClock, RUNTIME_TIMERS } from "./lib/time.ts";
import { AdminTokenFile, type AdminTokenOutcome } from "./lib/server/process/admin_token.ts";
import { formatBanner, logReady } from "./lib/server/process/banner.ts";
import { ChatServer } from "./lib/server/chat_server.ts";
import { ensureConsoleUser } from "./lib/server/console/console_user.ts";
import { ScreenLog } from "./lib/server/console/screen_log.ts";
import type { Seat } from "./lib/server/console/console_terminal.ts";
import { catchUncaughtErrors, redirectConsole } from "./lib/server/process/uncaught_errors.ts";
import { describeLaunch } from "./lib/server/process/launch.ts";
import { accountKeyOf, UpgradeReport } from "./lib/legacy/upgrade/progress_report.ts";
import { upgradeLegacy } from "./lib/legacy/upgrade/upgrade.ts";
import { nextStopSignal, outliveTerminal } from "./lib/server/process/stop_signals.ts";
import { LoopPacer } from "./lib/server/loop_pacer.ts";
import { VERSION } from "./lib/server/version.ts";
import {
  OpenError,
  openErrorFrom,
  type OpenFault,
  type SqlDriver,
  SqlError,
} from "./lib/store/sql.ts";
import { openRepository } from "./lib/store/sql_repository.ts";
import { ignoreSuspension, LAUNCH_ENV, NOT_SUSPENDED } from "./lib/task_runner.ts";

/** The rounds of a server look at the clock twice a second: with a longer gap it was stopped. */
const USUAL_GAP_MS = 1_000;
const CLOCK = new RunningClock({ usualGapMs: USUAL_GAP_MS });
const monotonic = (): number => RUNTIME_TIMERS.monotonic();

/** A task runner passes a signal on within this. */
const TASK_PASSES_ON_MS = 500;
/** As the process began: a terminal that has gone is none any more. */
const TERMINALS = {
  stdin: Deno.stdin.isTerminal(),
  stdout: Deno.stdout.isTerminal(),
  stderr: Deno.stderr.isTerminal(),
};
/** What is for a person and no line of the log. */
const stderrText = new OutputQueue(Deno.stderr, { maxBytes: 1024 * 1024 });
/** How long a terminal that takes nothing is waited for at the start. */
const TERMINAL_MS = 1_000;
/** How long an stderr that takes nothing is waited for at the end. */
const LAST_WORDS_MS = 500;

/** Where the admin's token lies when the messages are not in a file. */
const DATA_DIRECTORY = "data";

/** Named where the port asked for cannot be used. */
const OTHER_PORT = 7000;

const OPEN_EXITS: Readonly<Record<OpenFault, number>> = {
  unreachable: EXIT_CODES.unreachable,
  in_use: EXIT_CODES.tryAgain,
  refused: EXIT_CODES.config,
  incompatible: EXIT_CODES.config,
};

/** Serves until a signal comes, or prints what was asked for. @returns the exit code */
async function main(): Promise<number> {
  const config = parseServerConfig(Deno.args, {
    version: VERSION,
    env: readVariable,
    readFile: (path) => Deno.readFileSync(path),
  });
  if ("text" in config) return await print(config.text);
  return await serve(config);
}

/** @returns the exit code: whether everyone could be shown out */
async function serve(config: ServerConfig): Promise<number> {
  const launch = describeLaunch({
    status: Deno.env.get(LAUNCH_ENV),
    os: Deno.build.os,
    terminals: TERMINALS,
  });
  const isAttended = TERMINALS.stdin && TERMINALS.stdout && !launch.isInBackground;
  const screen = config.console !== "off" && isAttended ? new ScreenLog(logToStderr) : undefined;
  const log = createLog(config.logLevel, screen?.sink);
  redirectConsole(log);
  if (!launch.stopsOnHangUp) {
    outliveTerminal(() => log.info("the terminal is gone: going on without it"));
  }
  if (launch.isByTask) ignoreSuspension(() => log.info(NOT_SUSPENDED));
  requirePermissions(config, {
    started: describeStart(Deno.args, readVariable),
    isBinary: Deno.build.standalone,
    query: (descriptor) => Deno.permissions.querySync(descriptor).state,
  });
  // First of all, so that a server that cannot listen leaves nothing behind.
  using listener = listen(config);
  const tokenPath = adminTokenPath(config.database);
  await using adminToken = await openAdminToken(tokenPath);
  const driver = await openDriver(config.database, log);
  using report = new UpgradeReport({
    log,
    write: TERMINALS.stderr ? complain : undefined,
    monotonic,
  });
  const upgrade = { isWanted: config.upgradesLegacy, keyOf: accountKeyOf, now: CLOCK.now, report };
  const turns = new LoopPacer(monotonic);
  await using repository = await openRepository(driver, {
    log: (event, fields) => log.warn(event, fields),
    now: CLOCK.now,
    limits: config.limits,
    nextTurn: () => turns.nextTurn(),
    upgradeLegacy: (sql) => upgradeLegacy(sql, upgrade),
  });
  const ownsStore = config.database.kind === "sqlite";
  const outcome = await adminToken.register(repository, { now: CLOCK.now(), ownsStore });
  logAdminToken(log, { path: tokenPath, outcome });
  await using bus = await openBus(config, { epoch: repository.epoch, log });
  const server = new ChatServer({
    repository,
    bus,
    turns,
    log,
    listener,
    limits: config.limits,
    createRooms: config.createRooms,
    speaksLegacyDialect: config.speaksLegacyDialect,
    loopback: config.loopback,
    clock: CLOCK,
    sharesStore: config.database.kind === "mysql",
    reservePath: tokenPath,
  });
  catchUncaughtErrors(server.faults);
  // Before anyone is told that the server is there: who reads that may stop it at once.
  let leaveTerminal = (): Promise<void> => Promise.resolve();
  const stopSignal = nextStopSignal({
    monotonic,
    sameWithinMs: launch.isByTask ? TASK_PASSES_ON_MS : 0,
    stopsOnHangUp: launch.stopsOnHangUp,
    beforeExit: () => leaveTerminal(),
  });
  const ready = { address: server.address, database: config.database, hosts: config.hosts };
  const isTaken = TERMINALS.stdout ? await showBanner(formatBanner(ready)) : true;
  if (!TERMINALS.stdout) logReady(log, ready);
  if (!isTaken) log.warn("no console: the terminal takes nothing");
  if (launch.isInBackground) log.info("no console: started in the background");
  await using seat = await openConsole(config, {
    server,
    log,
    screen: isTaken ? screen : undefined,
  });
  if (seat === undefined) screen?.leaveScreen();
  leaveTerminal = async () => await seat?.[Symbol.asyncDispose]();

  const signal = await Promise.race([stopSignal, ...(seat === undefined ? [] : [seat.left])]);
  log.info("stopping", { signal });
  const isComingBack = signal === "SIGTERM" || signal === "SIGHUP";
  const isClean = await server.stop(isComingBack ? "restarting" : "shutdown");
  log.info("stopped", { everyone_shown_out: isClean });
  return isClean ? EXIT_CODES.done : EXIT_CODES.refused;
}

/** The console, when there is a person to sit at it; what it needs is loaded only then. */
async function openConsole(
  config: ServerConfig,
  { server, screen, log }: { server: ChatServer; screen: ScreenLog | undefined; log: Log },
): Promise<Seat | undefined> {
  const { hub, faults } = server;
  const identity = await ensureConsoleUser(hub.repository, { now: CLOCK.now() });
  if (screen === undefined || config.console === "off") return undefined;
  const { openSeat } = await import("./lib/server/console/console_terminal.ts");
  const counters = () => server.counters();
  const scope = config.console;
  const options = { hub, faults, identity, counters, scope, clock: CLOCK, screenLog: screen, log };
  try {
    return await openSeat(options);
  } catch (error) {
    log.warn("no console", { message: describe(error) });
    return undefined;
  }
}

/** Only the driver that is wanted is loaded: the file needs no MySQL client. */
async function openDriver(database: DatabaseConfig, log: Log): Promise<SqlDriver> {
  if (database.kind === "sqlite") {
    const { openSqlite } = await import("./lib/store/sqlite/driver.ts");
    return openSqlite({ path: database.path, alarm: log.error });
  }
  const { openMysql } = await import("./lib/store/mysql/driver.ts");
  return openMysql(database);
}

/** NATS is loaded only where there is a bus. */
async function openBus(
  { bus }: ServerConfig,
  { epoch, log }: { epoch: string; log: Log },
): Promise<NatsBus | undefined> {
  if (bus === undefined) return undefined;
  const { openNatsBus } = await import("./lib/cluster/nats_bus.ts");
  return openNatsBus({ address: bus, epoch, log });
}

function adminTokenPath(database: DatabaseConfig): string {
  const directory = database.kind === "sqlite" ? dirname(database.path) : DATA_DIRECTORY;
  return join(directory, "admin.token");
}

/** @throws {ConfigError} when there is no token and none can be written */
async function openAdminToken(path: string): Promise<AdminTokenFile> {
  try {
    return await AdminTokenFile.open(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const why = error.message.replace(/ \(os error \d+\).*$/s, "");
    throw new ConfigError(
      "config",
      `Cannot keep the administrator's token in ${path}: ${why}; nothing was changed: let this ` +
        `user write into the folder, or start where it may write one called "${DATA_DIRECTORY}"`,
    );
  }
}

function logAdminToken(
  log: Log,
  { path, outcome }: { path: string; outcome: AdminTokenOutcome },
): void {
  if (outcome === "written") log.info("admin token written", { path });
  if (outcome === "added") {
    log.warn("admin token added to a database that did not know it", { path });
  }
  if (outcome === "unusable") {
    const hint = "no token of ours, or open to others; delete the file for a new one";
    log.warn("admin token not used", { path, hint });
  }
}

/** @throws {ConfigError} when the address cannot be used, with a command that uses another */
function listen(config: ServerConfig): Deno.TcpListener {
  try {
    return Deno.listen(config.listen);
  } catch (error) {
    throw new ConfigError("config", describeNotListening(config, error));
  }
}

function describeNotListening(config: ServerConfig, error: unknown): string {
  const refusal = `Cannot listen on ${formatAddress(config.listen)}`;
  const isTaken = error instanceof Deno.errors.AddrInUse;
  const isPrivileged = error instanceof Deno.errors.PermissionDenied;
  if (!isTaken && !isPrivileged) {
    return `${refusal}: ${describe(error)}; --listen names another address`;
  }
  const why = isTaken
    ? "another program listens there, perhaps this server already"
    : "ports below 1024 are the system's";
  const { hostname, port } = config.listen;
  const free = { hostname, port: port === OTHER_PORT ? OTHER_PORT + 1 : OTHER_PORT };
  const started = describeStart(withListen(Deno.args, free), readVariable);
  const command = startCommand(started, { places: placesOf({ ...config, listen: free }) });
  return `${refusal}: ${why}; on another port: ${command}`;
}

function readVariable(name: string): string | undefined {
  return Deno.env.get(name);
}

/** @returns whether the terminal takes it: setting one that does not would wait for it */
async function showBanner(text: string): Promise<boolean> {
  const output = new OutputQueue(Deno.stdout, { maxBytes: Infinity });
  output.push(text);
  return await output.flush(TERMINAL_MS);
}

/** Prints to stdout, in the background. @returns the exit code, once it is printed */
async function print(text: string): Promise<number> {
  let code: number = EXIT_CODES.done;
  const output = new OutputQueue(Deno.stdout, {
    maxBytes: Infinity,
    onFailure: ({ error }) => {
      // Who read it has had enough.
      if (error instanceof Deno.errors.BrokenPipe) return;
      code = EXIT_CODES.config;
      complain(`parley-server: Cannot write to stdout: ${describe(error)}\n`);
    },
  });
  output.push(text);
  await output.whenBelow(1);
  return code;
}

function complain(text: string): void {
  stderrText.push(text);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What could not start says why and how it ends; anything else is a bug and shows itself. */
function exitCodeOf(error: unknown): number {
  if (error instanceof SqlError) return exitCodeOf(openErrorFrom(error));
  const isForeseen = error instanceof ConfigError || error instanceof OpenError;
  if (!isForeseen) throw error;
  complain(`parley-server: ${error.message}\n`);
  return error instanceof ConfigError ? error.exitCode : OPEN_EXITS[error.kind];
}

if (import.meta.main) {
  const code = await main().catch(exitCodeOf);
  await Promise.all([stderrText, stderrLines].map((last) => last.flush(LAST_WORDS_MS)));
  Deno.exit(code);
}
