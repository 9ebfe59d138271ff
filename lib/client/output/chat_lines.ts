// What the client says of itself: who one is, the greeting, and the prompt with what waits above it.
// Pure.

import type { ServerFrame } from "../../wire/frame.ts";
import type { Row } from "../../terminal/layout.ts";
import { countOf, failure, formatRoom, type Line, notice } from "../../terminal/line.ts";
import type { Prompt } from "../../terminal/prompt_view.ts";
import type { OutboxEntry } from "../outbox/outbox.ts";

/** How many of the messages that wait are shown. */
const PENDING_ROWS = 3;

/** What one asked to be. */
interface Wanted {
  readonly name: string;
  readonly isNew: boolean;
  /** Why the next run will be another guest, if it will. */
  readonly trouble?: string | undefined;
}

/** How one is somebody else than one asked to be; nothing when one is not. */
export function describeDifference(
  { you }: ServerFrame<"welcome">,
  wanted: Wanted,
): readonly Line[] {
  const lines: Line[] = [];
  if (wanted.isNew) {
    lines.push(notice(`What was kept for ${wanted.name} has ended here: you are a new guest`));
  }
  if (you !== null && you.name.toLowerCase() !== wanted.name.toLowerCase()) {
    lines.push(notice(`${wanted.name} is another's: you are ${you.name}`));
  }
  return lines;
}

/** Who one is, where, and what else one hears besides the room that is entered now. */
export function describeWelcome(
  welcome: ServerFrame<"welcome">,
  { server, identity, room }: {
    readonly server: string;
    readonly identity: Wanted;
    readonly room: string;
  },
): readonly Line[] {
  const { you, rooms } = welcome;
  const who = `You are ${you?.name ?? identity.name} (${you?.role ?? "guest"}) on ${server}`;
  const lines = [
    notice(`${who} · /help lists the commands`),
    ...describeDifference(welcome, identity),
  ];
  if (identity.trouble !== undefined) {
    lines.push(failure(`${identity.trouble}; you cannot come back as the same guest`));
  }
  const others = rooms.filter((other) => other.room !== room).map(({ room, unread = 0 }) => {
    return unread === 0 ? formatRoom(room) : `${formatRoom(room)} (${unread} unread)`;
  });
  if (others.length > 0) lines.push(notice(`You also hear ${others.join(", ")}`));
  return lines;
}

/** The prompt, and above it what has been said but has no answer yet. */
export function layOutPrompt(
  pending: readonly OutboxEntry[],
  { isOnline, current }: { readonly isOnline: boolean; readonly current?: string },
): Prompt {
  const rows = pending.slice(0, PENDING_ROWS).map(({ content }) => dim(`… ${content}`));
  const more = pending.length - rows.length;
  if (more > 0) rows.push(dim(`… and ${countOf(more, "more message")}`));
  const room = current === undefined ? "" : formatRoom(current);
  const before: Row = [{ text: `${room}${isOnline ? "" : " (offline)"}> `, style: "bold" }];
  return { rows, before, ...(current === undefined ? {} : { current }) };
}

function dim(text: string): Row {
  return [{ text, style: "dim" }];
}
