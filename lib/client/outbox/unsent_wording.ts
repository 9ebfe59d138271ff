// The sentences about a message that was not sent. Pure.

import type { ChatError } from "../../wire/errors.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import { formatClock } from "../../terminal/layout.ts";
import { formatRoom } from "../../terminal/view_lines.ts";
import { describeAnswer } from "../output/wording.ts";
import type { OutboxEntry, UnclaimedEntry } from "./outbox.ts";

/** How much of a text a refusal repeats. */
const QUOTED = 60;

/** The server's reason; for an operator's text in an inquiry, the command that answers it. */
export function describeRefusal({ room, kind }: OutboxEntry, error: ChatError): string {
  const inquiry = kind === undefined ? inquiryOf(room) : undefined;
  const isForRespond = error.code === "bad_field" && error.details.field === "room";
  const { event } = error.details;
  if (error.code === "answered_meanwhile" && event !== undefined) {
    return `${describeAnswer(event)} · /answer! ${inquiryOf(room)} sends yours all the same`;
  }
  if (kind === "response" && error.code === "forbidden") return "/answer is for operators only";
  if (inquiry !== undefined && isForRespond) return `/answer ${inquiry} TEXT answers it`;
  return error.message;
}

/** A message that is not sent, and why. */
export function describeUnsent({ room, kind, content, time }: UnclaimedEntry, why: string): string {
  const where = kind === "inquiry" ? room : formatRoom(room);
  const quoted = content.length > QUOTED ? `${content.slice(0, QUOTED)}…` : content;
  return `not sent: ${why} · ${formatClock(time)} ${where}: ${quoted}`;
}
