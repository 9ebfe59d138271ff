// Runs a command that needs one session: opens, uses and closes it within a time limit. When the server
// asks to come back later, it tries again within that time. Knows nothing of the command.

import { describeDifference } from "../output/wording.ts";
import type { ClientContext } from "../context.ts";
import { ChatError } from "../../wire/errors.ts";
import { Failure, isTransient, type RetryHint, retryHintOf, toFailure } from "../exit.ts";
import { RetryDelay } from "./retry_delay.ts";
import { Session } from "./session.ts";
import { TimeLimit } from "../time_limit.ts";
import { writeLine } from "../output/plain_and_json_views.ts";

interface OneSessionOptions {
  /** How long to wait without progress. */
  readonly timeoutMs: number;
  /** The failure when the time has passed. */
  readonly overdue: () => Failure;
  /** The server refuses the session for now; without a retry the error follows. */
  readonly postponed?: (later: RetryHint) => Promise<void>;
}

/**
 * Runs `work` on a session that is closed afterwards. `work` gets the time limit; its own waits must
 * end with the limit's signal. @throws {Failure} for every error.
 */
export async function withSession<T>(
  context: ClientContext,
  options: OneSessionOptions,
  work: (session: Session, limit: TimeLimit) => Promise<T>,
): Promise<T> {
  const { clock, signal: parent } = context;
  const { timeoutMs: ms, overdue: failure } = options;
  using limit = new TimeLimit({ ms, clock, parent, failure });
  try {
    const session = await openPatiently(context, options, limit);
    for (const line of describeDifference(session.welcome, context.identity)) {
      writeLine(context.output, line);
    }
    try {
      return await work(session, limit);
    } finally {
      await session.close();
    }
  } catch (error) {
    if (error instanceof Failure || !limit.signal.aborted) throw toFailure(error);
    throw limit.signal.reason;
  }
}

/** Opens a session; a server that has asked to come back later is tried until the time has passed. */
async function openPatiently(
  { connect, identity, clock, random }: ClientContext,
  { postponed, overdue }: OneSessionOptions,
  limit: TimeLimit,
): Promise<Session> {
  const { signal } = limit;
  const delay = new RetryDelay(random);
  for (let wasPostponed = false;; wasPostponed = true) {
    try {
      return await Session.open({ connect, identity, clock, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      const later = retryHintOf(error) ?? (wasPostponed ? unreachable(error) : undefined);
      if (later !== undefined && postponed === undefined) limit.noteRefusal(later.message);
      if (later !== undefined) await postponed?.(later);
      else if (error instanceof ChatError && isTransient(error)) await postponed?.(error);
      if (later === undefined) throw error;
      const { afterMs = 0 } = later;
      if (afterMs > limit.remainingMs) throw postponed === undefined ? error : overdue();
      await clock.sleep(delay.nextSpread(afterMs), signal);
      signal.throwIfAborted();
    }
  }
}

/** A server that has asked to come back later may be out of reach for a moment. */
function unreachable(error: unknown): RetryHint | undefined {
  const isAway = error instanceof Failure && error.reason === "unreachable";
  return isAway ? { message: error.message } : undefined;
}
