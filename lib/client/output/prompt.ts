// The prompt of the line, and above it the messages that have no answer yet. Pure.

import type { Row } from "../../terminal/layout.ts";
import { countOf, formatRoom } from "../../terminal/view_lines.ts";
import type { Prompt } from "../../terminal/prompt_view.ts";
import type { OutboxEntry } from "../outbox/outbox.ts";

/** How many of the messages without an answer are shown. */
const PENDING_ROWS = 3;

interface PromptState {
  readonly isOnline: boolean;
  /** How the server is called, for a person with several. */
  readonly server?: string | undefined;
  /** The room that a text is sent to. */
  readonly current?: string | undefined;
  /** Who is active there. */
  readonly activity?: readonly string[];
  /** How it stands before what is typed, where that is not its name. */
  readonly currentName?: string | undefined;
  /** Whether the lines of the current room name it, too. */
  readonly isTagged?: boolean;
  /** The prompt without a current room. */
  readonly noRoom?: string | undefined;
  /** The room that is entered first, while there is no current one. */
  readonly awaited?: string | undefined;
}

type PendingMessage = Pick<OutboxEntry, "content" | "room" | "kind">;

/** The prompt, with the messages `pending` in rows above it. */
export function layOutPrompt(
  pending: readonly PendingMessage[],
  state: PromptState,
): Prompt {
  const { isOnline, server, current, currentName, activity = [], noRoom = "" } = state;
  const { isTagged = false } = state;
  const rows = pending.slice(0, PENDING_ROWS).map((message) => dim(describe(message, state)));
  const more = pending.length - rows.length;
  if (more > 0) rows.push(dim(`… and ${countOf(more, "more message")}`));
  if (activity.length > 0) rows.push(dim(activity.join(" · ")));
  const room = current === undefined ? noRoom : currentName ?? formatRoom(current);
  const place = [server, room].filter((part) => part !== undefined && part !== "").join(" ");
  const before: Row = [{ text: `${place}${isOnline ? "" : " (offline)"}> `, style: "bold" }];
  return { rows, before, ...(isTagged ? {} : { current }) };
}

/** A message that waits; one for another room than that of the line has its room. */
function describe(
  { content, room, kind }: PendingMessage,
  { current, awaited, isTagged = false }: PromptState,
): string {
  const isHere = room === (current ?? awaited) && !isTagged;
  return isHere || kind === "inquiry" ? `… ${content}` : `… ${formatRoom(room)}: ${content}`;
}

function dim(text: string): Row {
  return [{ text, style: "dim" }];
}
