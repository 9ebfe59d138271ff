// Requests of the line whose replies are sentences or tables for the person. Nothing of them is kept: when
// the connection is lost, a request has no reply.

import { ConnectionLost } from "../exit.ts";
import type { Reply, RequestType } from "../link/reply_types.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { failure, type Line } from "../../terminal/view_lines.ts";
import { describeRefusal } from "../output/wording.ts";
import type { LineTarget } from "./line_target.ts";

/**
 * Sends a request; its reply, or why it was refused, is shown in the order of the wire.
 * @returns what resolves when that is over, and never rejects
 */
export function request<T extends RequestType>(
  { loop, show }: Pick<LineTarget, "loop" | "show">,
  frame: ClientFrame<T>,
  describe: (reply: Reply<T>) => readonly Line[],
): Promise<void> {
  if (loop.session === undefined) {
    show([failure(OFFLINE)]);
    return Promise.resolve();
  }
  const replied = loop.session.request(frame, (reply) => {
    if (reply.type === "error") {
      show([failure(describeRefusal(reply as ServerFrame<"error">, frame as ClientFrame))]);
    } else show(describe(reply as Reply<T>));
  });
  return replied.then(() => {}, (error) => {
    if (error instanceof ConnectionLost) show([failure(UNKNOWN)]);
  });
}

const OFFLINE = "Not connected: try again when the connection is back";
const UNKNOWN = "The connection was lost: whether this was done is not known";
