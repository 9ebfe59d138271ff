// How the client's commands end: which exit code fits which error, and the error that carries one.
// Knows the protocol's codes; knows nothing of terminals and processes.

import { EXIT_CODES } from "../exit_codes.ts";
import { type ByeCode, ChatError, type ErrorCode, FrameError } from "../wire/errors.ts";
import type { ServerFrame } from "../wire/frame.ts";
import { FileFault } from "./files/file_fault.ts";

export type ExitReason = keyof typeof EXIT_CODES;

/** What each exit code means here; `--help` prints this. */
const MEANINGS: Readonly<Record<ExitReason, string>> = {
  done: "done: stored, answered (whatever the answer), or the reader of the output closed it",
  refused: "refused by the server, unless a code below fits better",
  rejected: "approve: a person has denied it",
  forYou: "status: something is there for you",
  usage: "wrong option, argument or text; a text from stdin is kept in a file",
  unreachable:
    "server out of reach, nothing sent and nothing kept; status: no live line is running",
  tryAgain: "not known, or a busy server: a message is kept and the next run sends it first",
  protocol: "another protocol or version; by TLS: a key that is not known, or another one",
  denied: "not allowed: auth_failed, forbidden, banned, revoked",
  config: "configuration file, environment, permission, full or read-only disk",
  timeout:
    "no answer in time (--timeout): nothing was sent, the question stays asked, or nobody decided",
  interrupted: "interrupted by Ctrl-C",
};

/** A command cannot continue: the message is for a person, the reason becomes the exit code. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly reason: ExitReason;

  constructor(reason: ExitReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  get exitCode(): number {
    return EXIT_CODES[this.reason];
  }
}

/** The connection ended before a request was answered: whether it took effect is unknown. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** The server ended the session: the frame says whether and when the client may come back. */
export class ByeFailure extends Failure {
  readonly bye: ServerFrame<"bye">;

  constructor(bye: ServerFrame<"bye">) {
    super(reasonOf(bye.code), bye.message);
    this.bye = bye;
  }
}

const BY_CODE: Partial<Record<ErrorCode | ByeCode, ExitReason>> = {
  unavailable: "tryAgain",
  storage_full: "tryAgain",
  busy: "tryAgain",
  rate_limited: "tryAgain",
  auth_failed: "denied",
  forbidden: "denied",
  banned: "denied",
  revoked: "denied",
  protocol: "protocol",
  shutdown: "unreachable",
  restarting: "unreachable",
  too_many: "unreachable",
  idle: "unreachable",
  slow: "unreachable",
};

/** What a refusal by the server, an `error` or a `bye`, means for the exit code. */
export function reasonOf(code: ErrorCode | ByeCode): ExitReason {
  return BY_CODE[code] ?? "refused";
}

/** The server refuses for now: why, and after how many milliseconds to try again if it says so. */
export interface RetryHint {
  /** For a person. */
  readonly message: string;
  readonly afterMs?: number;
}

/** Refusals that only mean too much at once: they pass with time. */
const BUSY: ReadonlySet<ErrorCode> = new Set(["busy", "rate_limited"]);

/**
 * What to wait for after an error: too much at once, or a bye after which the client may come back.
 * Undefined for everything else.
 */
export function retryHintOf(error: unknown): RetryHint | undefined {
  if (error instanceof ByeFailure) {
    const { reconnect, message, after_ms: afterMs } = error.bye;
    if (!reconnect) return undefined;
    return { message, afterMs };
  }
  if (!(error instanceof ChatError) || !BUSY.has(error.code)) return undefined;
  const { message, details: { afterMs } } = error;
  return { message, afterMs };
}

/** Refusals that leave open whether the request took effect, or say that it may succeed later. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  ...BUSY,
  "unavailable",
  "storage_full",
  "internal",
]);

/** Whether a refusal is not final: the same request must be tried again at some time. */
export function isTransient({ code, details }: ChatError): boolean {
  return details.retry === true || TRANSIENT.has(code);
}

/** Any error as a failure: refusals by their code, broken framing and cut connections by kind. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const cause = { cause: error };
  if (error instanceof ChatError) {
    const wayOut = error.details.field === "auth.name" ? "; --name gives another" : "";
    return new Failure(reasonOf(error.code), `${error.message}${wayOut}`, cause);
  }
  if (error instanceof FrameError) {
    return new Failure("protocol", `The server does not speak Parley: ${error.message}`, cause);
  }
  if (error instanceof ConnectionLost) return new Failure("unreachable", error.message, cause);
  if (error instanceof FileFault) return new Failure("config", error.message, cause);
  if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) {
    return new Failure("config", error.message, cause);
  }
  throw error;
}

/** The exit codes as lines for `--help`. */
export function formatExitCodes(): string {
  return Object.entries(MEANINGS).map(([reason, meaning]) => {
    return `  ${String(EXIT_CODES[reason as ExitReason]).padStart(3)}  ${meaning}`;
  }).join("\n");
}
