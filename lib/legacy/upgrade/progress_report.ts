// Shows the progress of an upgrade of the legacy tables, on a terminal or in the log, and decides
// which old names become account names. Knows no table and no statement.

import { isReservedName, nameKey } from "../../chat/people/names.ts";
import type { Log } from "../../log.ts";
import { isAccountName } from "../../wire/text.ts";
import type { LegacyProgress, LegacyReport } from "./upgrade.ts";

/** The key of a valid account name; undefined when no account can have the name. */
export function accountKeyOf(name: string): string | undefined {
  return isAccountName(name) && !isReservedName(name) ? nameKey(name) : undefined;
}

interface UpgradeReportOptions {
  readonly log: Log;
  /** Writes to a terminal; without one, each step is a line of the log. */
  readonly write?: ((text: string) => void) | undefined;
  /** Milliseconds. */
  readonly monotonic: () => number;
}

const TICK_MS = 1_000;
/** The least time between two rewrites of the line. */
const REWRITE_MS = 100;
const CLEAR = "\r\x1b[2K";

/** Shows an upgrade: on a terminal as one line that is rewritten, with the elapsed time. */
export class UpgradeReport implements LegacyReport, Disposable {
  readonly #options: UpgradeReportOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #startedAt: number | undefined;
  #shownAt = -Infinity;
  #progress: LegacyProgress | undefined;

  constructor(options: UpgradeReportOptions) {
    this.#options = options;
  }

  onStart(plan: string): void {
    const { log, write } = this.#options;
    if (write === undefined) log.info("upgrade started", { plan });
    else write(`${plan}\n\n`);
  }

  onProgress(progress: LegacyProgress): void {
    const { log, write, monotonic } = this.#options;
    this.#startedAt ??= monotonic();
    this.#progress = progress;
    if (write !== undefined) {
      this.#timer ??= setInterval(() => this.#show(), TICK_MS);
      const isStep = progress.messages === undefined;
      if (isStep || monotonic() - this.#shownAt >= REWRITE_MS) this.#show();
    } else if (progress.messages === undefined) {
      const { step, steps, doing } = progress;
      log.info("upgrade", { step, of: steps, doing, ms: this.#elapsedMs() });
    }
  }

  onEnd(): void {
    const { log, write } = this.#options;
    this.#stop();
    if (write === undefined) log.info("upgrade finished", { ms: this.#elapsedMs() });
    else write(`${CLEAR}Upgraded in ${this.#elapsed()}.\n\n`);
  }

  /** Ends an open line, for example when the upgrade has failed. */
  [Symbol.dispose](): void {
    if (this.#timer === undefined) return;
    this.#stop();
    this.#options.write?.("\n");
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #show(): void {
    const { write, monotonic } = this.#options;
    if (this.#progress === undefined) return;
    this.#shownAt = monotonic();
    const { step, steps, doing, messages } = this.#progress;
    const count = messages === undefined
      ? ""
      : `: ${messages.done.toLocaleString("en")} of ${messages.of.toLocaleString("en")}`;
    write?.(`${CLEAR}${step}/${steps} ${doing}${count} (${this.#elapsed()})`);
  }

  #elapsedMs(): number {
    const now = this.#options.monotonic();
    return Math.round(now - (this.#startedAt ?? now));
  }

  #elapsed(): string {
    return `${(this.#elapsedMs() / 1000).toFixed(1)} s`;
  }
}
