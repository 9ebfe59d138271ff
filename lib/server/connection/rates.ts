// Token buckets of one session: how much a peer may request at once and in the long run. Over its
// bucket, messages and bytes wait and the peer is not read; other requests are refused (protocol §2).

import { TokenBucket } from "../../collections/token_bucket.ts";
import type { Limits } from "../../wire/limits.ts";
import { ChatError } from "../../wire/errors.ts";

/** A message or page that would wait longer than this is refused instead. */
const LONGEST_WAIT_MS = 10_000;

/** Each bucket, and its limits. */
const BUCKETS = {
  messages: (limits: Limits) => ({
    burst: limits.messages_burst,
    perSecond: limits.messages_per_s,
  }),
  bytes: (limits: Limits) => ({ burst: limits.bytes_burst, perSecond: limits.bytes_per_s }),
  requests: (limits: Limits) => ({
    burst: limits.requests_burst,
    perSecond: limits.requests_per_s,
  }),
  history: (limits: Limits) => ({ burst: limits.history_burst, perSecond: limits.history_per_s }),
  inquiries: (limits: Limits) => ({
    burst: limits.inquiries_burst,
    perSecond: limits.inquiries_per_min / 60,
  }),
  refusals: (limits: Limits) => ({
    burst: limits.refusals_per_min,
    perSecond: limits.refusals_per_min / 60,
  }),
} as const;

type Counted = keyof typeof BUCKETS;

/** The rates of one session. Times are monotonic milliseconds. */
export class Rates {
  readonly #limits: Limits;
  /** Created at the first use: most sessions use two or three. */
  readonly #buckets: Partial<Record<Counted, TokenBucket>> = {};

  constructor(limits: Limits) {
    this.#limits = limits;
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
    const bucket = this.#bucket(kind);
    const wait = bucket.waitFor(1, now);
    if (wait > LONGEST_WAIT_MS) throw tooMany(kind, this.#limits, wait);
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
    return this.#buckets[kind] ??= new TokenBucket(BUCKETS[kind](this.#limits));
  }
}

type Kind = "messages" | "requests" | "history" | "inquiries";

function tooMany(kind: Kind, limits: Limits, wait: number): ChatError {
  const [noun, burst, pace] = ({
    messages: ["messages", limits.messages_burst, `${limits.messages_per_s} a second`],
    requests: ["requests", limits.requests_burst, `${limits.requests_per_s} a second`],
    history: ["history pages", limits.history_burst, `${limits.history_per_s} a second`],
    inquiries: ["inquiries", limits.inquiries_burst, `${limits.inquiries_per_min} a minute`],
  } as const)[kind];
  const message = `At most ${burst} ${noun} at once, then ${pace}`;
  return new ChatError("rate_limited", message, { retry: true, afterMs: wait });
}
