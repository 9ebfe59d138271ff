// The counters of a server, for `stats` (protocol §8). All are numbers at this moment or since the start.

import type { Log } from "../log.ts";
import type { ServerContext } from "./server_context.ts";
import type { SessionRegistry } from "./sessions.ts";

export type CounterValues = Readonly<Record<string, number>>;

/** How often the log says that there are no descriptors, at most, in milliseconds. */
const EXHAUSTED_LOG_MS = 60_000;

/** Counts connections as they arrive. */
export class ConnectionCounters {
  accepted = 0;
  refused = 0;
  #exhausted = 0;
  #exhaustedLoggedAt = -Infinity;

  /** How often a connection could not be accepted because there were no descriptors. */
  get exhausted(): number {
    return this.#exhausted;
  }

  noteExhausted({ log, now, connections }: { log: Log; now: number; connections: number }): void {
    this.#exhausted++;
    if (now - this.#exhaustedLoggedAt < EXHAUSTED_LOG_MS) return;
    this.#exhaustedLoggedAt = now;
    const times = this.#exhausted;
    log.warn("cannot accept connections: out of descriptors", { times, connections });
  }
}

export interface CounterSources {
  readonly sessions: SessionRegistry;
  readonly counted: ConnectionCounters;
  /** How many messages wait for the store. */
  readonly pending: number;
  /** When the server was started, monotonic milliseconds. */
  readonly startedAt: number;
}

export function readCounters(
  { hub, faults, budget, clock, addresses, passwords }: ServerContext,
  options: CounterSources,
): CounterValues {
  const { sessions, counted, pending, startedAt } = options;
  return {
    uptime_ms: Math.round(clock.monotonic() - startedAt),
    connections: sessions.connections,
    sessions: sessions.authenticated,
    users: hub.names.users,
    rooms: hub.loadedRooms,
    subscriptions: hub.subscriptions,
    operators: hub.desk.log.room.subscribers,
    servers: 1 + hub.cluster.servers,
    bus: hub.cluster.isConnected ? 1 : 0,
    pending,
    queued_bytes: budget.used,
    addresses: addresses.size,
    hashes: passwords.hashes,
    accepted: counted.accepted,
    refused_connections: counted.refused,
    out_of_descriptors: counted.exhausted,
    internal_errors: faults.internal,
    rss_bytes: Deno.memoryUsage().rss,
  };
}
