// The gate in front of the commands: login, fields, rate, role, order, one catch, the asker's id.
// Faults are answered in the order of protocol §2; nothing behind this file attaches a `re`.

import { decodeRequest, type Envelope, type Inbound } from "../../wire/request.ts";
import type { Room } from "../../chat/room.ts";
import { ChatError, FrameError } from "../../wire/errors.ts";
import type { ClientFrame, ClientFrameType, RequestId, ServerFrame } from "../../wire/frame.ts";
import type { Command, CommandContext } from "../commands/command.ts";
import { COMMANDS } from "../commands/mod.ts";
import type { StopSignal } from "../stop_signal.ts";
import { type Faults, refusalFrame } from "../faults.ts";
import { sleep } from "../../time.ts";
import type { Rates } from "./rates.ts";
import type { ReplyQueue } from "./reply_queue.ts";

/** What the gate needs of the session it stands in. */
export interface Gate {
  readonly context: CommandContext;
  readonly replies: ReplyQueue;
  readonly rates: Rates;
  readonly faults: Faults;
  readonly ending: StopSignal;
  monotonic(): number;
  /** The peer was refused something; `isFatal`: no further frame can be read from it. */
  refused(refusal: { isFatal: boolean }): void;
  /** While this waits the server does not read, and the peer's silence is not counted. */
  withoutReading(wait: Promise<void>): Promise<void>;
}

/** Takes one request as far as order demands; a promise when the next one has to wait for it. */
export function dispatch(inbound: Inbound, gate: Gate): Promise<void> | undefined {
  if ("error" in inbound) {
    answer(gate, inbound.id, refusalOf(inbound.error));
    gate.refused({ isFatal: inbound.error instanceof FrameError && inbound.error.isFatal });
    return undefined;
  }
  const { type, id } = inbound;
  const command = COMMANDS[type] as unknown as Command<ClientFrameType>;
  try {
    const frame = admit(inbound, { command, gate });
    if (command.bucket === "free") {
      // The one kind of reply that may overtake others: it says that the connection lives.
      const result = command.run(frame, gate.context);
      if (!(result instanceof Promise) && result.reply !== undefined) {
        gate.replies.overtake(withRe(result.reply, id));
      }
      return undefined;
    }
    if (command.bucket === "messages" || command.bucket === "history") {
      const wait = gate.rates.delay(command.bucket, gate.monotonic());
      if (wait > 0) {
        return gate.withoutReading(sleep(wait, gate.ending)).then(() =>
          start(frame, { command, gate })
        );
      }
    }
    return start(frame, { command, gate });
  } catch (error) {
    refuse(gate, { id, type, error });
    return undefined;
  }
}

interface AcceptedRequest {
  readonly command: Command<ClientFrameType>;
  readonly gate: Gate;
  /** The room that the command has found. */
  readonly room?: Room;
}

/** Everything that is checked before the request's turn. @throws {ChatError} */
function admit(envelope: Envelope, { command, gate }: AcceptedRequest): ClientFrame {
  const { context, rates } = gate;
  const { principal } = context.session;
  if (command.needs !== "nobody" && principal === undefined) {
    throw new ChatError(
      "not_authenticated",
      `Log in before "${envelope.type}": say hello with auth`,
    );
  }
  const frame = decodeRequest(envelope, context.limits);
  if (command.bucket === "requests" || command.bucket === "inquiries") {
    rates.request(command.bucket, gate.monotonic());
  }
  if (
    principal !== undefined && command.needs !== "nobody" && !principal.hasRole(command.needs)
  ) {
    throw new ChatError("forbidden", `"${envelope.type}" needs the role ${command.needs}`);
  }
  return frame;
}

function start(frame: ClientFrame, { command, gate }: AcceptedRequest): Promise<void> | undefined {
  const room = command.findRoom?.(frame, gate.context);
  if (room !== undefined) {
    void run(frame, { command, gate, room });
    return undefined;
  }
  const before = gate.replies.whenBelow(1);
  if (before === undefined) return run(frame, { command, gate });
  return before.then(() => run(frame, { command, gate }));
}

/** Runs a command and answers in the request's place. Never rejects. */
async function run(frame: ClientFrame, { command, gate, room }: AcceptedRequest): Promise<void> {
  // It may have waited for its turn, or for the rate, until nobody was left to be answered.
  if (gate.ending.isStopped) return;
  const slot = gate.replies.open();
  try {
    const { reply, after } = await command.run(frame, gate.context, room);
    slot.fill(reply === undefined ? undefined : withRe(reply, frame.id));
    if (reply?.type === "error") gate.refused({ isFatal: false });
    after?.();
  } catch (error) {
    slot.fill(withRe(gate.faults.toFrame(frame.type, error), frame.id));
    gate.refused({ isFatal: false });
  }
}

function refuse(
  gate: Gate,
  { id, type, error }: { id: RequestId | undefined; type: string; error: unknown },
): void {
  answer(gate, id, gate.faults.toFrame(type, error));
  gate.refused({ isFatal: false });
}

function answer(gate: Gate, id: RequestId | undefined, reply: ServerFrame): void {
  gate.replies.open().fill(withRe(reply, id));
}

function refusalOf(error: ChatError | FrameError): ServerFrame<"error"> {
  if (error instanceof ChatError) return refusalFrame(error);
  return { type: "error", code: error.code, message: error.message };
}

/** The reply with the asker's id right behind its type. */
function withRe(reply: ServerFrame, re: RequestId | undefined): ServerFrame {
  if (re === undefined) return reply;
  const { type, ...fields } = reply;
  return { type, re, ...fields } as ServerFrame;
}
