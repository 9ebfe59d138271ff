// Token buckets of one session: how much a peer may request at once and in the long run. Over its
// bucket, messages and bytes wait and the peer is not read; other requests are refused (protocol §2).

import { TokenBucket } from "../../collections/token_bucket.ts";
import type { LimitName, Limits } from "../../wire/limits.ts";
import { ChatError } from "../../wire/errors.ts";

/** A message or page that would wait longer than this is refused instead. */
const LONGEST_WAIT_MS = 10_000;

/** Each bucket: its limits, and what it counts. */
const BUCKETS = {
  messages: { burst: "messages_burst", rate: "messages_per_s", per: "second", noun: "messages" },
  botMessages: {
    burst: "bot_messages_burst",
    rate: "bot_messages_per_s",
    per: "second",
    noun: "messages",
  },
  bytes: { burst: "bytes_burst", rate: "bytes_per_s", per: "second", noun: "bytes" },
  requests: { burst: "requests_burst", rate: "requests_per_s", per: "second", noun: "requests" },
  history: { burst: "history_burst", rate: "history_per_s", per: "second", noun: "history pages" },
  inquiries: {
    burst: "inquiries_burst",
    rate: "inquiries_per_min",
    per: "minute",
    noun: "inquiries",
  },
  refusals: {
    burst: "refusals_per_min",
    rate: "refusals_per_min",
    per: "minute",
    noun: "refusals",
  },
} as const satisfies Record<string, BucketRow>;

interface BucketRow {
  readonly burst: LimitName;
  readonly rate: LimitName;
  readonly per: "second" | "minute";
  readonly noun: string;
}

type Counted = keyof typeof BUCKETS;

/** The rates of one session. Times are monotonic milliseconds. */
export class Rates {
  readonly #limits: Limits;
  /** Created at the first use: most sessions use two or three. */
  readonly #buckets: Partial<Record<Counted, TokenBucket>> = {};

  /** Which of the buckets counts messages. */
  #messages: "messages" | "botMessages" = "messages";

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The session is a program's from now on: its messages have a bucket of their own. */
  noteBot(): void {
    this.#messages = "botMessages";
  }

  /** Takes bytes that were read. @returns how long to read nothing, in milliseconds */
  readBytes(bytes: number, now: number): number {
    const bucket = this.#bucket("bytes");
    bucket.take(bytes, now);
    return bucket.waitFor(0, now);
  }

  /**
   * Takes one message or page. @returns how long it has to wait, in milliseconds
   * @throws {ChatError} rate_limited when that is too long
   */
  delay(kind: "messages" | "history", now: number): number {
    const counted = kind === "messages" ? this.#messages : kind;
    const bucket = this.#bucket(counted);
    const wait = bucket.waitFor(1, now);
    if (wait > LONGEST_WAIT_MS) throw tooMany(counted, this.#limits, wait);
    bucket.take(1, now);
    return wait;
  }

  /** Takes one request that is neither message nor page. @throws {ChatError} rate_limited */
  request(kind: "requests" | "inquiries", now: number): void {
    const bucket = this.#bucket(kind);
    const wait = bucket.waitFor(1, now);
    if (wait > 0) throw tooMany(kind, this.#limits, wait);
    bucket.take(1, now);
  }

  /** Takes pages of a replay. @returns how long the next ones have to wait, in milliseconds */
  replay(pages: number, now: number): number {
    const bucket = this.#bucket("history");
    bucket.take(pages, now);
    return bucket.waitFor(0, now);
  }

  /** Counts a refusal. @returns whether there were too many of them */
  refused(now: number): boolean {
    const bucket = this.#bucket("refusals");
    const flood = bucket.waitFor(1, now) > 0;
    bucket.take(1, now);
    return flood;
  }

  #bucket(kind: Counted): TokenBucket {
    return this.#buckets[kind] ??= this.#openBucket(BUCKETS[kind]);
  }

  #openBucket({ burst, rate, per }: BucketRow): TokenBucket {
    const perSecond = this.#limits[rate] / (per === "minute" ? 60 : 1);
    return new TokenBucket({ burst: this.#limits[burst], perSecond });
  }
}

function tooMany(kind: Counted, limits: Limits, wait: number): ChatError {
  const { burst, rate, per, noun } = BUCKETS[kind];
  const message = `At most ${limits[burst]} ${noun} at once, then ${limits[rate]} a ${per}`;
  return new ChatError("rate_limited", message, { retry: true, afterMs: wait });
}
