// Stays connected: one session after the other, with longer waits between tries, until it is stopped
// or no retry can help. Knows neither rooms nor views.

import { ChatError } from "../../wire/errors.ts";
import type { Backoff } from "./backoff.ts";
import { ByeFailure, type ExitReason, Failure, type RetryHint, retryHintOf } from "../exit.ts";
import { Session, type SessionOptions } from "./session.ts";
import type { SessionEnd } from "./session_end.ts";

/** Why there is no connection, and when to try again. */
type Loss = RetryHint;

/** A connection that held so long was a good one: the next wait is short again. */
const GOOD_MS = 10_000;

/** Failures that may be over later. */
const TRANSIENT: ReadonlySet<ExitReason> = new Set(["unreachable", "tryAgain", "timeout"]);

interface LinkOptions extends SessionOptions {
  readonly backoff: Backoff;
  /** Whether a server that is out of reach at the first try is waited for, too. */
  readonly waitsAtStart?: boolean | undefined;
  /** Ends the link, also in the middle of a wait. */
  readonly signal: AbortSignal;
  /** A session is open. Must return at once. */
  readonly online: (session: Session) => void;
  /** No session is open, and the next try is `retryMs` away. Must return at once. */
  readonly offline: (reason: string, retryMs: number) => void;
}

/**
 * Connects, and again whenever the connection is lost, until `signal` aborts.
 * @throws {Failure | ChatError} when an attempt fails for good. Also when the first attempt fails, unless
 * the server has asked to come back later, or the caller waits for the server.
 */
export async function keepConnected(options: LinkOptions): Promise<void> {
  const { clock, signal, backoff, waitsAtStart = false } = options;
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    let loss: Loss;
    try {
      loss = await oneSession(options);
    } catch (error) {
      if (signal.aborted) return;
      const later = retryHintOf(error);
      if (isFirst && !waitsAtStart && later === undefined) throw error;
      loss = later ?? transientLoss(error);
    }
    if (signal.aborted) return;
    const retryMs = backoff.next(loss.afterMs);
    options.offline(loss.message, retryMs);
    await clock.sleep(retryMs, signal);
  }
}

async function oneSession(options: LinkOptions): Promise<Loss> {
  const session = await Session.open(options);
  const since = options.clock.monotonic();
  options.online(session);
  const end = await session.ended;
  if (options.clock.monotonic() - since >= GOOD_MS) options.backoff.reset();
  return lossOf(end);
}

/** Why to reconnect after this end, and when. @throws when no retry can help */
function lossOf({ bye, fault, thrown, message }: SessionEnd): Loss {
  if (thrown !== undefined) throw thrown.error;
  if (fault !== undefined) {
    throw new Failure("protocol", `The server broke the protocol: ${fault.message}`);
  }
  if (bye === undefined) return { message };
  if (!bye.reconnect) throw new ByeFailure(bye);
  return { message, afterMs: bye.after_ms };
}

/** Why to try again after this error. @throws the error, when no retry can help */
function transientLoss(error: unknown): Loss {
  if (error instanceof ByeFailure) throw error;
  if (error instanceof Failure && TRANSIENT.has(error.reason)) return { message: error.message };
  if (!(error instanceof ChatError)) throw error;
  const { retry, afterMs } = error.details;
  if (retry !== true) throw error;
  return { message: error.message, afterMs };
}
