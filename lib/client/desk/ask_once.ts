// One request about the desk in a session of its own. Knows nothing of what is asked.

import type { ClientFrame } from "../../wire/frame.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { requestPatiently } from "../link/patient_request.ts";
import type { Reply, RequestType } from "../link/reply_types.ts";
import { withSession } from "../link/with_session.ts";
import { formatDuration } from "../output/durations.ts";

/** Only for requests that change nothing when they are refused. @throws {Failure} */
export function askOnce<T extends RequestType>(
  context: ClientContext,
  frame: ClientFrame<T>,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Reply<T>> {
  const within = `within ${formatDuration(timeoutMs)}`;
  const overdue = () => new Failure("timeout", `The server did not answer ${within}`);
  return withSession(
    context,
    { timeoutMs, overdue },
    (session, limit) => requestPatiently(context, frame, { session, limit }),
  );
}
