// Checks each request and runs its command: login, fields, rate, role, order, one catch, the asker's id.
// Faults are answered in the order of protocol §2; nothing behind this file attaches a `re`.

import { decodeRequest, type Inbound } from "../../wire/request.ts";
import type { Envelope } from "../../wire/requests/decoder.ts";
import type { Room } from "../../chat/room.ts";
import { ChatError, FrameError } from "../../wire/errors.ts";
import type { ClientFrame, ClientFrameType, RequestId, ServerFrame } from "../../wire/frame.ts";
import type { Command, CommandContext } from "../commands/command.ts";
import { COMMANDS } from "../commands/mod.ts";
import { type InternalErrors, refusalFrame } from "../internal_errors.ts";
import { sleep } from "../../time.ts";
import type { Limits } from "../../wire/limits.ts";
import type { StopSignal } from "../stop_signal.ts";
import { ANY_LENGTH, findRecogniser } from "./recognition.ts";
import type { Rates } from "./rates.ts";
import type { ReplyQueue } from "./reply_queue.ts";

/** What dispatch uses of a connection's request loop. */
export interface RequestState {
  readonly context: CommandContext;
  readonly rates: Rates;
  readonly replies: ReplyQueue;
  readonly faults: InternalErrors;
  /** Stops when nothing more is to be read. */
  readonly ending: StopSignal;
  monotonic(): number;
  withoutReading(wait: Promise<void>): Promise<void>;
  noteRefused(options: { isFatal: boolean }): void;
}

/** Starts one request. Returns a promise when the next request must wait for it. */
export function dispatch(inbound: Inbound, loop: RequestState): Promise<void> | undefined {
  if ("error" in inbound) {
    answer(loop, inbound.id, refusalOf(inbound.error));
    loop.noteRefused({
      isFatal: inbound.error instanceof FrameError && inbound.error.isFatal,
    });
    return undefined;
  }
  const { type, id } = inbound;
  const command = COMMANDS[type] as unknown as Command<ClientFrameType>;
  try {
    return accept(inbound, { command, loop, limits: loop.context.limits });
  } catch (error) {
    const recogniser = findRecogniser(command, { body: inbound.body, error });
    if (recogniser === undefined) refuse(loop, { id, type, error });
    else return recognise(inbound, { command: recogniser, loop, error });
    return undefined;
  }
}

interface AcceptedRequest {
  readonly command: Command<ClientFrameType>;
  readonly loop: RequestState;
  /** The room that the command has found. */
  readonly room?: Room;
}

/** A request that is not decoded yet, and the limits that its fields must keep. */
type Candidate = AcceptedRequest & { readonly limits: Limits };

/** Starts the request, or lets it wait for its rate. @throws {ChatError} */
function accept(envelope: Envelope, candidate: Candidate): Promise<void> | undefined {
  const { command, loop } = candidate;
  const frame = admit(envelope, candidate);
  if (command.bucket === "free") {
    // The one kind of reply that may overtake others: it shows that the connection is alive.
    const result = command.run(frame, loop.context);
    if (!(result instanceof Promise) && result.reply !== undefined) {
      loop.replies.overtake(withRe(result.reply, envelope.id));
    }
    return undefined;
  }
  if (command.bucket === "messages" || command.bucket === "history") {
    const wait = loop.rates.delay(command.bucket, loop.monotonic());
    if (wait > 0) {
      return loop.withoutReading(sleep(wait, loop.ending)).then(() =>
        start(frame, { command, loop })
      );
    }
  }
  return start(frame, { command, loop });
}

/** Looks for a request that is too long by now; it keeps order and rate as any other. */
function recognise(
  envelope: Envelope,
  { command, loop, error }: AcceptedRequest & { error: unknown },
): Promise<void> | undefined {
  try {
    return accept(envelope, { command, loop, limits: { ...loop.context.limits, ...ANY_LENGTH } });
  } catch (later) {
    const isForNow = later instanceof ChatError && later.code === "rate_limited";
    refuse(loop, { id: envelope.id, type: envelope.type, error: isForNow ? later : error });
    return undefined;
  }
}

/** Checks everything that does not depend on the requests before. @throws {ChatError} */
function admit(envelope: Envelope, { command, loop, limits }: Candidate): ClientFrame {
  const { context, rates } = loop;
  const { principal } = context.session;
  if (command.needs !== "nobody" && principal === undefined) {
    throw new ChatError(
      "not_authenticated",
      'Log in first: send "hello" with "auth"',
    );
  }
  const frame = decodeRequest(envelope, limits);
  if (command.bucket === "requests" || command.bucket === "inquiries") {
    rates.request(command.bucket, loop.monotonic());
  }
  if (
    principal !== undefined && command.needs !== "nobody" && !principal.hasRole(command.needs)
  ) {
    throw new ChatError("forbidden", `Only for the role ${command.needs} or above`);
  }
  if (principal?.hasScope(command.scope) === false) {
    const scopes = principal.scopes?.texts.join(", ") ?? "nothing";
    throw new ChatError("forbidden", `Your token is good for ${scopes}: not for "${frame.type}"`);
  }
  return frame;
}

function start(
  frame: ClientFrame,
  { command, loop }: AcceptedRequest,
): Promise<void> | undefined {
  const room = command.findRoom?.(frame, loop.context);
  if (room !== undefined) {
    void run(frame, { command, loop, room });
    return undefined;
  }
  const before = loop.replies.whenBelow(1);
  if (before === undefined) return run(frame, { command, loop });
  return before.then(() => run(frame, { command, loop }));
}

/** Runs a command and fills the request's reply slot. Never rejects. */
async function run(
  frame: ClientFrame,
  { command, loop, room }: AcceptedRequest,
): Promise<void> {
  // The connection may have ended while the request waited for the requests before, or for the rate.
  if (loop.ending.isStopped) return;
  const slot = loop.replies.open();
  try {
    const { reply, after } = await command.run(frame, loop.context, room);
    slot.fill(reply === undefined ? undefined : withRe(reply, frame.id));
    if (reply?.type === "error") loop.noteRefused({ isFatal: false });
    after?.();
  } catch (error) {
    slot.fill(withRe(loop.faults.toFrame(frame.type, error), frame.id));
    loop.noteRefused({ isFatal: false });
  }
}

function refuse(
  loop: RequestState,
  { id, type, error }: { id: RequestId | undefined; type: string; error: unknown },
): void {
  answer(loop, id, loop.faults.toFrame(type, error));
  loop.noteRefused({ isFatal: false });
}

function answer(loop: RequestState, id: RequestId | undefined, reply: ServerFrame): void {
  loop.replies.open().fill(withRe(reply, id));
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
