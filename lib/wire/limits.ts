// Every limit of the server: its name on the wire and on the command line, its default, and its value
// when limits are turned off for a benchmark. One table; no other file holds such a number.

interface Limit {
  readonly value: number;
  /**
   * The value under `--limit all=off`, where that is another. Rates and counts are unlimited; limits of
   * queues and memory are only raised, so that the same code runs.
   */
  readonly off?: number;
  readonly description: string;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const NONE = Number.MAX_SAFE_INTEGER;

const TABLE = {
  frame: { value: 64 * KIB, description: "bytes of a frame, newline included" },
  frame_before_auth: { value: 4 * KIB, description: "the same, until one is logged in" },
  content: { value: 32_768, description: "bytes of a message's text, as UTF-8" },
  content_encoded: { value: 60_000, description: "bytes of a text as a JSON string" },
  content_lines: { value: 1_000, description: "lines of a message's text" },
  topic: { value: 500, description: "bytes of a room's topic, as UTF-8" },
  page: { value: 100, description: "entries of a page or list" },
  resume: { value: 300, description: "missed events replayed in a room" },
  pipeline: { value: 64, description: "requests on the way on one connection" },
  messages_burst: { value: 10, off: NONE, description: "messages at once" },
  messages_per_s: { value: 2, off: NONE, description: "messages a second after that" },
  bot_messages_burst: { value: 30, off: NONE, description: "messages of a program at once" },
  bot_messages_per_s: { value: 5, off: NONE, description: "the same a second after that" },
  bytes_burst: { value: 128 * KIB, off: NONE, description: "bytes received at once" },
  bytes_per_s: { value: 16 * KIB, off: NONE, description: "bytes a second after that" },
  requests_burst: { value: 20, off: NONE, description: "other requests at once" },
  requests_per_s: { value: 10, off: NONE, description: "other requests a second after that" },
  history_burst: { value: 100, off: NONE, description: "history pages at once" },
  history_per_s: { value: 100, off: NONE, description: "history pages a second after that" },
  inquiries_burst: { value: 5, off: NONE, description: "inquiries at once" },
  inquiries_per_min: { value: 30, off: NONE, description: "inquiries a minute after that" },
  inquiries_per_hour_per_ip: {
    value: 10,
    off: NONE,
    description: "inquiries guests of an address open an hour",
  },
  inquiries_open: {
    value: 20,
    off: NONE,
    description: "inquiries of an account that wait for an answer",
  },
  inquiries_open_guest: { value: 3, off: NONE, description: "the same of a guest" },
  refusals_per_min: { value: 100, off: NONE, description: "refusals a minute before `bye` flood" },
  queue_bytes: {
    value: MIB,
    off: 16 * MIB,
    description: "bytes waiting to be written to a connection",
  },
  queue_before_auth: { value: 8 * KIB, description: "the same, until one is logged in" },
  queue_total: {
    value: 256 * MIB,
    off: 1024 * MIB,
    description: "bytes waiting on all connections",
  },
  unread_bytes: {
    value: 256 * KIB,
    off: 2 * MIB,
    description: "bytes waiting on a connection above which it is not read",
  },
  stall_ms: { value: 10_000, description: "ms a write may stand still" },
  first_byte_ms: { value: 900_000, description: "ms a silent connection is kept" },
  first_frame_ms: { value: 10_000, description: "ms for the first frame to be whole" },
  handshake_ms: { value: 10_000, description: "ms for a TLS handshake" },
  handshakes: { value: 64, off: NONE, description: "TLS handshakes at once" },
  auth_ms: { value: 30_000, description: "ms from the first byte to being logged in" },
  ping_ms: { value: 30_000, description: "ms of silence before the server pings" },
  idle_ms: { value: 75_000, description: "ms of silence before the server closes" },
  connections: { value: 10_000, off: NONE, description: "connections in all" },
  connections_per_ip: { value: 16, off: NONE, description: "connections an address (/32, /64)" },
  new_per_min_per_ip: { value: 64, off: NONE, description: "new connections a minute an address" },
  unauthenticated_per_ip: { value: 4, off: NONE, description: "of an address not logged in yet" },
  unauthenticated: { value: 512, off: NONE, description: "connections not logged in yet, in all" },
  sessions_per_user: { value: 10, off: NONE, description: "sessions a user" },
  tokens_per_user: { value: 100, off: NONE, description: "tokens a user has" },
  codes_per_user: { value: 100, off: NONE, description: "codes of a user that can be redeemed" },
  rooms_joined: { value: 100, off: NONE, description: "rooms a user belongs to" },
  rooms_owned: { value: 15, off: NONE, description: "rooms a user made" },
  rooms_per_hour_per_ip: {
    value: 30,
    off: NONE,
    description: "rooms guests of an address make an hour",
  },
  accounts_per_hour_per_ip: {
    value: 3,
    off: NONE,
    description: "accounts guests of an address make an hour",
  },
  unused_room_ms: { value: 600_000, description: "ms after which a guest's unused room vanishes" },
  room_members: { value: 10_000, off: NONE, description: "members of a room" },
  pending: { value: 1_000, off: 100_000, description: "messages waiting for the store" },
  pending_bytes: { value: 4 * MIB, off: 64 * MIB, description: "bytes of them" },
  drain_ms: { value: 5_000, description: "ms a stopping server waits for its connections" },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof TABLE;
export type Limits = Readonly<Record<LimitName, number>>;

export const LIMIT_NAMES = Object.keys(TABLE) as readonly LimitName[];

/** What the limit bounds, with its unit. */
export function describeLimit(name: LimitName): string {
  return TABLE[name].description;
}

function limitsOf(valueOf: (limit: Limit) => number): Limits {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, valueOf(TABLE[name])])) as Limits;
}

export const DEFAULT_LIMITS: Limits = limitsOf(({ value }) => value);
export const LIMITS_OFF: Limits = limitsOf(({ value, off = value }) => off);

/** The limits that `welcome` announces. */
export const ANNOUNCED_LIMITS = [
  "frame",
  "content",
  "page",
  "pipeline",
  "messages_burst",
  "messages_per_s",
  "history_burst",
  "history_per_s",
  "inquiries_open",
  "inquiries_open_guest",
  "idle_ms",
] as const satisfies readonly LimitName[];
