// Puts the view of places together, with what decides about reading, calling and presence.

import type { SleepClock } from "../../time.ts";
import type { View } from "../../terminal/view_lines.ts";
import type { Conversation } from "../state/conversation_state.ts";
import { Attention } from "./attention.ts";
import { type Call, Calls } from "./calls.ts";
import { PlacesView } from "./places_view.ts";
import type { Preferences } from "./preferences.ts";
import { FoldedPresence } from "./presence.ts";

interface PlacesParts {
  /** Where lines are shown. */
  readonly line: View;
  readonly conversation: () => Conversation;
  readonly preferences: Preferences;
  readonly clock: SleepClock;
  /** Ends the waits. */
  readonly signal: AbortSignal;
  /** Calls the person. Must return at once. */
  readonly ring: (call: Call) => void;
}

export function createPlacesView(parts: PlacesParts): PlacesView {
  const { line: view, conversation, preferences, clock, signal, ring } = parts;
  const calls = new Calls({ clock, ring });
  return new PlacesView({
    view,
    conversation,
    preferences,
    attention: new Attention(clock),
    presence: new FoldedPresence({ clock, signal, show: (lines) => view.show(lines) }),
    called: (line) => calls.ring(line),
  });
}
