// Runs a command that stays connected: connects, and reconnects after every cut. It ends with the command's
// result, its time limit, an interruption, or a failure that no retry can help. Knows nothing of what the
// command does.

import { describeCut, failure, type Line } from "../../terminal/view_lines.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import type { ClientContext } from "../context.ts";
import { type Failure, toFailure } from "../exit.ts";
import { Backoff } from "./backoff.ts";
import { keepConnected } from "./reconnect.ts";
import type { Session } from "./session.ts";

/** What a command does with its link. All must return at once, but for `close`. */
export interface ReconnectHandlers<T> {
  /** The command's result: the link is kept until it settles. */
  readonly result: Promise<T>;
  /** Takes the welcome, then every frame that is no reply, in the order of the wire. */
  receive(frame: ServerFrame): void;
  /** A session is open, and its welcome has been received. */
  online(session: Session, context: { readonly isFirst: boolean }): void;
  /** The session is over, or could not be opened; the next try comes by itself. */
  offline(): void;
  /** Shows why the connection was lost: once, however many tries fail for the same reason. */
  show(line: Line): void;
  /** Whether a server that is out of reach at the first try is waited for, too. */
  readonly waitsAtStart?: boolean;
  /** Called before the link is ended, for replies that are on their way. Never rejects. */
  close?(): Promise<void>;
  /** Resolves when more can be taken; undefined when it can. */
  whenRoom?(): Promise<void> | undefined;
  /** The time within which the result must be there. */
  readonly timeout?: { readonly ms: number; readonly failure: () => Failure };
  /** How the command ends when the person interrupts it; the signal's reason by default. */
  interruption?(): unknown;
}

/** Runs until the command has its result. @throws {Failure} when there is none. */
export async function withReconnects<T>(
  context: ClientContext,
  handlers: ReconnectHandlers<T>,
): Promise<T> {
  const { connect, identity, clock, random, signal: interrupt } = context;
  const { timeout } = handlers;
  const stop = new AbortController();
  const failed = Promise.withResolvers<never>();
  const interrupted = () => failed.reject(handlers.interruption?.() ?? interrupt.reason);
  interrupt.addEventListener("abort", interrupted);
  if (interrupt.aborted) interrupted();
  if (timeout !== undefined) {
    clock.sleep(timeout.ms, stop.signal).then(() => {
      if (!stop.signal.aborted) failed.reject(timeout.failure());
    });
  }
  const link = keepConnected({
    connect,
    identity,
    clock,
    backoff: new Backoff(random),
    signal: stop.signal,
    waitsAtStart: handlers.waitsAtStart,
    receive: (frame) => handlers.receive(frame),
    whenRoom: () => handlers.whenRoom?.(),
    ...presenceOf(handlers),
  });
  link.catch((error) => failed.reject(error));
  try {
    return await Promise.race([handlers.result, failed.promise]);
  } catch (error) {
    throw toFailure(error);
  } finally {
    await handlers.close?.();
    stop.abort();
    interrupt.removeEventListener("abort", interrupted);
    await link.catch(() => {});
  }
}

/** Whether the link is up, as the handlers get to know it. */
function presenceOf<T>(handlers: ReconnectHandlers<T>): {
  readonly online: (session: Session) => void;
  readonly offline: (reason: string, retryMs: number) => void;
} {
  let isFirst = true;
  let shownReason: string | undefined;
  return {
    online: (session): void => {
      shownReason = undefined;
      handlers.online(session, { isFirst });
      isFirst = false;
    },
    offline: (reason, retryMs): void => {
      handlers.offline();
      if (reason !== shownReason) handlers.show(failure(describeCut(reason, retryMs)));
      shownReason = reason;
    },
  };
}
