// One try to send a message, and its outcome. Knows a session and the entries of the outbox; a command
// decides how long it waits and whether it tries again.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { encodeFrame } from "../../wire/codec.ts";
import { byteLength } from "../../wire/text.ts";
import { ConnectionLost, isTransient, retryHintOf } from "../exit.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import type { OutboxEntry, Owner } from "./outbox.ts";
import type { Session } from "../link/session.ts";

export type Outcome =
  | { readonly kind: "stored"; readonly ok: ServerFrame<"ok"> }
  /** It is not stored and never will be. */
  | { readonly kind: "refused"; readonly error: ChatError }
  | Unknown;

/** It may be stored: the same `cid` must be tried again. */
export interface Unknown {
  readonly kind: "unknown";
  /**
   * `lost`: the connection ended. `busy`: too much at once, which passes with time. `fault`: the
   * server failed at this message, perhaps at this one alone. `unavailable`: the server cannot
   * store now.
   */
  readonly why: "lost" | "busy" | "fault" | "unavailable";
  readonly message: string;
  readonly afterMs?: number;
}

/** Takes the `ok` of a message in the order of the wire. Must return at once. */
export type NoteStored = (ok: ServerFrame<"ok">, request: MessageRequest) => void;

type MessageRequest = ClientFrame<"message" | "inquiry" | "respond">;

/** Sends the message once; never rejects because of the server or the network. */
export async function offer(
  session: Session,
  entry: OutboxEntry,
  noteStored?: NoteStored,
): Promise<Outcome> {
  const request = requestOf(entry);
  const take = (reply: ServerFrame<"ok" | "error">) => {
    if (reply.type === "ok") noteStored?.(reply, request);
  };
  try {
    checkFrame(session, request);
    return { kind: "stored", ok: await session.request(request, take) };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof ConnectionLost) return { kind: "unknown", why: "lost", message };
    if (!(error instanceof ChatError)) throw error;
    if (!isTransient(error)) return { kind: "refused", error };
    const { afterMs } = error.details;
    const why = retryHintOf(error) !== undefined
      ? "busy"
      : error.code === "internal"
      ? "fault"
      : "unavailable";
    return { kind: "unknown", why, message, afterMs };
  }
}

/**
 * Checks that a request fits the server's longest line: a longer one would end this connection, and
 * every later one. @throws {ChatError} too_long
 */
function checkFrame({ welcome }: Session, request: ClientFrame): void {
  const { frame: most } = welcome.limits;
  if (most === undefined) return;
  const bytes = byteLength(encodeFrame({ ...request, id: Number.MAX_SAFE_INTEGER }));
  if (bytes <= most) return;
  throw new ChatError("too_long", `The text is too long: a frame has at most ${most} bytes`);
}

/** Always the same for one message: the server recognizes a resend by its `cid`. */
function requestOf({ kind, room, content, cid, to, anyway, queue }: OutboxEntry): MessageRequest {
  if (kind === "inquiry") return { type: "inquiry", content, cid, queue };
  if (kind !== "response") return { type: "message", room, content, cid, to };
  const inquiry = inquiryOf(room);
  if (inquiry === undefined) throw new Error(`An answer belongs to an inquiry, not to ${room}`);
  return { type: "respond", inquiry, content, cid, to, anyway };
}

/** Whose messages a session may send. */
export function ownerOf(session: Session, server: string): Owner {
  const { you, epoch } = session.welcome;
  return { server, epoch, user: you?.user ?? 0 };
}
