// Limits by address: connections at once and a minute, failed logins, rooms and inquiries that guests
// open. Knows no socket (limits: connections_per_ip and those that end in _per_ip).

import type { MonotonicClock } from "../time.ts";
import { ChatError } from "../wire/errors.ts";
import type { Limits } from "../wire/limits.ts";
import { TokenBucket } from "../collections/token_bucket.ts";

/** Failed logins of one address: 10, then one a minute. */
const AUTH_FAILURES = { burst: 10, perSecond: 1 / 60 };

/** What is counted for one address. */
interface AddressCounts {
  connections: number;
  unauthenticated: number;
  readonly newConnections: TokenBucket;
  readonly authFailures: TokenBucket;
  readonly inquiries: TokenBucket;
  readonly rooms: TokenBucket;
  readonly accounts: TokenBucket;
}

interface AddressLimiterOptions {
  readonly limits: Limits;
  readonly clock: MonotonicClock;
}

/** Counts by address: IPv4 by itself, IPv6 by its /64. */
export class AddressLimiter {
  readonly #options: AddressLimiterOptions;
  readonly #counts = new Map<string, AddressCounts>();
  /** Shared by all connections that are exempt. */
  readonly #exempt: Admission;

  constructor(options: AddressLimiterOptions) {
    this.#options = options;
    this.#exempt = new Admission(undefined, options);
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#counts.size;
  }

  /** Admits a connection, or returns a sentence that says why not. */
  admit({ address, isLocal }: { address: string; isLocal: boolean }): Admission | string {
    if (isLocal) return this.#exempt;
    const { limits, clock } = this.#options;
    const counts = this.#countsOf(address);
    const now = clock.monotonic();
    if (counts.connections >= limits.connections_per_ip) {
      return `At most ${limits.connections_per_ip} connections from one address`;
    }
    if (counts.unauthenticated >= limits.unauthenticated_per_ip) {
      return `At most ${limits.unauthenticated_per_ip} connections from one address before login`;
    }
    if (counts.newConnections.waitFor(1, now) > 0) {
      return `At most ${limits.new_per_min_per_ip} new connections a minute from one address`;
    }
    counts.newConnections.take(1, now);
    return new Admission(counts, this.#options);
  }

  /** Forgets addresses that are as if they had never connected. */
  prune(): void {
    const now = this.#options.clock.monotonic();
    for (const [key, counts] of this.#counts) {
      const isUnused = counts.connections === 0 && counts.authFailures.isFull(now) &&
        counts.newConnections.isFull(now) && counts.inquiries.isFull(now) &&
        counts.rooms.isFull(now) && counts.accounts.isFull(now);
      if (isUnused) this.#counts.delete(key);
    }
  }

  #countsOf(address: string): AddressCounts {
    const key = addressKey(address);
    let counts = this.#counts.get(key);
    if (counts === undefined) {
      counts = createCounts(this.#options.limits);
      this.#counts.set(key, counts);
    }
    return counts;
  }
}

function createCounts(limits: Limits): AddressCounts {
  const perHour = (burst: number) => new TokenBucket({ burst, perSecond: burst / 3_600 });
  const { new_per_min_per_ip: burst } = limits;
  return {
    connections: 0,
    unauthenticated: 0,
    newConnections: new TokenBucket({ burst, perSecond: burst / 60 }),
    authFailures: new TokenBucket(AUTH_FAILURES),
    inquiries: perHour(limits.inquiries_per_hour_per_ip),
    rooms: perHour(limits.rooms_per_hour_per_ip),
    accounts: perHour(limits.accounts_per_hour_per_ip),
  };
}

/** One connection, as its address is counted; `release` it exactly once. */
export class Admission {
  /** Undefined: no limit by address holds. */
  readonly #counts: AddressCounts | undefined;
  readonly #options: AddressLimiterOptions;
  #isUnauthenticated = true;

  constructor(counts: AddressCounts | undefined, options: AddressLimiterOptions) {
    this.#counts = counts;
    this.#options = options;
    if (counts === undefined) return;
    counts.connections++;
    counts.unauthenticated++;
  }

  /** Whether no limit by address holds, because the peer is on the server's own machine. */
  get isExempt(): boolean {
    return this.#counts === undefined;
  }

  /** The connection has logged in. */
  noteAuthenticated(): void {
    if (this.#counts === undefined) return;
    if (this.#isUnauthenticated) this.#counts.unauthenticated--;
    this.#isUnauthenticated = false;
  }

  /** The connection has ended. */
  release(): void {
    if (this.#counts === undefined) return;
    this.noteAuthenticated();
    this.#counts.connections--;
  }

  /** @throws {ChatError} rate_limited when too many logins of this address have failed */
  checkAuthRate(): void {
    if (this.#counts === undefined) return;
    const wait = this.#counts.authFailures.waitFor(1, this.#options.clock.monotonic());
    if (wait === 0) return;
    throw new ChatError("rate_limited", "Too many failed logins from this address", {
      retry: true,
      afterMs: wait,
    });
  }

  noteAuthFailure(): void {
    this.#counts?.authFailures.take(1, this.#options.clock.monotonic());
  }

  /** Counts an inquiry that a guest opens. @throws {ChatError} rate_limited when there were too many */
  countInquiry(): void {
    this.#count("inquiries", this.#options.limits.inquiries_per_hour_per_ip);
  }

  /** Counts a room that a guest creates. @throws {ChatError} rate_limited when there were too many */
  countRoom(): void {
    this.#count("rooms", this.#options.limits.rooms_per_hour_per_ip);
  }

  /** Counts an account that a guest creates. @throws {ChatError} rate_limited when there were too many */
  countRegistration(): void {
    this.#count("accounts", this.#options.limits.accounts_per_hour_per_ip);
  }

  #count(what: "inquiries" | "rooms" | "accounts", most: number): void {
    const bucket = this.#counts?.[what];
    if (bucket === undefined) return;
    const now = this.#options.clock.monotonic();
    const wait = bucket.waitFor(1, now);
    if (wait > 0) {
      throw new ChatError("rate_limited", `At most ${most} ${what} an hour from one address`, {
        retry: true,
        afterMs: wait,
      });
    }
    bucket.take(1, now);
  }
}

/** IPv4 whole; of IPv6 the first 64 bits, which is what one customer is given. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    while (groups.length + after.length < 8) groups.push("0");
    groups.push(...after);
  }
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":") + "::/64";
}
