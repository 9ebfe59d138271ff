// What happens to inquiries, as sentences: for the operators, and for the asker. Pure.

import type { RoomEvent } from "../../wire/event.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { inquiryRoom } from "../../wire/room_ref.ts";
import { formatClock, formatDay } from "../../terminal/layout.ts";

/** What another operator does; undefined where nothing is shown. */
export function describeDeskChange(event: RoomEvent): string | undefined {
  const { inquiry = 0, from, change, assignee, choice, state, until = 0 } = event;
  const room = inquiryRoom(inquiry);
  switch (change) {
    case "claimed":
      return `${from} works on ${room}`;
    case "released":
      return `${from} gave ${room} back`;
    case "assigned":
      return `${from} gave ${room} to ${assignee}`;
    case "snoozed":
      return `${from} put ${room} off until ${formatDay(until)} ${formatClock(until)}`;
    case "resolved":
      return `${from} resolved ${room}`;
    case "reopened":
      return `${room} is back in the queue`;
    case "decided":
      return state === "pending"
        ? `${from} chose "${choice}" for ${room}: another operator must choose it, too`
        : `${from} decided ${room}: ${choice}`;
    case "withdrawn":
      return `${from} withdrew the question of ${room}`;
    case "expired":
      return `The time for ${room} is over: it is closed without a decision`;
    default:
      return undefined;
  }
}

/** What the asker is shown of the work on an inquiry. */
export function describeProgress(
  { room, change, from, assignee }: ServerFrame<"progress">,
): string | undefined {
  switch (change) {
    case "seen":
      return `${room} was seen by ${from}`;
    case "claimed":
    case "assigned":
      return `${assignee} works on ${room}`;
    case "released":
      return `${room} waits for another operator`;
    case "resolved":
      return `${from} resolved ${room}: a further message opens it again`;
    case "reopened":
      return `${from} opened ${room} again`;
    default:
      return undefined;
  }
}

/** What the operator has done. */
export function describeOwnWork(
  request: ClientFrame<"claim" | "release" | "assign" | "snooze" | "resolve" | "reopen">,
  { time = 0, dup }: ServerFrame<"ok">,
): string {
  const room = inquiryRoom(request.inquiry);
  switch (request.type) {
    case "claim":
      return `You work on ${room}${dup === true ? " already" : ""}`;
    case "release":
      return dup === true ? `Nobody works on ${room}` : `You gave ${room} back`;
    case "assign":
      return `You gave ${room} to ${request.user}`;
    case "snooze": {
      const until = time + request.for_ms;
      const when = `${formatDay(until)} ${formatClock(until)}`;
      return `${room} is out of the queue until ${when}, or until the asker writes`;
    }
    case "resolve":
      return dup === true ? `${room} is resolved already` : `You resolved ${room}`;
    case "reopen":
      return dup === true ? `${room} is open already` : `${room} is back in the queue`;
  }
}
