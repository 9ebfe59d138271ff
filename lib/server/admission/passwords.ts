// The passwords of users who log in, register or change their password: which attempts are allowed, and
// when they are hashed. Knows no connection and no SQL.

import type { AccountLogin } from "../../store/repository.ts";
import type { MonotonicClock } from "../../time.ts";
import { TokenBucket } from "../../collections/token_bucket.ts";
import { ChatError } from "../../wire/errors.ts";
import { addressKey } from "../addresses.ts";
import { HashQueue } from "./hash_queue.ts";
import { LoginAttempts } from "./login_attempts.ts";
import { hashPassword, isPassword, isWeakHash, NO_PASSWORD } from "./password_hash.ts";

/** Who may become an account: every guest, or only with a code, or nobody. */
export const ACCOUNT_POLICIES = ["open", "invite", "closed"] as const;
export type AccountPolicy = typeof ACCOUNT_POLICIES[number];

/** New accounts of guests: 30 in 10 minutes in all. */
const REGISTRATIONS = { burst: 30, perSecond: 30 / 600 };

/** An attempt to log in. */
interface Attempt {
  readonly nameKey: string;
  readonly address: string;
  readonly password: string;
}

/** An account whose user has proved who they are, and the hash of the password that they gave. */
export interface ProvenLogin extends AccountLogin {
  readonly password: string;
}

export class Passwords {
  readonly #clock: MonotonicClock;
  readonly #queue = new HashQueue();
  readonly #attempts: LoginAttempts;
  readonly #registrations = new TokenBucket(REGISTRATIONS);

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
    this.#attempts = new LoginAttempts(clock);
  }

  /** How many passwords were hashed. */
  get hashes(): number {
    return this.#queue.hashes;
  }

  /**
   * Whether this is the password of the account, which is active. An account that does not exist, is
   * suspended or has no password takes the same time.
   * @param find looks the account up, once the attempt is allowed
   * @returns the account; undefined when it is not the password
   * @throws {ChatError} rate_limited, busy
   */
  async check(
    { nameKey, address, password }: Attempt,
    find: () => Promise<AccountLogin | undefined>,
  ): Promise<ProvenLogin | undefined> {
    const key = addressKey(address);
    this.#attempts.count(nameKey, key);
    const login = await find();
    const hash = login?.password ?? NO_PASSWORD;
    const isRight = await this.#queue.run(key, () => isPassword(password, hash));
    if (!isRight || login?.password === undefined || login.account.isSuspended) {
      return undefined;
    }
    this.#attempts.noteSuccess(nameKey, key);
    return { account: login.account, password: login.password };
  }

  /** The work of a comparison that fails. @throws {ChatError} busy */
  async spend(password: string, address: string): Promise<void> {
    await this.#queue.run(addressKey(address), () => isPassword(password, NO_PASSWORD));
  }

  /** @throws {ChatError} busy */
  hash(password: string, address: string): Promise<string> {
    return this.#queue.run(addressKey(address), () => hashPassword(password));
  }

  isWeak(hash: string): boolean {
    return isWeakHash(hash);
  }

  /** The address is the user's own from now on: others' failures do not keep it out. */
  noteLogin(nameKey: string, address: string): void {
    this.#attempts.noteSuccess(nameKey, addressKey(address));
  }

  /** Counts an account that a guest is about to make. @throws {ChatError} rate_limited */
  countRegistration(): void {
    const now = this.#clock.monotonic();
    const wait = this.#registrations.waitFor(1, now);
    if (wait > 0) {
      throw new ChatError("rate_limited", "Too many people register at this moment", {
        retry: true,
        afterMs: wait,
      });
    }
    this.#registrations.take(1, now);
  }
}
