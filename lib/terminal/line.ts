// What there is to show, before any view has decided how. Texts here are as the server sent them:
// only a view makes them safe.

import type { RoomEvent } from "../wire/frame.ts";

export type Line =
  /** A message in a room; data, so a pipe gets it on stdout. */
  | { readonly kind: "event"; readonly event: RoomEvent }
  /** Something the program says; one line, however many the text pretends to have. */
  | { readonly kind: "notice"; readonly text: string }
  /** What was asked for did not happen. */
  | { readonly kind: "failure"; readonly text: string };

/** Shows what there is to show. */
export interface View {
  /** Shows the lines in this order, after all that came before. Must return at once. */
  show(lines: readonly Line[]): void;
}

export function notice(text: string): Line {
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
