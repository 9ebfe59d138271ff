// Checks each request and runs its command: login, fields, rate, role, order, one catch, the asker's id.
// Faults are answered in the order of protocol §2; nothing behind this file attaches a `re`.

import { decodeRequest, type Envelope, type Inbound } from "../../wire/request.ts";
import type { Room } from "../../chat/room.ts";
import { ChatError, FrameError } from "../../wire/errors.ts";
import type { ClientFrame, ClientFrameType, RequestId, ServerFrame } from "../../wire/frame.ts";
import type { Command } from "../commands/command.ts";
import { COMMANDS } from "../commands/mod.ts";
import { refusalFrame } from "../internal_errors.ts";
import { sleep } from "../../time.ts";
import type { RequestLoop } from "./request_loop.ts";

/** Starts one request. Returns a promise when the next request must wait for it. */
export function dispatch(inbound: Inbound, conversation: RequestLoop): Promise<void> | undefined {
  if ("error" in inbound) {
    answer(conversation, inbound.id, refusalOf(inbound.error));
    conversation.noteRefused({
      isFatal: inbound.error instanceof FrameError && inbound.error.isFatal,
    });
    return undefined;
  }
  const { type, id } = inbound;
  const command = COMMANDS[type] as unknown as Command<ClientFrameType>;
  try {
    const frame = admit(inbound, { command, conversation });
    if (command.bucket === "free") {
      // The one kind of reply that may overtake others: it shows that the connection is alive.
      const result = command.run(frame, conversation.context);
      if (!(result instanceof Promise) && result.reply !== undefined) {
        conversation.replies.overtake(withRe(result.reply, id));
      }
      return undefined;
    }
    if (command.bucket === "messages" || command.bucket === "history") {
      const wait = conversation.rates.delay(command.bucket, conversation.monotonic());
      if (wait > 0) {
        return conversation.withoutReading(sleep(wait, conversation.ending)).then(() =>
          start(frame, { command, conversation })
        );
      }
    }
    return start(frame, { command, conversation });
  } catch (error) {
    refuse(conversation, { id, type, error });
    return undefined;
  }
}

interface AcceptedRequest {
  readonly command: Command<ClientFrameType>;
  readonly conversation: RequestLoop;
  /** The room that the command has found. */
  readonly room?: Room;
}

/** Checks everything that does not depend on the requests before. @throws {ChatError} */
function admit(envelope: Envelope, { command, conversation }: AcceptedRequest): ClientFrame {
  const { context, rates } = conversation;
  const { principal } = context.session;
  if (command.needs !== "nobody" && principal === undefined) {
    throw new ChatError(
      "not_authenticated",
      'Log in first: send "hello" with "auth"',
    );
  }
  const frame = decodeRequest(envelope, context.limits);
  if (command.bucket === "requests" || command.bucket === "inquiries") {
    rates.request(command.bucket, conversation.monotonic());
  }
  if (
    principal !== undefined && command.needs !== "nobody" && !principal.hasRole(command.needs)
  ) {
    throw new ChatError("forbidden", `Only for the role ${command.needs} or above`);
  }
  return frame;
}

function start(
  frame: ClientFrame,
  { command, conversation }: AcceptedRequest,
): Promise<void> | undefined {
  const room = command.findRoom?.(frame, conversation.context);
  if (room !== undefined) {
    void run(frame, { command, conversation, room });
    return undefined;
  }
  const before = conversation.replies.whenBelow(1);
  if (before === undefined) return run(frame, { command, conversation });
  return before.then(() => run(frame, { command, conversation }));
}

/** Runs a command and fills the request's reply slot. Never rejects. */
async function run(
  frame: ClientFrame,
  { command, conversation, room }: AcceptedRequest,
): Promise<void> {
  // The connection may have ended while the request waited for the requests before, or for the rate.
  if (conversation.ending.isStopped) return;
  const slot = conversation.replies.open();
  try {
    const { reply, after } = await command.run(frame, conversation.context, room);
    slot.fill(reply === undefined ? undefined : withRe(reply, frame.id));
    if (reply?.type === "error") conversation.noteRefused({ isFatal: false });
    after?.();
  } catch (error) {
    slot.fill(withRe(conversation.faults.toFrame(frame.type, error), frame.id));
    conversation.noteRefused({ isFatal: false });
  }
}

function refuse(
  conversation: RequestLoop,
  { id, type, error }: { id: RequestId | undefined; type: string; error: unknown },
): void {
  answer(conversation, id, conversation.faults.toFrame(type, error));
  conversation.noteRefused({ isFatal: false });
}

function answer(conversation: RequestLoop, id: RequestId | undefined, reply: ServerFrame): void {
  conversation.replies.open().fill(withRe(reply, id));
}

function refusalOf(error: ChatError | FrameError): ServerFrame<"error"> {
  if (error instanceof ChatError) return refusalFrame(error);
  return { type: "error", code: error.code, message: error.message };
}

/** The reply with the request's id directly after its type. */
function withRe(reply: ServerFrame, re: RequestId | undefined): ServerFrame {
  if (re === undefined) return reply;
  const { type, ...fields } = reply;
  return { type, re, ...fields } as ServerFrame;
}
