// `send ROOM [TEXT]`: one message; the exit code says whether it is stored. Nothing is printed for a
// stored one, unless `--json` asks for the server's `ok`.

import type { ServerFrame } from "../../wire/frame.ts";
import { compose, type ComposeOptions } from "../message_input.ts";
import type { ClientContext } from "../context.ts";
import { offer, type Outcome } from "../outbox/delivery_attempt.ts";
import { earlierOf, settleEarlier } from "../outbox/earlier_messages.ts";
import { formatDuration } from "../output/durations.ts";
import { ASKER_GONE } from "../output/wording.ts";
import { Failure } from "../exit.ts";
import { withSession } from "../link/with_session.ts";
import type { HeldEntry, OutboxEntry } from "../outbox/outbox.ts";
import { RetryDelay } from "../link/retry_delay.ts";
import { notice } from "../../terminal/view_lines.ts";
import { safeJson } from "../../terminal/safe_text.ts";
import type { Session } from "../link/session.ts";
import { Submission, type SubmissionOptions } from "../outbox/submission.ts";
import type { TimeLimit } from "../time_limit.ts";
import { writeLine } from "../output/plain_and_json_views.ts";

export interface SendOptions extends ComposeOptions {
  readonly room: string;
  /** It is an operator's answer in the inquiry that the room is of; to the latest question without `to`. */
  readonly answers?: Pick<OutboxEntry, "to" | "anyway">;
  /** It is a question for the desk; `room` is a name for people. */
  readonly isQuestion?: boolean;
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** @returns the server's `ok` @throws {Failure} unless the message is stored. */
export async function send(
  context: ClientContext,
  options: SendOptions,
): Promise<ServerFrame<"ok">> {
  const { timeoutMs } = options;
  const submission = new Submission(context, await composeSubmission(context, options));
  let why = `within ${formatDuration(timeoutMs)}`;
  try {
    const ok = await withSession(context, {
      timeoutMs,
      overdue: () => submission.isKept ? submission.unanswered(why) : late(context, timeoutMs),
      postponed: async ({ message }) => {
        why = message;
        await submission.keepUnclaimed();
      },
    }, (session, limit) => deliver(context, { session, limit, submission }));
    if (options.json) context.output.stdout(safeJson(ok) + "\n");
    if (ok.asker_gone === true) writeLine(context.output, notice(ASKER_GONE));
    return ok;
  } catch (error) {
    throw await submission.ended(error);
  } finally {
    await submission.release();
  }
}

async function composeSubmission(
  context: ClientContext,
  options: SendOptions,
): Promise<SubmissionOptions> {
  const composition = await compose(context, options);
  const { room, answers, isQuestion = false } = options;
  if (isQuestion) return { kind: "inquiry", room, composition, noun: "question" };
  if (answers === undefined) return { room, composition, noun: "message" };
  return { kind: "response", room, ...answers, composition, noun: "answer" };
}

function late({ identity }: ClientContext, timeoutMs: number): Failure {
  const within = `within ${formatDuration(timeoutMs)}; nothing was sent`;
  const lock = identity.waitsFor;
  return new Failure(
    "timeout",
    lock === undefined
      ? `The server gave no answer ${within}`
      : `Another client holds ${lock} and did not let go of it ${within}`,
  );
}

/** Sends the messages of earlier runs, then this one; waits while the server is busy. */
async function deliver(
  context: ClientContext,
  { session, limit, submission }: {
    readonly session: Session;
    readonly limit: TimeLimit;
    readonly submission: Submission;
  },
): Promise<ServerFrame<"ok">> {
  const entry = await submission.claim(session);
  const delay = new RetryDelay(context.random);
  const shown = new Set<string>();
  for (;;) {
    const outcome = await tryOnce(context, { session, entry, shown });
    if (outcome.kind === "stored") {
      await entry.settle();
      return outcome.ok;
    }
    if (outcome.kind === "refused") throw await submission.refuse(outcome.error);
    const { why, message, afterMs = 0 } = outcome;
    if (why !== "busy" || afterMs > limit.remainingMs) throw submission.unanswered(message);
    await context.clock.sleep(delay.next(outcome.afterMs), limit.signal);
    if (limit.signal.aborted) throw submission.unanswered(message);
  }
}

async function tryOnce(
  context: ClientContext,
  { session, entry, shown }: {
    readonly session: Session;
    readonly entry: HeldEntry;
    /** Lines that were shown before. */
    readonly shown: Set<string>;
  },
): Promise<Outcome> {
  const earlier = await settleEarlier(session, earlierOf(context, session));
  for (const line of earlier.lines) {
    if (line.kind === "event" || shown.has(line.text)) continue;
    shown.add(line.text);
    writeLine(context.output, line);
  }
  const { open } = earlier;
  if (open === undefined) return await offer(session, entry);
  return { ...open, message: "earlier messages come first" };
}
