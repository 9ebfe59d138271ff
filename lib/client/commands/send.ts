// `send ROOM [TEXT]`: one message, stored or not, and the exit code says which. Nothing is printed
// for a stored one, unless `--json` asks for the server's `ok`.

import { monotonicUlid } from "@std/ulid";
import { ChatError } from "../../wire/errors.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import { DEFAULT_LIMITS } from "../../wire/limits.ts";
import { checkText, type TextLimits } from "../../wire/text.ts";
import { type ClientContext, outboxOf, unsentOf, withSession } from "../context.ts";
import { keepText, offer, ownerOf, settleEarlier } from "../delivery.ts";
import { Failure } from "../exit.ts";
import { safeJson } from "../../terminal/safe_text.ts";
import type { Session } from "../session.ts";
import { readStdin } from "../stdin.ts";
import { tell } from "../view.ts";

export interface SendOptions {
  readonly room: string;
  /** Without it all of stdin is the message. */
  readonly text?: string;
  readonly stdin: (into: Uint8Array) => Promise<number | null>;
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** No server can take more: its frames are this long at most. */
const LONGEST: TextLimits = { ...DEFAULT_LIMITS, content: DEFAULT_LIMITS.frame };

/** @throws {Failure} unless the message is stored. */
export async function send(context: ClientContext, options: SendOptions): Promise<void> {
  const { room, timeoutMs } = options;
  const message = await getMessage(context, options);
  const late = `The server gave no answer within ${timeoutMs / 1_000} s; nothing was sent`;
  const deadline = { ms: timeoutMs, failure: new Failure("timeout", late) };
  const ok = await withSession(context, { deadline }, async (session) => {
    const { content: most } = session.welcome.limits;
    const limits = most === undefined ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, content: most };
    await checkMessage(context, { message, limits });
    return await deliver(context, { session, room, content: message.text });
  });
  if (options.json) context.output.stdout(safeJson(ok) + "\n");
}

interface Message {
  readonly text: string;
  /** What stdin held, to be kept if it cannot be sent. */
  readonly bytes?: Uint8Array;
}

async function getMessage(context: ClientContext, options: SendOptions): Promise<Message> {
  let message: Message;
  if (options.text !== undefined) {
    message = { text: options.text };
  } else {
    const { text, fault, bytes } = await readStdin(options.stdin);
    if (text === undefined) throw await unsendable(context, { fault: fault ?? "", bytes });
    message = { text, bytes };
  }
  await checkMessage(context, { message, limits: LONGEST });
  return message;
}

async function checkMessage(
  context: ClientContext,
  { message, limits }: { readonly message: Message; readonly limits: TextLimits },
): Promise<void> {
  try {
    checkText(message.text, limits);
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    const { bytes } = message;
    throw await unsendable(context, { fault: error.message, ...(bytes ? { bytes } : {}) });
  }
}

/** A text that no server takes: what stdin held is kept, because it is nowhere else. */
async function unsendable(
  context: ClientContext,
  { fault, bytes }: { readonly fault: string; readonly bytes?: Uint8Array },
): Promise<Failure> {
  if (bytes === undefined || bytes.length === 0) return new Failure("usage", fault);
  const path = await keepText(unsentOf(context), { name: monotonicUlid(), content: bytes });
  return new Failure("usage", `${fault}; what stdin held is kept in ${path}`);
}

/** Keeps the message, settles what earlier runs have left, then sends it. */
async function deliver(
  context: ClientContext,
  { session, room, content }: {
    readonly session: Session;
    readonly room: string;
    readonly content: string;
  },
): Promise<ServerFrame<"ok">> {
  const outbox = outboxOf(context);
  const owner = ownerOf(session, context.server);
  const earlier = await settleEarlier(session, { outbox, owner, unsent: unsentOf(context) });
  for (const line of earlier.lines) tell(context.output, line);
  const time = context.clock.now();
  const name = session.welcome.you?.name ?? context.identity.name;
  const entry = await outbox.keep({ ...owner, cid: monotonicUlid(), name, room, content, time });
  try {
    if (!earlier.settled) throw unanswered(context, "earlier messages come first");
    const outcome = await offer(session, entry);
    if (outcome.kind === "unknown") throw unanswered(context, outcome.message);
    await entry.settle();
    if (outcome.kind === "refused") throw outcome.error;
    return outcome.ok;
  } finally {
    entry.letGo();
  }
}

function unanswered({ signal }: ClientContext, why: string): Failure {
  const kept = "the message is kept, and the next run settles it first: do not send it again";
  if (signal.aborted) return new Failure("interrupted", `Interrupted: ${kept}`);
  return new Failure("tryAgain", `No answer yet (${why}): ${kept}`);
}
