// A real server for one test: its own store in a temporary folder, its own port, gone at the brace.

import type { Bus } from "../../lib/cluster/bus.ts";
import type { Clock } from "../../lib/time.ts";
import { createLog, formatLogLine } from "../../lib/log.ts";
import { ChatServer, type ChatServerOptions } from "../../lib/server/chat_server.ts";
import { LEGACY_DIALECT, REFUSED_LEGACY_DIALECT } from "../../lib/legacy/legacy_channel.ts";
import type { Endpoint } from "../../lib/server/endpoint/endpoint.ts";
import { type LoopbackRule, TcpEndpoint } from "../../lib/server/endpoint/tcp_endpoint.ts";
import type { Repository } from "../../lib/store/repository.ts";
import type { SqlDriver } from "../../lib/store/sql.ts";
import { openSqlite } from "../../lib/store/sqlite/driver.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import { ensureAdminToken } from "../../lib/server/process/admin_token.ts";
import { LoopPacer } from "../../lib/server/loop_pacer.ts";
import { DEFAULT_LIMITS, type Limits } from "../../lib/wire/limits.ts";
import { findMemoryFolder } from "./stores/memory_folder.ts";
import { createMigratedSqlite } from "./stores/migrated.ts";
import { RawClient } from "./clients/raw_client.ts";

export interface TestServerOptions {
  readonly limits?: Partial<Limits>;
  readonly createRooms?: ChatServerOptions["createRooms"];
  readonly invites?: ChatServerOptions["invites"];
  readonly desk?: ChatServerOptions["desk"];
  /** On, unless said otherwise. */
  readonly speaksLegacyDialect?: boolean;
  readonly accounts?: ChatServerOptions["accounts"];
  readonly loopback?: LoopbackRule;
  /** Where connections arrive besides the port. */
  readonly endpoints?: readonly Endpoint[];
  /** Further values for `stats`. */
  readonly moreCounters?: ChatServerOptions["moreCounters"];
  readonly clock?: Clock;
  /** The clock of the store for durations; the process's own when missing. */
  readonly monotonic?: () => number;
  /** How many times as often as usual sweeps and their like come round. */
  readonly pace?: number;
  /** The way to another server. */
  readonly bus?: Bus;
  /** Whether another server writes to the same store; so where there is a way to one, unless given. */
  readonly sharesStore?: boolean;
  /** Works on the store of that one, which is closed after this. */
  readonly beside?: TestServer;
  /** How long a message waits for the store, in milliseconds; as ever when missing. */
  readonly storeWaitMs?: number;
  /** The database to work on, closed with the server; without it one in a file. */
  readonly driver?: SqlDriver;
  /** Where the store lies; kept at the end when given, so that a test can start again on it. */
  readonly directory?: string;
}

export interface TestServer extends AsyncDisposable {
  readonly server: ChatServer;
  readonly repository: Repository;
  readonly directory: string;
  readonly hostname: string;
  readonly port: number;
  readonly adminToken: string;
  /** What was logged at `warn` and above: a line of JSON each. */
  readonly logged: readonly string[];
  /** A connection that speaks raw lines; closed with the server. */
  connect(): Promise<RawClient>;
}

const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Starts a server; at the end it checks that nothing inside went wrong. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { beside } = options;
  const directory = beside?.directory ?? options.directory ??
    await Deno.makeTempDir({ dir: findMemoryFolder(), prefix: "parley-" });
  const clock = options.clock ?? systemClock;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const turns = new LoopPacer(() => performance.now());
  const openFile = async () => {
    const path = `${directory}/parley.db`;
    await createMigratedSqlite(path);
    return openSqlite({ path });
  };
  const openStore = async () =>
    await openRepository(options.driver ?? await openFile(), {
      now: () => clock.now(),
      monotonic: options.monotonic,
      limits,
      waitMs: options.storeWaitMs,
      nextTurn: () => turns.nextTurn(),
    });
  const repository = beside?.repository ?? await openStore();
  const tokenPath = `${directory}/admin.token`;
  await ensureAdminToken(repository, { path: tokenPath, now: clock.now(), ownsStore: true });
  const logged: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const server = new ChatServer({
    endpoints: [
      new TcpEndpoint(listener, { loopback: options.loopback ?? "exempt" }),
      ...(options.endpoints ?? []),
    ],
    repository,
    turns,
    limits,
    clock,
    log: createLog("warn", (entry) => logged.push(formatLogLine(entry))),
    createRooms: options.createRooms ?? "anyone",
    desk: options.desk,
    ...(options.accounts === undefined ? undefined : { accounts: options.accounts }),
    ...(options.invites === undefined ? {} : { invites: options.invites }),
    legacyDialect: options.speaksLegacyDialect === false ? REFUSED_LEGACY_DIALECT : LEGACY_DIALECT,
    sharesStore: options.sharesStore ?? options.bus !== undefined,
    bus: options.bus,
    reservePath: tokenPath,
    moreCounters: options.moreCounters,
    ...(options.pace === undefined ? undefined : { pace: options.pace }),
  });
  const clients: RawClient[] = [];
  const { hostname, port } = listener.addr;
  return {
    server,
    repository,
    directory,
    hostname,
    port,
    logged,
    adminToken: (await Deno.readTextFile(tokenPath)).trim(),
    async connect(): Promise<RawClient> {
      const client = await RawClient.connect({ hostname, port });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const client of clients) client.close();
      await server.stop("shutdown");
      if (beside === undefined) await repository[Symbol.asyncDispose]();
      if (beside === undefined && options.directory === undefined) {
        await Deno.remove(directory, { recursive: true });
      }
      if (server.faults.internal > 0) throw new Error(`Faults inside: ${logged.join("\n")}`);
    },
  };
}
