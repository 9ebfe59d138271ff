// The person's own messages in a chat: where they are kept, and what is shown when one is stored or has
// waited for a while.

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { formatRoom, type Line, notice } from "../../terminal/view_lines.ts";
import { type ClientContext, outboxOf } from "../context.ts";
import type { ConversationLoop } from "../conversation_loop.ts";
import { Sender } from "../outbox/sender.ts";
import type { PlacesView } from "../places/places_view.ts";
import type { ChatOptions } from "./chat_options.ts";
import { PENDING_MS } from "./chat_prompt.ts";

interface ChatSenderParts {
  readonly context: ClientContext;
  readonly options: ChatOptions;
  readonly loop: ConversationLoop;
  readonly view: PlacesView;
  /** Shows a line unless the person is leaving. */
  readonly show: (line: Line) => void;
  readonly showPrompt: () => void;
  /** Ends the waits. */
  readonly signal: AbortSignal;
}

export function createChatSender(parts: ChatSenderParts): Sender {
  const { context, options, view, showPrompt, signal } = parts;
  const { clock, random, server, identity: { name } } = context;
  const sender: Sender = new Sender({
    author: { server, name },
    outbox: outboxOf(context),
    clock,
    random,
    show: (lines) => view.show(lines),
    noteStored: (ok, request) => noteStored(ok, request, parts),
    keptFor: options.console === undefined ? "the next run" : "the next connection",
    changed: () => {
      showPrompt();
      // On a quick line the answer comes before there is anything to show.
      if (sender.pending.length > 0) clock.sleep(PENDING_MS, signal).then(showPrompt);
    },
  });
  return sender;
}

function noteStored(
  ok: ServerFrame<"ok">,
  request: ClientFrame,
  { loop, view, show }: ChatSenderParts,
): void {
  loop.receive(ok, request);
  const { policy, current } = loop.conversation;
  if (request.type !== "message" || !policy.hasPlaces) return;
  const { room = request.room } = ok;
  const isSeen = room === current || view.scope === "all";
  if (!isSeen) show(notice(`Sent to ${formatRoom(room)}`));
}
