// What an event of a room says to a person, behind its author's name. Pure.

import type { RoomEvent } from "../../wire/event.ts";
import { textOfChange } from "./desk_event_text.ts";
import type { About } from "../view_lines.ts";

/** The text of an event, and what stands between the author's name and it. */
export interface EventText {
  readonly separator: string;
  readonly text: string;
  /** The choices of a question that is to be decided. */
  readonly note?: string;
  /** Whether the text was changed since it was sent. */
  readonly isEdited?: true;
}

/** An event, and the message that it is about, where that is known. */
interface EventAbout {
  readonly event: RoomEvent;
  readonly about?: About;
}

/** Between the name and a text that was changed. */
const EDITED = " ~ ";

/** Whether there is nothing to show: an edit that is not the latest one of its message. */
export function isPast({ type, content }: RoomEvent): boolean {
  return type === "edit" && content === undefined;
}

export function textOf(shown: EventAbout): EventText {
  const { event } = shown;
  const { type, content = "", choice = "" } = event;
  switch (type) {
    case "decision": {
      const verb = event.state === "pending" ? "chose" : "decided";
      const reason = content === "" ? "" : `: ${content}`;
      return { separator: " ", text: `${verb} "${choice}"${reason}` };
    }
    case "closed":
      return event.state === "withdrawn"
        ? { separator: " ", text: "withdrew the question" }
        : { separator: "", text: ": the question has expired, nobody decided it" };
    case "draft":
      return { separator: " drafts: ", text: content };
    case "topic":
      return { separator: " ", text: describeTopic(event.topic ?? "") };
    case "edit":
      return { separator: EDITED, text: content, isEdited: true };
    case "delete":
      return { separator: " ", text: describeDelete(shown) };
    case "desk":
      return textOfChange(event);
    default:
      return textOfMessage(event);
  }
}

/** A message or an answer, as it is now. */
function textOfMessage(
  { content: text = "", edited, deleted, choices, needs = 1 }: RoomEvent,
): EventText {
  if (deleted !== undefined) return { separator: " ", text: "(deleted)" };
  if (edited !== undefined) return { separator: EDITED, text, isEdited: true };
  if (choices === undefined) return { separator: ": ", text };
  const several = needs > 1 ? `, needs ${needs}` : "";
  return { separator: ": ", text, note: `choices: ${choices.join(", ")}${several}` };
}

/** What a reply answers: `in reply to bob: db3 is down?`. Undefined for what is no reply. */
export function repliedTo({ event: { type, to }, about }: EventAbout): string | undefined {
  if (type !== "message" || to === undefined) return undefined;
  if (about === undefined) return `in reply to message ${to}`;
  return `in reply to ${about.from}${about.text === "" ? "" : `: ${about.text}`}`;
}

function describeDelete({ event: { user, of = 0 }, about }: EventAbout): string {
  if (about === undefined) return `deleted message ${of}`;
  return about.user === user ? "deleted a message" : `deleted a message of ${about.from}`;
}

function describeTopic(topic: string): string {
  return topic === "" ? "cleared the topic" : `set the topic: ${topic.replaceAll("\t", " ")}`;
}
