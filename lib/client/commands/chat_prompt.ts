// The prompt of a person's chat: its row of what is new, the messages without an answer, and the same facts
// for `status`.

import type { ClientContext } from "../context.ts";
import type { ConversationLoop } from "../conversation_loop.ts";
import type { Sender } from "../outbox/sender.ts";
import { layOutPrompt } from "../output/prompt.ts";
import { statusFactsOf, withPlaces } from "../places/place_prompt.ts";
import type { PlacesView } from "../places/places_view.ts";
import { formatRoom } from "../../terminal/view_lines.ts";
import type { EarlierMessages } from "./chat_start.ts";
import { describeActivity } from "../state/activity.ts";
import { promptNameOf } from "../state/desk/inquiry_facts.ts";
import type { ChatOptions, LineView } from "./chat_options.ts";

/** A message without an answer for so long is shown above the line. */
export const PENDING_MS = 300;

interface PromptParts {
  readonly context: ClientContext;
  readonly options: ChatOptions;
  readonly loop: ConversationLoop;
  readonly sender: Sender;
  readonly earlier: Pick<EarlierMessages, "waiting">;
  readonly awaitedRoom: string | undefined;
  readonly view: PlacesView;
  readonly line: LineView;
  readonly isOnline: boolean;
}

/** Shows the prompt as things stand now. */
export function showPrompt(parts: PromptParts): void {
  const { context, options, loop, sender, earlier, view, line, isOnline } = parts;
  const { conversation, session } = loop;
  const { current, policy } = conversation;
  const now = context.clock.now();
  const late = [...earlier.waiting, ...sender.pending].filter(({ time }) =>
    !isOnline || now - time >= PENDING_MS
  );
  const awaited = parts.awaitedRoom === undefined ? undefined : formatRoom(parts.awaitedRoom);
  const noRoom = options.console?.prompt ?? awaited;
  const isTagged = policy.hasPlaces && view.scope === "all";
  const prompt = layOutPrompt(late, {
    isOnline,
    server: options.serverName,
    current,
    activity: current === undefined ? [] : describeActivity(conversation, current),
    currentName: current === undefined ? undefined : promptNameOf(conversation, current),
    noRoom,
    awaited: parts.awaitedRoom,
    isTagged,
  });
  if (!policy.hasPlaces) return line.setPrompt(prompt);
  const { server, identity: { name: wantedName } } = context;
  const { places } = view;
  const lagMs = session?.lagMs;
  const facts = statusFactsOf({ conversation, places, wantedName, server, isOnline, lagMs });
  options.statusChanged?.(facts);
  line.setPrompt(withPlaces(prompt, conversation, facts));
}
