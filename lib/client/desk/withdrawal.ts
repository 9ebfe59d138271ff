// Withdraws a question when its asker stops waiting, and finds out what has become of it. Knows no command.

import { ChatError } from "../../wire/errors.ts";
import type { RoomEvent } from "../../wire/event.ts";
import type { SleepClock } from "../../time.ts";
import { ConnectionLost, isTransient } from "../exit.ts";
import { RetryDelay } from "../link/retry_delay.ts";
import type { Session } from "../link/session.ts";

/** How long the replies are waited for. */
const WITHDRAW_MS = 3_000;

interface WithdrawalOptions {
  /** The number of the inquiry, once its question is stored; undefined when it is not. */
  readonly find: () => Promise<number | undefined>;
  readonly clock: SleepClock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
}

/** The event that has closed or decided the question; undefined when that cannot be known. */
export async function withdrawQuestion(
  session: Session | undefined,
  options: WithdrawalOptions,
): Promise<RoomEvent | undefined> {
  if (session === undefined) return undefined;
  const stop = new AbortController();
  try {
    const { signal } = stop;
    const late = options.clock.sleep(WITHDRAW_MS, signal).then(() => undefined);
    return await Promise.race([requestWithdrawal(session, { ...options, signal }), late]);
  } catch (error) {
    if (error instanceof ChatError) return error.details.event;
    if (error instanceof ConnectionLost) return undefined;
    throw error;
  } finally {
    stop.abort();
  }
}

/** What the server refuses for now is requested again, until the signal aborts. */
async function requestWithdrawal(
  session: Session,
  { find, clock, random, signal }: WithdrawalOptions & { readonly signal: AbortSignal },
): Promise<RoomEvent | undefined> {
  const inquiry = await find();
  if (inquiry === undefined) return undefined;
  const delay = new RetryDelay(random);
  while (!signal.aborted) {
    try {
      await session.request({ type: "withdraw", inquiry });
      const { event } = await session.request({ type: "question", inquiry });
      return event;
    } catch (error) {
      if (!(error instanceof ChatError) || !isTransient(error)) throw error;
      await clock.sleep(delay.next(error.details.afterMs), signal);
    }
  }
  return undefined;
}
