// Token buckets: how much a peer may ask for at once and in the long run. Messages and bytes over
// the bucket are waited for by not reading; other requests are refused (protocol §2).

import type { Limits } from "../wire/limits.ts";
import { ChatError } from "../wire/errors.ts";

/** A bucket of `burst` tokens that fills at `perSecond`. Knows no timer; time is handed in. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #filledAt: number;

  constructor(options: { burst: number; perSecond: number; now: number }) {
    this.#burst = options.burst;
    this.#perMs = options.perSecond / 1000;
    this.#tokens = options.burst;
    this.#filledAt = options.now;
  }

  /** Milliseconds until `tokens` may be taken: 0 is now. What exceeds the burst waits for a full one. */
  waitFor(tokens: number, now: number): number {
    this.#fill(now);
    const missing = Math.min(tokens, this.#burst) - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil(missing / this.#perMs);
  }

  /** Takes tokens, into debt if need be. */
  take(tokens: number, now: number): void {
    this.#fill(now);
    this.#tokens -= tokens;
  }

  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens === this.#burst;
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
  }
}

/** A message that would wait longer than this is refused instead. */
const LONGEST_WAIT_MS = 10_000;

/** The rates of one session. Times are monotonic milliseconds. */
export class Rates {
  readonly #limits: Limits;
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #requests: TokenBucket;
  readonly #history: TokenBucket;
  readonly #inquiries: TokenBucket;
  readonly #refusals: TokenBucket;

  constructor(limits: Limits, now: number) {
    this.#limits = limits;
    const bucket = (burst: number, perSecond: number) => new TokenBucket({ burst, perSecond, now });
    this.#messages = bucket(limits.messages_burst, limits.messages_per_s);
    this.#bytes = bucket(limits.bytes_burst, limits.bytes_per_s);
    this.#requests = bucket(limits.requests_burst, limits.requests_per_s);
    this.#history = bucket(limits.history_burst, limits.history_per_s);
    this.#inquiries = bucket(limits.inquiries_burst, limits.inquiries_per_min / 60);
    this.#refusals = bucket(limits.refusals_per_min, limits.refusals_per_min / 60);
  }

  /** Takes what was read, and says how long to read nothing, in milliseconds. */
  readBytes(bytes: number, now: number): number {
    this.#bytes.take(bytes, now);
    return this.#bytes.waitFor(0, now);
  }

  /**
   * Takes one message, and says how long it has to wait.
   * @throws {ChatError} rate_limited when that is too long
   */
  message(now: number): number {
    const wait = this.#messages.waitFor(1, now);
    if (wait > LONGEST_WAIT_MS) throw tooMany("messages", this.#limits, wait);
    this.#messages.take(1, now);
    return wait;
  }

  /** Takes one request that is not a message. @throws {ChatError} rate_limited */
  request(kind: "requests" | "history" | "inquiries", now: number): void {
    const bucket = { requests: this.#requests, history: this.#history, inquiries: this.#inquiries }[
      kind
    ];
    const wait = bucket.waitFor(1, now);
    if (wait > 0) throw tooMany(kind, this.#limits, wait);
    bucket.take(1, now);
  }

  /** Counts a refusal; true when there were too many of them: the peer floods. */
  refused(now: number): boolean {
    const flood = this.#refusals.waitFor(1, now) > 0;
    this.#refusals.take(1, now);
    return flood;
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
