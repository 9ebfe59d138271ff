// What one address may do: connections at once and a minute, logins that fail. Loopback may be
// exempt (limits: connections_per_ip and its neighbours).

import { ChatError } from "../wire/errors.ts";
import type { Limits } from "../wire/limits.ts";
import { TokenBucket } from "./connection/rates.ts";

/** Failed logins of one address: 10, then one a minute. */
const AUTH_FAILURES = { burst: 10, perSecond: 1 / 60 };

interface Entry {
  connections: number;
  unauthenticated: number;
  readonly fresh: TokenBucket;
  readonly authFailures: TokenBucket;
  readonly inquiries: TokenBucket;
  readonly rooms: TokenBucket;
}

/** A connection's place in the book; leave it exactly once. */
export interface Admission {
  authenticated(): void;
  leave(): void;
}

/** Whether limits by address hold for the server's own machine, too. */
export type LoopbackRule = "exempt" | "limited";

export interface AddressBookOptions {
  readonly limits: Limits;
  readonly monotonic: () => number;
  readonly loopback: LoopbackRule;
}

/** Counts by address: IPv4 by itself, IPv6 by its /64. */
export class AddressLimiter {
  readonly #limits: Limits;
  readonly #monotonic: () => number;
  readonly #loopback: LoopbackRule;
  readonly #entries = new Map<string, Entry>();

  constructor({ limits, monotonic, loopback }: AddressBookOptions) {
    this.#limits = limits;
    this.#monotonic = monotonic;
    this.#loopback = loopback;
  }

  /** Whether no limit by address holds for it. */
  isExempt(address: string): boolean {
    return this.#loopback === "exempt" && isLoopback(address);
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** Admits a connection, or says in a sentence why not. */
  enter(address: string): Admission | string {
    if (this.isExempt(address)) return EXEMPT;
    const limits = this.#limits;
    const entry = this.#entry(address);
    const now = this.#monotonic();
    if (entry.connections >= limits.connections_per_ip) {
      return `At most ${limits.connections_per_ip} connections from one address`;
    }
    if (entry.unauthenticated >= limits.unauthenticated_per_ip) {
      return `At most ${limits.unauthenticated_per_ip} connections from one address before login`;
    }
    if (entry.fresh.waitFor(1, now) > 0) {
      return `At most ${limits.new_per_min_per_ip} new connections a minute from one address`;
    }
    entry.fresh.take(1, now);
    return visit(entry);
  }

  /** @throws {ChatError} rate_limited when too many logins of this address have failed */
  checkAuthRate(address: string): void {
    if (this.isExempt(address)) return;
    const wait = this.#entry(address).authFailures.waitFor(1, this.#monotonic());
    if (wait === 0) return;
    throw new ChatError("rate_limited", "Too many failed logins from this address", {
      retry: true,
      afterMs: wait,
    });
  }

  noteAuthFailure(address: string): void {
    if (!this.isExempt(address)) this.#entry(address).authFailures.take(1, this.#monotonic());
  }

  /** Counts an inquiry that is opened. @throws {ChatError} rate_limited when there were too many */
  countInquiry(address: string): void {
    const most = this.#limits.inquiries_per_hour_per_ip;
    this.#count(address, { what: "inquiries", most });
  }

  /** Counts a room that is made. @throws {ChatError} rate_limited when there were too many */
  countRoom(address: string): void {
    this.#count(address, { what: "rooms", most: this.#limits.rooms_per_hour_per_ip });
  }

  #count(
    address: string,
    { what, most }: { what: "inquiries" | "rooms"; most: number },
  ): void {
    if (this.isExempt(address)) return;
    const bucket = this.#entry(address)[what];
    const now = this.#monotonic();
    const wait = bucket.waitFor(1, now);
    if (wait > 0) {
      throw new ChatError("rate_limited", `At most ${most} ${what} an hour from one address`, {
        retry: true,
        afterMs: wait,
      });
    }
    bucket.take(1, now);
  }

  /** Forgets addresses that have nothing left to remember. */
  prune(): void {
    const now = this.#monotonic();
    for (const [key, entry] of this.#entries) {
      const isQuiet = entry.connections === 0 && entry.authFailures.isFull(now) &&
        entry.fresh.isFull(now) && entry.inquiries.isFull(now) &&
        entry.rooms.isFull(now);
      if (isQuiet) this.#entries.delete(key);
    }
  }

  #entry(address: string): Entry {
    const key = addressKey(address);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const { new_per_min_per_ip: burst } = this.#limits;
      const { inquiries_per_hour_per_ip: asked, rooms_per_hour_per_ip: made } = this.#limits;
      entry = {
        connections: 0,
        unauthenticated: 0,
        fresh: new TokenBucket({ burst, perSecond: burst / 60 }),
        authFailures: new TokenBucket(AUTH_FAILURES),
        inquiries: new TokenBucket({ burst: asked, perSecond: asked / 3600 }),
        rooms: new TokenBucket({ burst: made, perSecond: made / 3600 }),
      };
      this.#entries.set(key, entry);
    }
    return entry;
  }
}

const EXEMPT: Admission = { authenticated: () => {}, leave: () => {} };

function visit(entry: Entry): Admission {
  let isUnauthenticated = true;
  const authenticated = () => {
    if (isUnauthenticated) entry.unauthenticated--;
    isUnauthenticated = false;
  };
  entry.connections++;
  entry.unauthenticated++;
  return {
    authenticated,
    leave: () => {
      authenticated();
      entry.connections--;
    },
  };
}

/** Whether this is the machine itself: 127.0.0.0/8, ::1, and the former written as IPv6. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === "::1";
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
