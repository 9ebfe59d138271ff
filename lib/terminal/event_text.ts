// What an event of a room says to a person, behind its author's name. Pure.

import type { RoomEvent } from "../wire/event.ts";

/** The text of an event, and what stands between the author's name and it. */
export interface EventText {
  readonly separator: string;
  readonly text: string;
  /** The choices of a question that is to be decided. */
  readonly note?: string;
}

/** Between the name and a text that was changed. */
const EDITED = " ~ ";

export function textOf(event: RoomEvent): EventText {
  const { type, content = "", choice = "", choices, needs = 1, of = 0 } = event;
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
    case "topic":
      return { separator: " ", text: describeTopic(event.topic ?? "") };
    case "edit":
      return { separator: EDITED, text: content };
    case "delete":
      return { separator: " ", text: `deleted message ${of}` };
    default: {
      if (event.deleted !== undefined) return { separator: " ", text: "(deleted)" };
      if (event.edited !== undefined) return { separator: EDITED, text: content };
      if (choices === undefined) return { separator: ": ", text: content };
      const several = needs > 1 ? `, needs ${needs}` : "";
      return { separator: ": ", text: content, note: `choices: ${choices.join(", ")}${several}` };
    }
  }
}

function describeTopic(topic: string): string {
  return topic === "" ? "cleared the topic" : `set the topic: ${topic.replaceAll("\t", " ")}`;
}
