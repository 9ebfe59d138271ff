// Calls a person: which messages do so, and how often. Knows no terminal.

import { inquiryOf, notesOf } from "../../wire/room_ref.ts";
import type { You } from "../../wire/frames/session.ts";
import type { SleepClock } from "../../time.ts";
import { type EventLine, formatRoom } from "../../terminal/view_lines.ts";
import { isChange } from "./messages/changed_messages.ts";
import { mentions } from "./mentions.ts";
import type { CallLevel } from "./preferences.ts";

/** No more often than this: a burst of messages is one call. */
const EVERY_MS = 1_000;

/** A message that calls a person. */
export interface Call {
  readonly room: string;
  readonly from: string;
  readonly text: string;
}

/**
 * Whether an event of another person concerns this one, whatever the room's level is.
 * @param before the message that it is about, as it was before; undefined when it is not known
 */
export function concerns(
  { event }: EventLine,
  { you, before }: { readonly you: Pick<You, "user" | "name">; readonly before?: EventLine },
): boolean {
  const { type, room, content = "" } = event;
  if (type === "delete") return false;
  if (type === "edit") {
    return mentions(content, you.name) && !mentions(before?.event.content ?? "", you.name);
  }
  return type === "response" || room.startsWith("@") || inquiryOf(room) !== undefined ||
    notesOf(room) !== undefined ||
    before?.event.user === you.user || mentions(content, you.name);
}

/** Whether it is to ring. */
export function rings(line: EventLine, level: CallLevel): boolean {
  return (level === "all" && !isChange(line.event)) ||
    (level === "mentions" && line.isCall === true);
}

interface CallsOptions {
  readonly clock: Pick<SleepClock, "monotonic">;
  /** Calls the person. Must return at once. */
  readonly ring: (call: Call) => void;
}

export class Calls {
  readonly #options: CallsOptions;
  #rungAt = -Infinity;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Calls the person, unless it has just done so. */
  ring({ event }: EventLine): void {
    const { clock, ring } = this.#options;
    const now = clock.monotonic();
    if (now - this.#rungAt < EVERY_MS) return;
    this.#rungAt = now;
    ring({ room: formatRoom(event.room), from: event.from, text: event.content ?? "" });
  }
}
