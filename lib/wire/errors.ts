// Why a request can be refused and why a connection can end: two closed lists of codes, and the errors
// that carry them. Each code is a heading in docs/protocol.md; a test compares the two.

import type { InquiryState, RoomEvent } from "./event.ts";

/** Why a request was refused. Programs read the code, people read the message (protocol §7). */
export const ERROR_CODES = [
  // framing
  "bad_json",
  "bad_utf8",
  "bad_frame",
  "frame_too_large",
  // fields
  "bad_field",
  "bad_text",
  "bad_name",
  "too_long",
  // state
  "not_authenticated",
  "bad_state",
  "unknown_type",
  // world
  "unavailable",
  "storage_full",
  "busy",
  "internal",
  // people
  "auth_failed",
  "name_taken",
  "no_such_user",
  "no_such_room",
  "not_in_room",
  "forbidden",
  "muted",
  "banned",
  "rate_limited",
  "no_such_inquiry",
  "already_claimed",
  "already_decided",
  "answered_meanwhile",
  "expired",
  "cid_conflict",
] as const;
export type ErrorCode = typeof ERROR_CODES[number];

/** Why a connection is ended by the server (protocol §7). */
export const BYE_CODES = [
  "shutdown",
  "restarting",
  "slow",
  "idle",
  "flood",
  "revoked",
  "kicked",
  "banned",
  "too_many",
  "protocol",
] as const;
export type ByeCode = typeof BYE_CODES[number];

/** What an error carries besides its code and message. */
interface ErrorDetails {
  /** The wrong field, dotted when nested: `auth.name`. */
  readonly field?: string;
  /** Whether the same request may succeed later. */
  readonly retry?: boolean;
  /** When to try again, in milliseconds from now. */
  readonly afterMs?: number;
  /** A name that is free, where the one asked for is not. */
  readonly suggestion?: string;
  /** What has decided or closed the question. */
  readonly event?: RoomEvent;
  /** When a mute or a ban ends by itself, UTC milliseconds. */
  readonly until?: number | undefined;
  /** How the inquiry is, and who works on it; `null`: nobody. */
  readonly state?: InquiryState | undefined;
  readonly assignee?: string | null | undefined;
  readonly cause?: unknown;
}

/** A request is refused: it is answered with `error`, and the session goes on. */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

/** What is wrong with the framing of what a peer sent. */
type FramingCode = "bad_json" | "bad_utf8" | "bad_frame" | "frame_too_large";

/** What a peer sent is not a frame at all. Its message never quotes the input: it may hold secrets. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code: FramingCode;

  constructor(code: FramingCode, message: string) {
    super(message);
    this.code = code;
  }

  /** After a line that is too long it is not known where the next frame begins. */
  get isFatal(): boolean {
    return this.code === "frame_too_large";
  }
}
