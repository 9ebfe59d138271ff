// Asks a server what a code is for, before anything is entered for it. Needs no login.

import { ClientCodec } from "../../wire/codec.ts";
import { DEFAULT_LIMITS } from "../../wire/limits.ts";
import { Connection } from "../../wire/stream/connection.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { askPatiently } from "../link/patient_request.ts";
import { toChatError } from "../link/reply_types.ts";
import { TimeLimit } from "../time_limit.ts";
import { abortable } from "@std/async/abortable";

const LINGER_MS = 100;

interface LookOptions {
  readonly code: string;
  readonly limit: TimeLimit;
}

/**
 * Looks again while the server has too much to do, as long as there is time.
 * @throws {ChatError} when the server knows no such code; {Failure} unreachable, protocol, or that of the
 * limit
 */
export function lookAtCode(
  context: Pick<ClientContext, "connect" | "clock" | "random">,
  options: LookOptions,
): Promise<ServerFrame<"code">> {
  const { limit } = options;
  return askPatiently(context, { ask: () => lookOnce(context, options), limit });
}

async function lookOnce(
  { connect, clock }: Pick<ClientContext, "connect" | "clock">,
  { code, limit }: LookOptions,
): Promise<ServerFrame<"code">> {
  const stream = await connect(limit.signal);
  const { frame, queue_bytes: maxQueueBytes } = DEFAULT_LIMITS;
  const connection = new Connection<ServerFrame, ClientFrame>(stream, new ClientCodec(frame), {
    maxQueueBytes,
    clock,
    lingerMs: LINGER_MS,
  });
  try {
    connection.send({ type: "look", id: 1, code });
    return await abortable(readReply(connection), limit.signal);
  } finally {
    connection.abort();
    await connection.ended;
  }
}

async function readReply(
  { incoming }: Connection<ServerFrame, ClientFrame>,
): Promise<ServerFrame<"code">> {
  for await (const frames of incoming) {
    for (const frame of frames) {
      if (frame.type === "code") return frame;
      if (frame.type === "error") throw toChatError(frame);
    }
  }
  throw new Failure("unreachable", "The server has closed the connection");
}
