// What a change of an inquiry says to an operator, behind the name of the user who made it. Pure.

import type { RoomEvent } from "../../wire/event.ts";

/** The text of an event of the room `desk`, and what stands between the author's name and it. */
export function textOfChange(
  event: RoomEvent,
): { readonly separator: string; readonly text: string } {
  const { change, inquiry = 0, choice = "", assignee = "" } = event;
  const number = `?${inquiry}`;
  switch (change) {
    case "opened":
      return sentence(`asked ${number}`, event);
    case "asked":
      return sentence(`wrote in ${number}`, event);
    case "reopened":
      return sentence(`reopened ${number}`, event);
    case "answered":
      return sentence(`answered ${number}`, event);
    case "seen":
      return sentence(`has seen ${number}`);
    case "claimed":
      return sentence(`works on ${number}`);
    case "released":
      return sentence(`released ${number}`);
    case "assigned":
      return sentence(`gave ${number} to ${assignee}`);
    case "decided":
      return event.state === "pending"
        ? sentence(`chose "${choice}" for ${number}`)
        : sentence(`decided ${number}: ${choice}`);
    case "unseen":
      return { separator: ": ", text: `nobody has seen ${number} yet` };
    case "unanswered":
      return { separator: ": ", text: `nobody has answered ${number} yet` };
    case "expired":
      return { separator: ": ", text: `${number} has expired, nobody decided it` };
    default:
      return sentence(`${change === "withdrawn" ? "withdrew" : change ?? "changed"} ${number}`);
  }
}

function sentence(
  verb: string,
  { content = "", deleted }: Partial<RoomEvent> = {},
): { readonly separator: string; readonly text: string } {
  const text = deleted === undefined ? content : "(deleted)";
  return { separator: " ", text: text === "" ? verb : `${verb}: ${text}` };
}
