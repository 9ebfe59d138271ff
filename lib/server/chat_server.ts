// A whole server: endpoints, sessions, rooms and periodic tasks, over a repository that its owner opens
// and closes. Knows neither command line nor signals.

import type { Bus } from "../cluster/bus.ts";
import { type Clock, sleep } from "../time.ts";
import { Hub } from "../chat/hub.ts";
import type { CodePolicy } from "../chat/people/code_rules.ts";
import { type AccountPolicy, Passwords } from "./admission/passwords.ts";
import { type DeskSettings, NO_DESK_SETTINGS } from "../chat/desk/desk_settings.ts";
import type { CreateRooms } from "../chat/rooms/room_creation.ts";
import type { Log } from "../log.ts";
import type { Repository } from "../store/repository.ts";
import type { TokenOwner, UserRecord } from "../store/records.ts";
import { newToken } from "./tokens.ts";
import type { ByteStream } from "../wire/stream/byte_stream.ts";
import { Connection, QueueBudget } from "../wire/stream/connection.ts";
import { ServerCodec } from "../wire/codec.ts";
import type { Limits } from "../wire/limits.ts";
import { AddressLimiter, type Admission } from "./addresses.ts";
import { ConnectionCounters, type CounterValues, readCounters } from "./counters.ts";
import { StopSignal } from "./stop_signal.ts";
import { InternalErrors } from "./internal_errors.ts";
import { type Dialect, VERSION_1 } from "./connection/channel.ts";
import { byeFrame, type CloseReason, reconnectLater } from "./connection/close_reason.ts";
import { AcceptLoop } from "./endpoint/accept_loop.ts";
import type { AcceptedConnection, Endpoint } from "./endpoint/endpoint.ts";
import { DescriptorReserve } from "./process/descriptor_reserve.ts";
import type { PeriodicTask } from "./periodic_task.ts";
import { startSchedule } from "./schedule.ts";
import type { ServerContext } from "./server_context.ts";
import { LoopPacer } from "./loop_pacer.ts";
import { Session } from "./connection/session.ts";
import { SessionRegistry } from "./sessions.ts";

export interface ChatServerOptions {
  /** Where connections arrive; closed by `stop`. */
  readonly endpoints: readonly Endpoint[];
  readonly repository: Repository;
  /** Paces the event loop of this process; the store uses the same one. */
  readonly turns: LoopPacer;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly createRooms: CreateRooms;
  /** The settings of the desk as they are now; none when missing. */
  readonly desk?: (() => DeskSettings) | undefined;
  /** Who may become an account; every guest when missing. */
  readonly accounts?: AccountPolicy;
  /** Whether members may invite people; administrators alone when missing. */
  readonly invites?: CodePolicy["invites"];
  /** The string by which a person joins with a code, where this server has a public address. */
  readonly joinString?: (code: string) => string | undefined;
  /** The dialect of bare objects without newlines (protocol §9). */
  readonly legacyDialect: Dialect;
  /** Whether other servers write to the same store: then it is polled for what they wrote. */
  readonly sharesStore: boolean;
  /** The bus to these servers, if there is one; its owner closes it. */
  readonly bus?: Bus | undefined;
  /** Further values for `stats`. */
  readonly moreCounters?: (() => CounterValues) | undefined;
  /** A readable file, opened several times to hold descriptors in reserve. */
  readonly reservePath?: string;
  /** How many times as often as usual periodic tasks run, for tests. */
  readonly pace?: number;
}

export class ChatServer {
  readonly #options: ChatServerOptions;
  readonly #context: ServerContext;
  readonly #sessions: SessionRegistry;
  readonly #acceptLoops: readonly AcceptLoop[];
  readonly #reserve: DescriptorReserve;
  readonly #schedule: readonly PeriodicTask[];
  readonly #processTokens = new Map<string, TokenOwner>();
  readonly #running = new Set<Promise<void>>();
  readonly #startedAt: number;
  readonly #counted = new ConnectionCounters();

  /** Accepts connections at once. */
  constructor(options: ChatServerOptions) {
    const { clock, turns, limits, log, repository } = options;
    this.#options = options;
    this.#startedAt = clock.monotonic();
    const sessions = this.#sessions = new SessionRegistry(limits, clock);
    this.#reserve = new DescriptorReserve(options.reservePath);
    this.#context = {
      limits,
      clock,
      log,
      turns,
      dialects: { v1: VERSION_1, legacy: options.legacyDialect },
      hub: new Hub({
        repository,
        clock,
        createRooms: options.createRooms,
        deskSettings: options.desk ?? (() => NO_DESK_SETTINGS),
        limits,
        bus: options.bus,
        schedule: (work) => turns.schedule(work),
        connections: sessions,
      }),
      faults: new InternalErrors(log, this.#reserve),
      addresses: new AddressLimiter({ limits, clock }),
      budget: new QueueBudget(limits.queue_total),
      processTokens: this.#processTokens,
      accounts: options.accounts ?? "open",
      passwords: new Passwords(clock),
      invites: options.invites ?? "admins",
      // Without a public address there is none.
      joinString: options.joinString ?? (() => undefined),
      counters: () => this.counters(),
    };
    this.#acceptLoops = options.endpoints.map((endpoint) => this.#startAccepting(endpoint));
    this.#schedule = startSchedule(this.#context, {
      sessions,
      repository,
      sharesStore: options.sharesStore,
      hasBus: options.bus !== undefined,
      pace: options.pace ?? 1,
    });
  }

  /** The rooms, the desk and the names in use. */
  get hub(): Hub {
    return this.#context.hub;
  }

  /** Issues a token for an account. It is kept in memory only, and ends with this process. */
  issueToken(account: UserRecord): string {
    const token = newToken();
    this.#processTokens.set(token, { ...account, holdsName: true });
    return token;
  }

  /** Counts and logs faults of this server. */
  get faults(): InternalErrors {
    return this.#context.faults;
  }

  /**
   * Stops accepting connections, answers the requests that were received, and ends every connection.
   * @returns whether all ended in time; the others are aborted
   */
  async stop(code: "shutdown" | "restarting"): Promise<boolean> {
    const { limits } = this.#context;
    const sessions = this.#sessions;
    await Promise.all(this.#acceptLoops.map((loop) => loop.stop()));
    const late = new StopSignal();
    const drained = sessions.drain(() => reconnectLater(code));
    const inTime = await Promise.race([
      Promise.all([drained, ...this.#running]).then(() => true),
      sleep(limits.drain_ms, late).then(() => false),
    ]);
    late.stop();
    if (!inTime) sessions.abortAll();
    await Promise.all(this.#schedule.map((task) => task.stop()));
    this.#context.hub.leave();
    this.#reserve.release();
    return inTime;
  }

  #startAccepting(endpoint: Endpoint): AcceptLoop {
    const { log, clock } = this.#context;
    return new AcceptLoop(endpoint, {
      onConnection: (connection) => this.#serve(connection),
      onExhausted: () => {
        const { connections } = this.#sessions;
        this.#counted.noteExhausted({ log, now: clock.monotonic(), connections });
      },
      reserve: this.#reserve,
    });
  }

  #serve(connection: AcceptedConnection): void {
    this.#counted.accepted++;
    const { addresses, hub } = this.#context;
    // Bans of networks hold where limits by address do.
    const banned = connection.isLocal
      ? undefined
      : hub.sanctions.refusalOfAddress(connection.address);
    const admission = banned ??
      (connection.isInternal || this.#sessions.allowOneMore()
        ? addresses.admit(connection)
        : "The server has reached its limit of connections");
    const served = typeof admission === "string"
      ? this.#refuse(
        connection.stream,
        banned === undefined
          ? { ...reconnectLater("too_many"), message: admission }
          : { code: "banned", message: banned, reconnect: false },
      )
      : this.#startSession(connection, admission).run();
    const running = served.then(() => {
      if (typeof admission !== "string") admission.release();
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  #startSession(connection: AcceptedConnection, admission: Admission): Session {
    const { stream, address, isInternal = false } = connection;
    const session = new Session(stream, {
      address,
      isInternal,
      admission,
      server: this.#context,
      registry: this.#sessions,
    });
    this.#sessions.add(session);
    return session;
  }

  async #refuse(stream: ByteStream, reason: CloseReason): Promise<void> {
    this.#counted.refused++;
    const wire = new Connection(stream, new ServerCodec(0), {
      maxQueueBytes: this.#context.limits.queue_before_auth,
      clock: this.#context.clock,
    });
    await wire.close(byeFrame(reason));
  }

  /** The values that `stats` sends. */
  counters(): CounterValues {
    const counters = readCounters(this.#context, {
      sessions: this.#sessions,
      counted: this.#counted,
      pending: this.#options.repository.messages.pending,
      startedAt: this.#startedAt,
    });
    return { ...counters, ...this.#options.moreCounters?.() };
  }
}
