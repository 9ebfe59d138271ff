// The certificate of the TLS listener while the server runs: it is exchanged on request, and its end is
// watched. Knows no socket and no signal.

import type { SecureContext } from "node:tls";
import { ConfigError } from "../../config/config_error.ts";
import { messageOf } from "../../error_message.ts";
import type { Log } from "../../log.ts";
import {
  CertificateError,
  type CertificatePaths,
  readCertificate,
  type ServerCertificate,
} from "./server_certificate.ts";

const DAY_MS = 86_400_000;
/** From so many days before its end on, the log warns. */
const WARN_DAYS = 30;

interface LiveCertificateOptions {
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class LiveCertificate {
  readonly #paths: CertificatePaths;
  readonly #options: LiveCertificateOptions;
  #current: ServerCertificate;
  /** The exchange under way: another one begins after it. */
  #exchanging: Promise<void> = Promise.resolve();
  /** The whole days that were left at the last warning. */
  #warnedAt: number | undefined;

  private constructor(
    paths: CertificatePaths,
    { current, ...options }: LiveCertificateOptions & { readonly current: ServerCertificate },
  ) {
    this.#paths = paths;
    this.#options = options;
    this.#current = current;
  }

  /** @throws {ConfigError} when the files cannot be used; an expired certificate can, with a warning */
  static async open(
    paths: CertificatePaths,
    options: LiveCertificateOptions,
  ): Promise<LiveCertificate> {
    try {
      const current = await readCertificate(paths);
      return new LiveCertificate(paths, { ...options, current });
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      throw new ConfigError("config", `TLS: ${error.message}`);
    }
  }

  /** For connections that begin now. */
  get context(): SecureContext {
    return this.#current.context;
  }

  get pin(): string {
    return this.#current.pin;
  }

  /** How many whole days the certificate is still valid; negative when it has expired. */
  get daysLeft(): number {
    return Math.floor((this.#current.expiresAt - this.#options.now()) / DAY_MS);
  }

  /**
   * Reads the files again, for the connections that begin after it; those that are open stay as they
   * are. Files that do not fit change nothing. The log says what has happened. Never rejects.
   */
  exchange(): Promise<void> {
    this.#exchanging = this.#exchanging.then(() => this.#exchange());
    return this.#exchanging;
  }

  /** Warns in the log, at most once for each day that is left: to be called periodically. */
  checkExpiry(): void {
    const { daysLeft } = this;
    if (daysLeft >= WARN_DAYS || daysLeft === this.#warnedAt) return;
    this.#warnedAt = daysLeft;
    const file = this.#paths.certificatePath;
    const expires = new Date(this.#current.expiresAt).toISOString();
    const event = daysLeft < 0 ? "TLS certificate has expired" : "TLS certificate expires soon";
    this.#options.log.warn(event, { file, expires, days: daysLeft });
  }

  async #exchange(): Promise<void> {
    const { log } = this.#options;
    const file = this.#paths.certificatePath;
    try {
      const next = await readCertificate(this.#paths);
      this.#checkPeriod(next);
      const last = this.#current;
      this.#current = next;
      this.#warnedAt = undefined;
      const expires = new Date(next.expiresAt).toISOString();
      log.info("TLS certificate exchanged", { file, names: next.names, expires, pin: next.pin });
      if (next.pin !== last.pin) {
        const hint = "the key is another one: clients that know the server by its pin refuse it";
        log.warn("TLS pin changed", { old: last.pin, new: next.pin, hint });
      }
      this.checkExpiry();
    } catch (error) {
      log.error("TLS certificate kept", { file, pin: this.pin, reason: messageOf(error) });
    }
  }

  /** @throws {CertificateError} when the next certificate is not valid now and the current one is */
  #checkPeriod({ beginsAt, expiresAt }: ServerCertificate): void {
    const now = this.#options.now();
    if ((beginsAt <= now && now <= expiresAt) || this.daysLeft < 0) return;
    const when = beginsAt > now ? `begins on ${dayOf(beginsAt)}` : `ended on ${dayOf(expiresAt)}`;
    throw new CertificateError(`${this.#paths.certificatePath} is not valid now: it ${when}`);
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
