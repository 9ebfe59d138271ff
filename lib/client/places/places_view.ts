// Between conversation and terminal. A message of the current room is shown; one of another room is
// counted, and shown only when it concerns the person. On entering a room its last messages are shown.
// Knows neither terminal nor connection.

import { inquiryOf } from "../../wire/room_ref.ts";
import { isPast } from "../../terminal/events/event_text.ts";
import type { EventLine, Line, View } from "../../terminal/view_lines.ts";
import type { Conversation } from "../state/conversation_state.ts";
import type { Attention } from "./attention.ts";
import { concerns, rings } from "./calls.ts";
import { aboutOf, isChange } from "./messages/changed_messages.ts";
import { folded } from "./messages/folding.ts";
import { MessageHandles } from "./messages/message_handles.ts";
import { describeEntry } from "./place_entry.ts";
import { Places } from "./places.ts";
import type { FoldedPresence } from "./presence.ts";
import type { Preferences, Scope } from "./preferences.ts";

interface PlacesViewOptions {
  /** Where lines are shown. */
  readonly view: View;
  readonly conversation: () => Conversation;
  readonly preferences: Preferences;
  readonly attention: Attention;
  readonly presence: FoldedPresence;
  /** A message is to call the person. Must return at once. */
  readonly called: (line: EventLine) => void;
}

export class PlacesView implements View {
  readonly places = new Places();
  readonly handles = new MessageHandles();
  readonly #options: PlacesViewOptions;
  /** The room whose last messages were shown when it was entered. */
  #entered: string | undefined;
  /** The logs for which the places were created, and their epoch. */
  #logs: Conversation["logs"] | undefined;
  #epoch: string | undefined;
  /** Messages that wait until those before them have come. */
  #held: EventLine[] = [];

  constructor(options: PlacesViewOptions) {
    this.#options = options;
  }

  /** Which rooms are shown. */
  get scope(): Scope {
    const { conversation, preferences } = this.#options;
    return conversation().policy.hasPlaces ? preferences.scope : "all";
  }

  /** Whether the person is there to see what is shown. */
  get isAttended(): boolean {
    return this.#options.attention.reads("shown");
  }

  show(lines: readonly Line[]): void {
    const { conversation: getConversation, view, presence } = this.#options;
    const conversation = getConversation();
    this.#setRooms(conversation, lines);
    const shown: Line[] = [];
    for (const line of lines) {
      if (line.kind === "notice" && line.presence !== undefined) presence.add(line.presence);
      else if (line.kind !== "event") shown.push(line);
      else if (isPast(line.event)) continue;
      else if (line.isRequested) shown.push(line);
      else shown.push(...this.#take(this.#marked(line, conversation), conversation));
    }
    // A person who writes, or is removed, has joined before.
    const isAfter = (line: Line) =>
      line.kind === "event" ? presence.has(line.event) : line.kind === "notice";
    if (shown.some(isAfter)) presence.flush();
    if (shown.length > 0) view.show(this.#shown(shown));
    this.update();
  }

  /** The conversation has changed: shows the room that was entered, once its messages are there. */
  update(): void {
    const { conversation: getConversation, view } = this.#options;
    const conversation = getConversation();
    const { current, logs, opening, you } = conversation;
    this.#setRooms(conversation, []);
    if (current === undefined) this.#entered = undefined;
    if (current === this.#entered || current === undefined) return;
    if (opening.has(current) || logs.get(current)?.phase.at === "opening") return;
    this.#entered = current;
    const held = this.#held.splice(0);
    const place = this.places.find(current);
    if (place === undefined) return;
    const entry = this.scope === "all" ? held : describeEntry(place, { user: you?.user });
    if (this.#options.preferences.readMode !== "manual") this.readAll();
    if (entry.length > 0) view.show(this.#shown(entry));
  }

  /** The person was there. */
  attended(how: "key" | "focus" | "blur"): void {
    this.#options.attention.note(how);
    const { readMode } = this.#options.preferences;
    if (how !== "blur" && readMode !== "manual" && this.#entered !== undefined) this.readAll();
  }

  /** All that is shown of the current room counts as read. */
  readAll(): void {
    const { current } = this.#options.conversation();
    const place = current === undefined ? undefined : this.places.find(current);
    if (place === undefined || current !== this.#entered) return;
    const last = place.lines.at(-1)?.event.seq ?? 0;
    this.places.setSeen(place.room, Math.max(last, place.counted));
  }

  /** As they are shown: with what they are about, as that is now, and long ones folded. */
  #shown(lines: readonly Line[]): readonly Line[] {
    return lines.map((line) => {
      if (line.kind !== "event") return line;
      const subject = this.#subjectOf(line);
      const whole = subject === undefined ? line : { ...line, about: aboutOf(subject) };
      return line.isRequested ? whole : folded(whole, this.handles);
    });
  }

  /** Shows a folded message as a whole. @returns whether there is such a handle */
  open(handle: string): boolean {
    const line = this.handles.find(handle);
    if (line !== undefined) this.show([{ ...line, isRequested: true }]);
    return line !== undefined;
  }

  /** A room that begins with these lines has them as news. */
  #setRooms({ logs, epoch }: Conversation, lines: readonly Line[]): void {
    if (logs === this.#logs) return;
    this.#logs = logs;
    // In another epoch a message has another number.
    if (epoch !== this.#epoch) this.handles.clear();
    this.#epoch = epoch;
    const first = new Map<string, number>();
    for (const line of lines) {
      if (line.kind !== "event" || line.isRequested || this.places.find(line.event.room)) continue;
      const { room, seq } = line.event;
      first.set(room, Math.min(seq, first.get(room) ?? seq));
    }
    this.places.setRooms([...logs].map(([room, { phase, cursor }]) => ({
      room,
      last: phase.at === "opening"
        ? phase.boundary
        : Math.min(cursor, (first.get(room) ?? Infinity) - 1),
    })));
  }

  /** With a mark when the event concerns the person. */
  #marked(line: EventLine, { you }: Conversation): EventLine {
    if (you === undefined || line.event.user === you.user) return line;
    const before = this.#subjectOf(line);
    return concerns(line, { you, before }) ? { ...line, isCall: true } : line;
  }

  /** The message that the event replies to or changes, as far as it is kept. */
  #subjectOf({ event }: EventLine): EventLine | undefined {
    const seq = event.type === "message" ? event.to : isChange(event) ? event.of : undefined;
    return seq === undefined ? undefined : this.places.findMessage(event.room, seq);
  }

  /** @returns what of it is shown now */
  #take(line: EventLine, conversation: Conversation): readonly Line[] {
    const { preferences, called, attention } = this.#options;
    const { current, you } = conversation;
    const { room, seq, user } = line.event;
    const isOwn = user === you?.user;
    const level = preferences.callsOf(room);
    const place = this.places.find(room);
    const isNew = seq > Math.max(place?.start ?? 0, place?.lines.at(-1)?.event.seq ?? 0);
    this.places.add(level === "none" ? withoutCall(line) : line, { isOwn });
    this.handles.note(line.event);
    if (isNew && !isOwn && rings(line, level)) called(line);
    if (room === current && room !== this.#entered) {
      this.#held.push(line);
      return [];
    }
    const isInquiry = inquiryOf(room) !== undefined;
    const isRead = room === current && attention.reads(preferences.readMode);
    // Who writes has read what stands before.
    const hasWritten = isOwn && !isChange(line.event);
    if (isRead || isInquiry || hasWritten) this.places.setSeen(room, seq);
    const isShown = this.scope === "all" || room === current || isInquiry;
    return isShown || (isNew && line.isCall && level !== "none") ? [line] : [];
  }
}

function withoutCall({ isCall: _isCall, ...line }: EventLine): EventLine {
  return line;
}
