// `send ROOM [TEXT]`: one message, stored or not, and the exit code says which. Nothing is printed
// for a stored one, unless `--json` asks for the server's `ok`.

import { monotonicUlid } from "@std/ulid";
import type { ServerFrame } from "../../wire/frame.ts";
import { checkFor, compose } from "../composition.ts";
import { type ClientContext, outboxOf, unsentOf, withSession } from "../context.ts";
import { offer, ownerOf, settleEarlier } from "../delivery.ts";
import { Failure } from "../exit.ts";
import { safeJson } from "../../terminal/safe_text.ts";
import type { Session } from "../session.ts";
import { tell } from "../view.ts";

export interface SendOptions {
  readonly room: string;
  /** Without it all of stdin is the message. */
  readonly text?: string;
  readonly stdin: (into: Uint8Array) => Promise<number | null>;
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** @throws {Failure} unless the message is stored. */
export async function send(context: ClientContext, options: SendOptions): Promise<void> {
  const { room, timeoutMs } = options;
  const composition = await compose(context, options);
  const late = `The server gave no answer within ${timeoutMs / 1_000} s; nothing was sent`;
  const deadline = { ms: timeoutMs, failure: new Failure("timeout", late) };
  const ok = await withSession(context, { deadline }, async (session) => {
    await checkFor(session, { context, composition });
    return await deliver(context, { session, room, content: composition.text });
  });
  if (options.json) context.output.stdout(safeJson(ok) + "\n");
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
