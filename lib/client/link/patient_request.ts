// A request that is sent again while the server has too much to do, as long as the command has time.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame } from "../../wire/frame.ts";
import type { ClientContext } from "../context.ts";
import { retryHintOf } from "../exit.ts";
import type { TimeLimit } from "../time_limit.ts";
import type { Reply, RequestType } from "./reply_types.ts";
import { RetryDelay } from "./retry_delay.ts";
import type { Session } from "./session.ts";

/** Only for requests that change nothing when they are refused. @throws {ChatError | Failure} */
export async function requestPatiently<T extends RequestType>(
  { clock, random }: Pick<ClientContext, "clock" | "random">,
  frame: ClientFrame<T>,
  { session, limit }: { readonly session: Session; readonly limit: TimeLimit },
): Promise<Reply<T>> {
  const delay = new RetryDelay(random);
  for (;;) {
    try {
      return await session.request(frame);
    } catch (error) {
      const later = error instanceof ChatError ? retryHintOf(error) : undefined;
      if (later === undefined || (later.afterMs ?? 0) > limit.remainingMs) throw error;
      limit.noteRefusal(later.message);
      await clock.sleep(delay.next(later.afterMs), limit.signal);
      limit.signal.throwIfAborted();
    }
  }
}
