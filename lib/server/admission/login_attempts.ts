// Limits guesses at the password of one account: by address, and over all addresses. An address from which
// the account has logged in is never kept out by the failures of others; other addresses are slowed. Knows
// no password.

import { TokenBucket } from "../../collections/token_bucket.ts";
import type { MonotonicClock } from "../../time.ts";
import { ChatError } from "../../wire/errors.ts";

/** Attempts of one address at one account: 3, then one every 20 seconds. */
const BY_ADDRESS = { burst: 3, perSecond: 1 / 20 };
/** Attempts at one account: the first of each address, and the others of addresses without a login. */
const BY_FIRST = { burst: 20, perSecond: 1 / 3 };
const BY_OTHERS = { burst: 10, perSecond: 1 / 10 };
/** Accounts, and addresses of an account, that are remembered; the oldest is forgotten first. */
const MOST_ACCOUNTS = 10_000;
const MOST_ADDRESSES = 64;

interface AddressRecord {
  readonly bucket: TokenBucket;
  hasTried: boolean;
  hasLoggedIn: boolean;
}

interface AccountAttempts {
  readonly addresses: Map<string, AddressRecord>;
  readonly first: TokenBucket;
  readonly others: TokenBucket;
}

export class LoginAttempts {
  readonly #clock: MonotonicClock;
  /** By name, whether or not there is such an account. */
  readonly #accounts = new Map<string, AccountAttempts>();

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  /** Counts an attempt that is about to be made. @throws {ChatError} rate_limited */
  count(nameKey: string, address: string): void {
    const account = this.#accountOf(nameKey);
    const from = addressOf(account, address);
    const now = this.#clock.monotonic();
    const shared = from.hasTried ? account.others : account.first;
    const buckets = from.hasLoggedIn ? [from.bucket] : [from.bucket, shared];
    const wait = Math.max(...buckets.map((bucket) => bucket.waitFor(1, now)));
    if (wait > 0) {
      throw new ChatError("rate_limited", "Too many attempts to log in as this user", {
        retry: true,
        afterMs: wait,
      });
    }
    for (const bucket of buckets) bucket.take(1, now);
    from.hasTried = true;
  }

  /** The address is the user's own from now on. */
  noteSuccess(nameKey: string, address: string): void {
    const account = this.#accountOf(nameKey);
    addressOf(account, address).hasLoggedIn = true;
  }

  #accountOf(nameKey: string): AccountAttempts {
    const known = this.#accounts.get(nameKey);
    this.#accounts.delete(nameKey);
    const account = known ??
      {
        addresses: new Map<string, AddressRecord>(),
        first: new TokenBucket(BY_FIRST),
        others: new TokenBucket(BY_OTHERS),
      };
    this.#accounts.set(nameKey, account);
    forgetOldest(this.#accounts, { most: MOST_ACCOUNTS });
    return account;
  }
}

function addressOf({ addresses }: AccountAttempts, address: string): AddressRecord {
  const known = addresses.get(address);
  if (known !== undefined) return known;
  const from = { bucket: new TokenBucket(BY_ADDRESS), hasTried: false, hasLoggedIn: false };
  addresses.set(address, from);
  // Strangers are forgotten before the user's own addresses.
  const [stranger] = [...addresses].find(([, { hasLoggedIn }]) => !hasLoggedIn) ?? [];
  if (addresses.size > MOST_ADDRESSES && stranger !== undefined) addresses.delete(stranger);
  return from;
}

function forgetOldest<K, V>(map: Map<K, V>, { most }: { most: number }): void {
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
