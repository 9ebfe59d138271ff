// Asks again while the server has too much to do, as long as the command has time.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame } from "../../wire/frame.ts";
import type { ClientContext } from "../context.ts";
import { retryHintOf } from "../exit.ts";
import type { TimeLimit } from "../time_limit.ts";
import type { Reply, RequestType } from "./reply_types.ts";
import { RetryDelay } from "./retry_delay.ts";
import type { Session } from "./session.ts";

/**
 * The reply to a request. Only for requests that change nothing when they are refused.
 * @throws {ChatError | Failure}
 */
export function requestPatiently<T extends RequestType>(
  context: Pick<ClientContext, "clock" | "random">,
  frame: ClientFrame<T>,
  { session, limit }: { readonly session: Session; readonly limit: TimeLimit },
): Promise<Reply<T>> {
  return askPatiently(context, { ask: () => session.request(frame), limit });
}

/**
 * What `ask` resolves to, called again after each refusal that may pass.
 * @throws the last refusal when there is no time for another try; any other error of `ask`; that of the limit
 */
export async function askPatiently<R>(
  { clock, random }: Pick<ClientContext, "clock" | "random">,
  { ask, limit }: { readonly ask: () => Promise<R>; readonly limit: TimeLimit },
): Promise<R> {
  const delay = new RetryDelay(random);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const later = error instanceof ChatError ? retryHintOf(error) : undefined;
      if (later === undefined || (later.afterMs ?? 0) > limit.remainingMs) throw error;
      limit.noteRefusal(later.message);
      await clock.sleep(delay.next(later.afterMs), limit.signal);
      limit.signal.throwIfAborted();
    }
  }
}
