// Withdraws a question when its asker waits no longer, and finds out what has become of it. Knows no command.

import { ChatError } from "../../wire/errors.ts";
import type { RoomEvent } from "../../wire/event.ts";
import type { SleepClock } from "../../time.ts";
import { ConnectionLost } from "../exit.ts";
import type { Session } from "../link/session.ts";

/** How long the replies are waited for. */
const WITHDRAW_MS = 3_000;

interface WithdrawalOptions {
  /** The number of the inquiry, once its question is stored; undefined when it is not. */
  readonly find: () => Promise<number | undefined>;
  readonly clock: SleepClock;
}

/** The event that has closed or decided the question; undefined when that cannot be known. */
export async function withdrawQuestion(
  session: Session | undefined,
  { find, clock }: WithdrawalOptions,
): Promise<RoomEvent | undefined> {
  if (session === undefined) return undefined;
  const stop = new AbortController();
  try {
    const late = clock.sleep(WITHDRAW_MS, stop.signal).then(() => undefined);
    return await Promise.race([requestWithdrawal(session, find), late]);
  } catch (error) {
    if (error instanceof ChatError) return error.details.event;
    if (error instanceof ConnectionLost) return undefined;
    throw error;
  } finally {
    stop.abort();
  }
}

async function requestWithdrawal(
  session: Session,
  find: WithdrawalOptions["find"],
): Promise<RoomEvent | undefined> {
  const inquiry = await find();
  if (inquiry === undefined) return undefined;
  await session.request({ type: "withdraw", inquiry });
  const { event } = await session.request({ type: "question", inquiry });
  return event;
}
