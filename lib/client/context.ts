// What every command is given: who and where, and the outside world as parts that a test replaces.

import type { ByteStream } from "../wire/byte_stream.ts";
import { describeDifference } from "./chat_lines.ts";
import type { Clock } from "./clock.ts";
import { Failure, toFailure } from "./exit.ts";
import type { KeptIdentity } from "./identity.ts";
import { Outbox } from "./outbox.ts";
import type { PrivateFiles } from "./private_files.ts";
import { Session, type SessionOptions } from "./session.ts";
import { type Output, tell } from "./view.ts";

export interface ClientContext {
  /** The server as people write it; tokens and kept messages belong to it. */
  readonly server: string;
  readonly identity: KeptIdentity;
  /** Where messages without an answer, unsent texts and typed lines are kept. */
  readonly state: PrivateFiles;
  readonly connect: (signal: AbortSignal) => Promise<ByteStream>;
  readonly clock: Clock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly output: Output;
  /** Aborts when the person wants to stop; its reason is the failure to end with. */
  readonly signal: AbortSignal;
}

/** The kept messages of the context's server. */
export function outboxOf({ state, server }: ClientContext): Outbox {
  return new Outbox(state.within("outbox").within(encodeURIComponent(server)));
}

/** Texts that could not be sent. */
export function unsentOf({ state }: ClientContext): PrivateFiles {
  return state.within("unsent");
}

/**
 * Runs `work` on a session that is closed afterwards, all within the context's signal and, if it is
 * given, so many milliseconds. @throws {Failure} whatever went wrong.
 */
export async function withSession<T>(
  context: ClientContext,
  options: Pick<SessionOptions, "receive"> & { readonly deadline?: Deadline },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { identity, clock, connect, output } = context;
  const stop = new AbortController();
  const passOn = () => stop.abort(context.signal.reason);
  context.signal.addEventListener("abort", passOn);
  if (context.signal.aborted) passOn();
  const done = new AbortController();
  startDeadline(options.deadline, { clock, stop, done: done.signal });
  try {
    const receive = options.receive === undefined ? {} : { receive: options.receive };
    const session = await Session.open({
      connect,
      identity,
      clock,
      signal: stop.signal,
      ...receive,
    });
    for (const line of describeDifference(session.welcome, identity)) tell(output, line);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  } catch (error) {
    if (error instanceof Failure || !stop.signal.aborted) throw toFailure(error);
    throw stop.signal.reason;
  } finally {
    done.abort();
    context.signal.removeEventListener("abort", passOn);
  }
}

/** By when a command must have its answer. */
export interface Deadline {
  readonly ms: number;
  readonly failure: Failure;
}

function startDeadline(
  deadline: Deadline | undefined,
  { clock, stop, done }: {
    readonly clock: Clock;
    readonly stop: AbortController;
    readonly done: AbortSignal;
  },
): void {
  if (deadline === undefined) return;
  clock.sleep(deadline.ms, done).then(() => {
    if (!done.aborted) stop.abort(deadline.failure);
  });
}
