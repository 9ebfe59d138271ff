// The lines that a view shows. Texts here are as the server sent them: only a view makes them safe.

import type { RoomEvent } from "../wire/event.ts";

/** The message that another event is about: a reply, an edit or a delete. */
export interface About {
  readonly from: string;
  readonly user: number;
  /** The beginning of its text. */
  readonly text: string;
}

/** A user has joined a room or left it. */
export interface PresenceChange {
  readonly room: string;
  readonly from: string;
  readonly change: "joined" | "left";
}

export type Line =
  /** A message or another event of a room. It is data: a pipe gets it on stdout. */
  | {
    readonly kind: "event";
    readonly event: RoomEvent;
    /** The person has asked for it: it is shown in whatever room they are. */
    readonly isRequested?: true;
    /** What follows its text, which is only the beginning. */
    readonly more?: string;
    /** By this the person can name the message: it stands before the text. */
    readonly handle?: string;
    /** What the event is about, where that is known. */
    readonly about?: About;
    /** It concerns the person: a mark stands before it. */
    readonly isCall?: true;
  }
  /** A notice of the program; one line, also when its text has newlines. */
  | {
    readonly kind: "notice";
    readonly text: string;
    /** A user has come or gone: such lines may be folded into one. */
    readonly presence?: PresenceChange;
  }
  /** A request failed. */
  | { readonly kind: "failure"; readonly text: string };

/** A line of an event. */
export type EventLine = Extract<Line, { kind: "event" }>;

/** Shows lines to a person or a pipe. */
export interface View {
  /** Shows the lines in this order, after all that came before. Must return at once. */
  show(lines: readonly Line[]): void;
}

export function notice(text: string): Extract<Line, { kind: "notice" }> {
  return { kind: "notice", text };
}

export function failure(text: string): Line {
  return { kind: "failure", text };
}

/** `1 message`, `2 messages`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A room as people read it: `#ops`, but `@bob` and `?42` as they are. */
export function formatRoom(room: string): string {
  return /^[@?]/.test(room) ? room : `#${room}`;
}

/** Why the connection was lost, and when the next try is. */
export function describeCut(reason: string, retryMs: number): string {
  const wait = retryMs < 1_000 ? "" : ` in ${countOf(Math.ceil(retryMs / 1_000), "second")}`;
  return `${reason}; trying again${wait}`;
}
