// A whole server: listener, sessions, rooms and the rounds that keep them healthy, over a repository
// that somebody else opens and closes. Knows neither command line nor signals.

import type { Bus } from "../cluster/bus.ts";
import { type Clock, sleep } from "../time.ts";
import { Hub } from "../chat/hub.ts";
import type { CreateRooms } from "../chat/room_creation.ts";
import type { Log } from "../log.ts";
import type { Repository, TokenOwner, UserRecord } from "../store/repository.ts";
import { newToken } from "./commands/tokens.ts";
import type { ByteStream } from "../wire/byte_stream.ts";
import { Connection, QueueBudget } from "../wire/connection.ts";
import { ServerCodec } from "../wire/codec.ts";
import type { Limits } from "../wire/limits.ts";
import { AddressLimiter, type Admission } from "./addresses.ts";
import { ClockJumpDetector } from "./process/clock_watch.ts";
import { StopSignal } from "./stop_signal.ts";
import { Faults } from "./faults.ts";
import { type Dialect, VERSION_1 } from "./connection/channel.ts";
import { byeFrame, type CloseReason } from "./connection/close_reason.ts";
import { AcceptLoop } from "./endpoint/accept_loop.ts";
import type { AcceptedConnection, Endpoint } from "./endpoint/endpoint.ts";
import { DescriptorReserve } from "./process/descriptor_reserve.ts";
import { PeriodicTask } from "./periodic_task.ts";
import type { ServerContext } from "./server_context.ts";
import { LoopPacer } from "./loop_pacer.ts";
import { Session } from "./connection/session.ts";
import { SessionRegistry } from "./sessions.ts";

export interface ChatServerOptions {
  /** Where connections arrive; closed by `stop`. */
  readonly endpoints: readonly Endpoint[];
  readonly repository: Repository;
  /** The turns of this process; the store takes the same. */
  readonly turns: LoopPacer;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly createRooms: CreateRooms;
  /** The dialect of bare objects without newlines (protocol §9). */
  readonly legacyDialect: Dialect;
  /** Whether other servers write to the same store: then it is asked for what they wrote. */
  readonly sharesStore: boolean;
  /** The way to them, when there is one; closed by whoever opened it. */
  readonly bus?: Bus | undefined;
  /** A file that may be read, to hold descriptors in reserve. */
  readonly reservePath?: string;
  /** How many times as often as usual everything that comes round does: tests are in a hurry. */
  readonly pace?: number;
}

const SWEEP_MS = 500;
/** How soon another server's events are heard here. */
const SHARED_POLL_MS = 200;
/** How soon they are, when a hint of them was lost; by a hint it is at once. */
const HINTED_POLL_MS = 1_000;
const OWN_POLL_MS = 1_000;
const PULSE_MS = 1_000;
const COUNTS_MS = 10_000;
const HOUSEKEEPING_MS = 60_000;
const EXPIRE_MS = 3_600_000;
/** How often rooms are looked at that nobody uses, and at least so often before one vanishes. */
const UNUSED_MS = 60_000;
const UNUSED_LOOKS = 4;
const LEAST_UNUSED_MS = 20;
/** A client that was shown out comes back after a random time below this. */
const COME_BACK_WITHIN_MS = 5_000;
const EXHAUSTED_LOG_MS = 60_000;

export class ChatServer {
  readonly #options: ChatServerOptions;
  readonly #context: ServerContext;
  readonly #acceptLoops: readonly AcceptLoop[];
  readonly #reserve: DescriptorReserve;
  readonly #rounds: readonly PeriodicTask[];
  readonly #processTokens = new Map<string, TokenOwner>();
  readonly #running = new Set<Promise<void>>();
  readonly #startedAt: number;
  #accepted = 0;
  #refusedConnections = 0;
  #exhausted = 0;
  #exhaustedLoggedAt = -Infinity;

  /** Accepts connections at once. */
  constructor(options: ChatServerOptions) {
    const { clock, turns, limits, log, repository, createRooms, legacyDialect } = options;
    const monotonic = () => clock.monotonic();
    this.#options = options;
    this.#startedAt = monotonic();
    const sessions = new SessionRegistry(limits, monotonic);
    this.#reserve = new DescriptorReserve(options.reservePath);
    this.#context = {
      limits,
      clock,
      monotonic,
      log,
      sessions,
      turns,
      dialects: { v1: VERSION_1, legacy: legacyDialect },
      hub: new Hub({
        repository,
        clock,
        createRooms,
        limits,
        bus: options.bus,
        soon: (work) => turns.schedule(work),
        connections: sessions,
      }),
      faults: new Faults(log, this.#reserve),
      addresses: new AddressLimiter({ limits, monotonic }),
      budget: new QueueBudget(limits.queue_total),
      processTokens: this.#processTokens,
      counters: () => this.counters(),
    };
    const acceptOptions = {
      onConnection: (connection: AcceptedConnection) => this.#serve(connection),
      onExhausted: () => this.#noteExhausted(),
      reserve: this.#reserve,
    };
    this.#acceptLoops = options.endpoints.map((endpoint) =>
      new AcceptLoop(endpoint, acceptOptions)
    );
    this.#rounds = this.#startRounds();
  }

  /** The rooms, the desk and who is here, for one who sits at the server itself. */
  get hub(): Hub {
    return this.#context.hub;
  }

  /** Issues a token for an account. It is kept in memory only, and ends with this process. */
  issueToken(account: UserRecord): string {
    const token = newToken();
    this.#processTokens.set(token, { ...account, holdsName: true });
    return token;
  }

  /** Faults inside that no rule foresaw. */
  get faults(): Faults {
    return this.#context.faults;
  }

  /**
   * Accepts nothing more, answers what was accepted, says goodbye to everyone.
   * @returns whether all had gone in time; those who had not are cut
   */
  async stop(code: "shutdown" | "restarting"): Promise<boolean> {
    const { limits, sessions } = this.#context;
    await Promise.all(this.#acceptLoops.map((loop) => loop.stop()));
    const late = new StopSignal();
    const drained = sessions.drain(() => comeBackLater(code));
    const inTime = await Promise.race([
      Promise.all([drained, ...this.#running]).then(() => true),
      sleep(limits.drain_ms, late).then(() => false),
    ]);
    late.stop();
    if (!inTime) sessions.abortAll();
    await Promise.all(this.#rounds.map((round) => round.stop()));
    this.#context.hub.leave();
    this.#reserve.release();
    return inTime;
  }

  #serve(connection: AcceptedConnection): void {
    this.#accepted++;
    const { sessions, addresses } = this.#context;
    const admission = sessions.makeRoomForNewcomer()
      ? addresses.admit(connection)
      : "The server has reached its limit of connections";
    const served = typeof admission === "string"
      ? this.#refuse(connection.stream, admission)
      : this.#startSession(connection, admission).run();
    const running = served.then(() => {
      if (typeof admission !== "string") admission.release();
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  #startSession({ stream, address }: AcceptedConnection, admission: Admission): Session {
    const session = new Session(stream, { peer: { address, admission }, server: this.#context });
    this.#context.sessions.add(session);
    return session;
  }

  async #refuse(stream: ByteStream, message: string): Promise<void> {
    this.#refusedConnections++;
    const wire = new Connection(stream, new ServerCodec(0), {
      maxQueueBytes: this.#context.limits.queue_before_auth,
      monotonic: this.#context.monotonic,
    });
    await wire.close(byeFrame({ ...comeBackLater("too_many"), message }));
  }

  #noteExhausted(): void {
    this.#exhausted++;
    const now = this.#context.clock.monotonic();
    if (now - this.#exhaustedLoggedAt < EXHAUSTED_LOG_MS) return;
    this.#exhaustedLoggedAt = now;
    this.#context.log.warn("cannot accept connections: out of descriptors", {
      times: this.#exhausted,
      connections: this.#context.sessions.connections,
    });
  }

  #startRounds(): readonly PeriodicTask[] {
    const { hub, sessions, addresses, faults, clock, budget } = this.#context;
    const { sharesStore, repository, bus, limits, pace = 1 } = this.#options;
    const watch = new ClockJumpDetector(clock);
    const sharedPollMs = bus === undefined ? SHARED_POLL_MS : HINTED_POLL_MS;
    const every = (everyMs: number, name: string, work: () => void | Promise<void>) =>
      new PeriodicTask(work, {
        everyMs: everyMs / pace,
        onError: (error) => void faults.note(name, error),
      });
    return [
      every(SWEEP_MS, "sweep", () => {
        sessions.sweep();
        if (budget.isOver) sessions.cutLargest();
      }),
      every(sharesStore ? sharedPollMs : OWN_POLL_MS, "poll", async () => {
        await hub.poll(sharesStore ? "all" : "doubtful");
        if (sharesStore) await hub.desk.operators.poll();
      }),
      ...(bus === undefined ? [] : [every(PULSE_MS, "pulse", () => hub.pulse())]),
      every(COUNTS_MS, "counts", () => hub.memberships.announceCounts()),
      every(HOUSEKEEPING_MS, "addresses", () => addresses.prune()),
      every(
        Math.min(UNUSED_MS, Math.max(LEAST_UNUSED_MS, limits.unused_room_ms / UNUSED_LOOKS)),
        "unused rooms",
        () => hub.removeUnused(),
      ),
      every(EXPIRE_MS, "expire", async () => {
        if (watch.isSteady()) await repository.users.expire({ now: clock.now() });
      }),
    ];
  }

  /** What `stats` answers. */
  counters(): Readonly<Record<string, number>> {
    const { hub, sessions, faults, budget, clock, addresses } = this.#context;
    return {
      uptime_ms: Math.round(clock.monotonic() - this.#startedAt),
      connections: sessions.connections,
      sessions: sessions.authenticated,
      users: hub.names.users,
      rooms: hub.loadedRooms,
      subscriptions: hub.subscriptions,
      operators: hub.desk.operators.size,
      servers: 1 + hub.cluster.servers,
      bus: hub.cluster.isConnected ? 1 : 0,
      pending: this.#options.repository.messages.pending,
      queued_bytes: budget.used,
      addresses: addresses.size,
      accepted: this.#accepted,
      refused_connections: this.#refusedConnections,
      out_of_descriptors: this.#exhausted,
      internal_errors: faults.internal,
      rss_bytes: Deno.memoryUsage().rss,
    };
  }
}

function comeBackLater(code: "shutdown" | "restarting" | "too_many"): CloseReason {
  return {
    code,
    message: MESSAGES[code],
    reconnect: true,
    afterMs: Math.floor(Math.random() * COME_BACK_WITHIN_MS),
  };
}

const MESSAGES = {
  shutdown: "The server is shutting down",
  restarting: "The server is restarting",
  too_many: "The server has too many connections",
} as const;
