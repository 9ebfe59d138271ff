// How a session ended, and which failure that is.

import type { FrameError } from "../../wire/errors.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import { ByeFailure, Failure } from "../exit.ts";

/** How a session ended. */
export interface SessionEnd {
  /** For a person. */
  readonly message: string;
  /** The server's last frame, if it was a bye. */
  readonly bye?: ServerFrame<"bye">;
  /** The server broke the protocol. */
  readonly fault?: FrameError;
  /** The error that a receiver of frames has thrown. */
  readonly thrown?: { readonly error: unknown };
}

/** Why no welcome came before the end. @throws a receiver's error */
export function failureBeforeWelcome({ bye, fault, thrown, message }: SessionEnd): Failure {
  if (thrown !== undefined) throw thrown.error;
  if (fault !== undefined) {
    return new Failure("protocol", `The server does not speak Parley: ${fault.message}`);
  }
  return bye === undefined ? new Failure("unreachable", message) : new ByeFailure(bye);
}
