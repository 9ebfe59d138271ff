// Between conversation and terminal: a message of the current room is shown, one of another room is
// counted, and shown only when it concerns the person. On entering a room its last messages are
// shown. Knows neither terminal nor connection.

import { inquiryOf } from "../../wire/room_ref.ts";
import type { Line, View } from "../../terminal/view_lines.ts";
import type { Conversation } from "../state/conversation_state.ts";
import { mentions } from "./mentions.ts";
import { describeEntry } from "./place_entry.ts";
import { type EventLine, Places } from "./places.ts";

/** Which rooms are shown: the current one, or all in one stream. */
export type Scope = "room" | "all";

interface PlacesViewOptions {
  /** Where lines are shown. */
  readonly view: View;
  readonly conversation: () => Conversation;
  readonly scope: Scope;
  /** A message concerns the person. Must return at once. */
  readonly called: (line: EventLine) => void;
}

export class PlacesView implements View {
  readonly places = new Places();
  readonly #options: PlacesViewOptions;
  /** Which rooms are shown. */
  scope: Scope;
  /** The room whose last messages were shown when it was entered. */
  #entered: string | undefined;
  /** The logs for which the places were created. */
  #logs: Conversation["logs"] | undefined;
  /** Messages that wait until those before them have come. */
  #held: EventLine[] = [];

  constructor(options: PlacesViewOptions) {
    this.#options = options;
    this.scope = options.scope;
  }

  show(lines: readonly Line[]): void {
    const { conversation: getConversation, view } = this.#options;
    const conversation = getConversation();
    this.#setRooms(conversation);
    const shown: Line[] = [];
    for (const line of lines) {
      if (line.kind !== "event" || line.isRequested) shown.push(line);
      else shown.push(...this.#take(this.#marked(line, conversation), conversation));
    }
    if (shown.length > 0) view.show(shown);
    this.update();
  }

  /** The conversation has changed: shows the room that was entered, once its messages are there. */
  update(): void {
    const { conversation: getConversation, view } = this.#options;
    const conversation = getConversation();
    const { current, logs, opening, you } = conversation;
    this.#setRooms(conversation);
    if (current === this.#entered || current === undefined) return;
    if (opening.has(current) || logs.get(current)?.phase.at === "opening") return;
    this.#entered = current;
    const held = this.#held.splice(0);
    const place = this.places.find(current);
    if (place === undefined) return;
    const entry = this.scope === "all" ? held : describeEntry(place, { user: you?.user });
    const last = place.lines.at(-1)?.event.seq ?? 0;
    this.places.setSeen(current, Math.max(last, place.counted));
    if (entry.length > 0) view.show(entry);
  }

  #setRooms({ logs }: Conversation): void {
    if (logs === this.#logs) return;
    this.#logs = logs;
    this.places.setRooms([...logs].map(([room, { phase, cursor }]) => ({
      room,
      last: phase.at === "opening" ? phase.boundary : cursor,
    })));
  }

  /** With a mark when the message concerns the person. */
  #marked(line: EventLine, { you }: Conversation): EventLine {
    const { event } = line;
    if (you === undefined || event.user === you.user) return line;
    const isCall = event.type === "response" || event.room.startsWith("@") ||
      inquiryOf(event.room) !== undefined || mentions(event.content, you.name);
    return isCall ? { ...line, isCall } : line;
  }

  /** @returns what of it is shown now */
  #take(line: EventLine, conversation: Conversation): readonly Line[] {
    const { current, you } = conversation;
    const { room, seq, user } = line.event;
    const isOwn = user === you?.user;
    const before = this.places.find(room)?.counted ?? 0;
    this.places.add(line, { isOwn });
    const isNews = seq > before && line.isCall === true;
    if (isNews) this.#options.called(line);
    if (room === current && room !== this.#entered) {
      this.#held.push(line);
      return [];
    }
    const isInquiry = inquiryOf(room) !== undefined;
    if (room === current || isInquiry) this.places.setSeen(room, seq);
    const isShown = this.scope === "all" || room === current || isInquiry;
    return isShown || isNews ? [line] : [];
  }
}
