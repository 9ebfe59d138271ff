// The server program: command line, wiring and signals; no logic of its own.

import { dirname } from "node:path";
import { CERTIFICATE_COMMAND, parseCertificateCommand } from "./lib/config/certificate.ts";
import { ConfigError } from "./lib/config/config_error.ts";
import { parseDeskFile } from "./lib/config/desk/desk_file.ts";
import { joinStringOf } from "./lib/config/tls.ts";
import type { AdminCommand } from "./lib/config/people/admin_command.ts";
import { parseAdminCommandLine } from "./lib/config/people/admin_command_line.ts";
import { formatStartCommand } from "./lib/config/start_command.ts";
import type { DatabaseConfig } from "./lib/config/database.ts";
import type { NatsBus } from "./lib/cluster/nats_bus.ts";
import type { ListenOption, TlsConfig } from "./lib/config/start_command.ts";
import { needsOf, requirePermissions } from "./lib/config/permissions.ts";
import { describeStart, parseServerConfig, type ServerConfig } from "./lib/config/server.ts";
import { messageOf } from "./lib/error_message.ts";
import { EXIT_CODES } from "./lib/exit_codes.ts";
import { createLog, type Log, logToStderr, stderrLines } from "./lib/log.ts";
import { print, showBanner, stderrText, writeStderr } from "./lib/printed_text.ts";
import { RunningClock, RUNTIME_TIMERS } from "./lib/time.ts";
import {
  adminTokenPath,
  logAdminToken,
  openAdminToken,
} from "./lib/server/process/open_admin_token.ts";
import { describeListenError } from "./lib/config/listen_error.ts";
import { formatBanner, logReady } from "./lib/server/process/banner.ts";
import { ChatServer } from "./lib/server/chat_server.ts";
import type { AcceptedConnection, EndpointOf } from "./lib/server/endpoint/endpoint.ts";
import { ProxiedEndpoint } from "./lib/server/endpoint/proxied_endpoint.ts";
import { SocketServer } from "./lib/server/endpoint/socket_server.ts";
import { TcpEndpoint } from "./lib/server/endpoint/tcp_endpoint.ts";
import { ensureConsoleUser } from "./lib/server/console/console_user.ts";
import { ScreenLog } from "./lib/server/console/screen_log.ts";
import type { ConsoleTerminal } from "./lib/server/console/console_terminal.ts";
import { MemoryEndpoint } from "./lib/server/endpoint/memory_endpoint.ts";
import { catchUncaughtErrors, redirectConsole } from "./lib/server/process/uncaught_errors.ts";
import { describeLaunchMode } from "./lib/server/process/launch_mode.ts";
import { accountKeyOf, UpgradeReport } from "./lib/legacy/upgrade/progress_report.ts";
import { LEGACY_DIALECT, REFUSED_LEGACY_DIALECT } from "./lib/legacy/legacy_channel.ts";
import { upgradeLegacy } from "./lib/legacy/upgrade/upgrade.ts";
import {
  hasLostTerminal,
  nextStopSignal,
  outliveTerminal,
} from "./lib/server/process/stop_signals.ts";
import { LiveDeskSettings } from "./lib/server/process/live_desk_settings.ts";
import { LiveCertificate } from "./lib/server/tls/live_certificate.ts";
import { openTls } from "./lib/server/tls/open_tls.ts";
import { LoopPacer } from "./lib/server/loop_pacer.ts";
import { VERSION } from "./lib/version.ts";
import {
  OpenError,
  openErrorFrom,
  type OpenFault,
  type SqlDriver,
  SqlError,
} from "./lib/store/sql.ts";
import type { Repository } from "./lib/store/repository.ts";
import { openRepository } from "./lib/store/sql_repository.ts";
import { ignoreSuspension, LAUNCH_ENV, NOT_SUSPENDED } from "./lib/deno_task.ts";

/** The periodic tasks read the clock twice a second: a longer gap means that the process was stopped. */
const USUAL_GAP_MS = 1_000;
const CLOCK = new RunningClock({ usualGapMs: USUAL_GAP_MS });
const monotonic = (): number => RUNTIME_TIMERS.monotonic();

/** The longest delay until a task runner sends a signal again. */
const TASK_SIGNAL_MS = 500;
/** At the start of the process: a closed terminal is no longer one. */
const TERMINALS = {
  stdin: Deno.stdin.isTerminal(),
  stdout: Deno.stdout.isTerminal(),
  stderr: Deno.stderr.isTerminal(),
};
/** How long the exit waits for a blocked stderr. */
const STDERR_WAIT_MS = 500;

const OPEN_EXITS: Readonly<Record<OpenFault, number>> = {
  unreachable: EXIT_CODES.unreachable,
  in_use: EXIT_CODES.tryAgain,
  refused: EXIT_CODES.config,
  incompatible: EXIT_CODES.config,
};

/** Serves until a signal arrives, or prints the requested text. @returns the exit code */
async function main(): Promise<number> {
  const admin = parseAdminCommandLine(Deno.args, { version: VERSION, env: readVariable });
  if (admin !== undefined) {
    return "text" in admin ? await printText(admin.text) : await administer(admin);
  }
  if (Deno.args[0] === CERTIFICATE_COMMAND) return await runCertificateCommand(Deno.args.slice(1));
  const config = parseServerConfig(Deno.args, {
    version: VERSION,
    env: readVariable,
    readFile: (path) => Deno.readFileSync(path),
  });
  if ("text" in config) return await printText(config.text);
  return await serve(config);
}

/** @returns the exit code */
async function printText(text: string): Promise<number> {
  return await print(text) ? EXIT_CODES.done : EXIT_CODES.config;
}

/** Acts on the server that runs already. @returns the exit code */
async function administer(command: AdminCommand): Promise<number> {
  const { runAdminCommand } = await import("./lib/admin/run.ts");
  return await runAdminCommand(command, {
    tokenPath: adminTokenPath(command.database),
    readFile: (path) => Deno.readTextFileSync(path),
    mayConnect: (host) => Deno.permissions.querySync({ name: "net", host }).state === "granted",
    commandFor: (address) =>
      formatStartCommand(describeStart(Deno.args, readVariable), { places: [address] }),
  });
}

/** Writes a certificate, or prints its help. @returns the exit code */
async function runCertificateCommand(args: readonly string[]): Promise<number> {
  const config = parseCertificateCommand(args);
  if ("text" in config) return await print(config.text) ? EXIT_CODES.done : EXIT_CODES.config;
  const folders = [config.certificatePath, config.keyPath].map((path) => dirname(path));
  requirePermissions({ folders: [...new Set(folders)] }, permissions());
  const { writeCertificate } = await import("./lib/server/tls/certificate_command.ts");
  const text = await writeCertificate(config, { now: CLOCK.now() });
  return await print(text) ? EXIT_CODES.done : EXIT_CODES.config;
}

/** @returns the exit code: whether every connection ended with a bye */
async function serve(config: ServerConfig): Promise<number> {
  const launch = describeLaunchMode({
    status: Deno.env.get(LAUNCH_ENV),
    os: Deno.build.os,
    terminals: TERMINALS,
  });
  const isAttended = TERMINALS.stdin && TERMINALS.stdout && !launch.isInBackground;
  const screen = config.console !== "off" && isAttended ? new ScreenLog(logToStderr) : undefined;
  const log = createLog(config.logLevel, screen?.sink);
  redirectConsole(log);
  let readAgain = (): void => {};
  const hasFiles = config.tls !== undefined || config.deskPath !== undefined;
  const isReload = (): boolean => hasFiles && !hasLostTerminal(TERMINALS);
  if (hasFiles || !launch.stopsOnHangUp) {
    outliveTerminal(() => {
      if (isReload()) readAgain();
      else if (!launch.stopsOnHangUp) log.info("the terminal was closed: continuing without it");
    });
  }
  if (launch.isByTask) ignoreSuspension(() => log.info(NOT_SUSPENDED));
  requirePermissions(needsOf(config), permissions());
  const desk = config.deskPath === undefined ? undefined : openDesk(config.deskPath, log);
  // Before anything else, so that a server that cannot listen leaves nothing behind.
  using listener = listen(config);
  using tlsSockets = config.tls && await listenTls(config, config.tls);
  const certificate = config.tls &&
    await LiveCertificate.open(config.tls, { log, now: () => CLOCK.now() });
  const tokenPath = adminTokenPath(config.database);
  await using adminToken = await openAdminToken(tokenPath);
  const driver = await openDriver(config.database, log);
  using report = new UpgradeReport({
    log,
    write: TERMINALS.stderr ? writeStderr : undefined,
    monotonic,
  });
  const upgrade = { isWanted: config.upgradesLegacy, keyOf: accountKeyOf, now: CLOCK.now, report };
  const turns = new LoopPacer(monotonic);
  await using tls = certificate && tlsSockets && openTls({
    certificate,
    sockets: behindProxies(tlsSockets, { config, log }),
    limits: config.limits,
    clock: CLOCK,
    log,
  });
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
  const consoleEndpoint = new MemoryEndpoint();
  const server = new ChatServer({
    repository,
    bus,
    turns,
    log,
    endpoints: [
      behindProxies(new TcpEndpoint(listener, { loopback: config.loopback }), { config, log }),
      ...(tls === undefined ? [] : [tls.endpoint]),
      consoleEndpoint,
    ],
    moreCounters: tls?.counters,
    limits: config.limits,
    createRooms: config.createRooms,
    desk: desk && (() => desk.current),
    accounts: config.accounts,
    invites: config.invites,
    joinString: certificate && tlsSockets && joinStringOf({
      publicAddress: config.publicAddress,
      listening: tlsSockets.address,
      pin: () => certificate.pin,
    }),
    legacyDialect: config.speaksLegacyDialect ? LEGACY_DIALECT : REFUSED_LEGACY_DIALECT,
    clock: CLOCK,
    sharesStore: config.database.kind === "mysql",
    reservePath: tokenPath,
  });
  catchUncaughtErrors(server.faults);
  // Before the server reports that it is ready: a reader of the report may stop it at once.
  let restoreTerminal = (): Promise<void> => Promise.resolve();
  const stopSignal = nextStopSignal({
    monotonic,
    sameWithinMs: launch.isByTask ? TASK_SIGNAL_MS : 0,
    stopsOnHangUp: () => launch.stopsOnHangUp && !isReload(),
    beforeExit: () => restoreTerminal(),
  });
  readAgain = () => {
    void certificate?.exchange();
    desk?.reload();
  };
  const ready = {
    address: listener.addr,
    tls: certificate && tlsSockets && { address: tlsSockets.address, pin: certificate.pin },
    database: config.database,
    hosts: config.hosts,
  };
  const isPrinted = TERMINALS.stdout ? await showBanner(formatBanner(ready)) : true;
  if (!TERMINALS.stdout) logReady(log, ready);
  if (!isPrinted) log.warn("no console: the terminal is blocked");
  if (launch.isInBackground) log.info("no console: started in the background");
  await using consoleTerminal = await openConsole(config, {
    server,
    repository,
    endpoint: consoleEndpoint,
    log,
    screen: isPrinted ? screen : undefined,
  });
  if (consoleTerminal === undefined) screen?.leaveScreen();
  restoreTerminal = async () => await consoleTerminal?.[Symbol.asyncDispose]();

  const stopRequests = consoleTerminal === undefined ? [] : [consoleTerminal.stopRequested];
  const signal = await Promise.race([stopSignal, ...stopRequests]);
  log.info("stopping", { signal });
  const isComingBack = signal === "SIGTERM" || signal === "SIGHUP";
  const [isClean] = await Promise.all([
    server.stop(isComingBack ? "restarting" : "shutdown"),
    consoleTerminal?.disconnect(),
  ]);
  log.info("stopped", { all_disconnected: isClean });
  return isClean ? EXIT_CODES.done : EXIT_CODES.refused;
}

/** The console, if there is a terminal; its modules are loaded only then. */
async function openConsole(
  { console: scope }: ServerConfig,
  { screen: screenLog, repository, ...options }: {
    readonly server: ChatServer;
    readonly repository: Repository;
    readonly endpoint: MemoryEndpoint;
    readonly screen: ScreenLog | undefined;
    readonly log: Log;
  },
): Promise<ConsoleTerminal | undefined> {
  const account = await ensureConsoleUser(repository, { now: CLOCK.now() });
  if (screenLog === undefined || scope === "off") return undefined;
  const { openConsole } = await import("./lib/server/console/console_terminal.ts");
  return openConsole({ ...options, account, scope, clock: CLOCK, screenLog });
}

/** Loads only the configured driver: SQLite needs no MySQL client. */
async function openDriver(database: DatabaseConfig, log: Log): Promise<SqlDriver> {
  if (database.kind === "sqlite") {
    const { openSqlite } = await import("./lib/store/sqlite/driver.ts");
    return openSqlite({ path: database.path, alarm: log.error });
  }
  const { openMysql } = await import("./lib/store/mysql/driver.ts");
  return openMysql(database);
}

/** @throws {ConfigError} when the file cannot be read, or is wrong */
function openDesk(path: string, log: Log): LiveDeskSettings {
  const read = () => {
    try {
      return parseDeskFile(Deno.readTextFileSync(path), path);
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      throw new ConfigError("config", `The file of --desk cannot be read: ${messageOf(error)}`);
    }
  };
  return new LiveDeskSettings({ read, log });
}

/** Loads NATS only with a bus. */
async function openBus(
  { bus }: ServerConfig,
  { epoch, log }: { epoch: string; log: Log },
): Promise<NatsBus | undefined> {
  if (bus === undefined) return undefined;
  const { openNatsBus } = await import("./lib/cluster/nats_bus.ts");
  return openNatsBus({ address: bus, epoch, log });
}

/** @throws {ConfigError} when the address cannot be used, with a command for another address */
function listen(config: ServerConfig): Deno.TcpListener {
  try {
    return Deno.listen(config.listen);
  } catch (error) {
    throw listenRefusal(config, { error, option: "--listen" });
  }
}

/** The same endpoint, or one that reads the headers of the trusted balancers. */
function behindProxies<C extends AcceptedConnection>(
  inner: EndpointOf<C>,
  { config: { trustedProxies, limits }, log }: { config: ServerConfig; log: Log },
): EndpointOf<C> {
  if (trustedProxies === undefined) return inner;
  const headerMs = limits.handshake_ms;
  return new ProxiedEndpoint(inner, { trusted: trustedProxies, headerMs, clock: CLOCK, log });
}

/** The same for TLS. */
async function listenTls(config: ServerConfig, tls: TlsConfig): Promise<SocketServer> {
  try {
    return await SocketServer.listen(tls.listen, { loopback: config.loopback });
  } catch (error) {
    throw listenRefusal(config, { error, option: "--tls-listen" });
  }
}

function listenRefusal(
  config: ServerConfig,
  what: { readonly error: unknown; readonly option: ListenOption },
): ConfigError {
  const message = describeListenError(config, { ...what, args: Deno.args, env: readVariable });
  return new ConfigError("config", message);
}

/** What the runtime allows, and how the program was started, for the refusal. */
function permissions(): Parameters<typeof requirePermissions>[1] {
  return {
    started: describeStart(Deno.args, readVariable),
    isBinary: Deno.build.standalone,
    query: (descriptor) => Deno.permissions.querySync(descriptor).state,
  };
}

function readVariable(name: string): string | undefined {
  return Deno.env.get(name);
}

/**
 * An expected failure of the start is printed and has its exit code; any other error is a bug and
 * is thrown.
 */
function exitCodeOf(error: unknown): number {
  if (error instanceof SqlError) return exitCodeOf(openErrorFrom(error));
  const isExpected = error instanceof ConfigError || error instanceof OpenError;
  if (!isExpected) throw error;
  writeStderr(`parley-server: ${error.message}\n`);
  return error instanceof ConfigError ? error.exitCode : OPEN_EXITS[error.kind];
}

if (import.meta.main) {
  const code = await main().catch(exitCodeOf);
  await Promise.all([stderrText, stderrLines].map((last) => last.flush(STDERR_WAIT_MS)));
  Deno.exit(code);
}
