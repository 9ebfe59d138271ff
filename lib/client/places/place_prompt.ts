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

/** The prompt with title and status. */
export function withPlaces(prompt: Prompt, facts: PlaceFacts): Prompt {
  const { conversation: { current, you, waiting }, wantedName, ...others } = facts;
  const places = facts.places.all;
  const name = you?.name ?? wantedName;
  const status = layOutStatus({ ...others, places, waiting: waiting.size, name });
  return { ...prompt, you: you?.user, title: layOutTitle({ places, current }), status };
}
