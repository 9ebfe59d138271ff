// The prompt of a person whose rooms have places: with the row of what is new, and the window's title.
// Pure.

import type { Prompt } from "../../terminal/prompt_view.ts";
import type { Conversation } from "../state/conversation_state.ts";
import type { Places } from "./places.ts";
import { layOutStatus, layOutTitle, type StatusFacts } from "./status_row.ts";

interface PlaceFacts extends Pick<StatusFacts, "server" | "isOnline" | "lagMs"> {
  readonly conversation: Conversation;
  readonly places: Places;
  /** The name before a server has given one. */
  readonly wantedName: string;
}

/** What the status shows. */
export function statusFactsOf(facts: PlaceFacts): StatusFacts {
  const { conversation: { you, waiting }, wantedName, ...others } = facts;
  const name = you?.name ?? wantedName;
  return { ...others, places: facts.places.all, waiting: waiting.size, name };
}

/** The prompt with title and status. */
export function withPlaces(
  prompt: Prompt,
  { current, you }: Pick<Conversation, "current" | "you">,
  facts: StatusFacts,
): Prompt {
  const title = layOutTitle({ places: facts.places, current });
  return { ...prompt, you: you?.user, title, status: layOutStatus(facts) };
}
