// Detects a dead connection by its silence. Knows no connection.

import type { SleepClock } from "../../time.ts";

/** Silence after which the client sends a ping, and after which the connection is dead. */
const PING_MS = 40_000;
const DEAD_MS = 75_000;
/** How often the silence is measured. */
const CHECK_MS = 10_000;

interface SilenceOptions {
  readonly clock: SleepClock;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Monotonic milliseconds; undefined while silence means nothing. */
  readonly lastByteAt: () => number | undefined;
  readonly ping: () => void;
  readonly dead: () => void;
}

/** Resolves when the signal aborts; never rejects. */
export async function watchSilence(
  { clock, signal, lastByteAt, ping, dead }: SilenceOptions,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(CHECK_MS, signal);
    const silentSince = lastByteAt();
    if (signal.aborted || silentSince === undefined) continue;
    const silentMs = clock.monotonic() - silentSince;
    if (silentMs >= DEAD_MS) dead();
    else if (silentMs >= PING_MS) ping();
  }
}
