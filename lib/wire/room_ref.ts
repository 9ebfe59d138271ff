// How a frame refers to a room: `ops`, `@bob` for the messages between two users, `?42` for inquiry 42 and
// `?42!` for its notes (protocol §5). Syntax only: the hub knows whether the room exists.

import { isAccountName } from "./text.ts";

/** The room that always exists. */
export const LOBBY = "lobby";

/** The room in which operators read what happens to inquiries. */
export const DESK = "desk";

const ROOM_NAME = /^[A-Za-z](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$/;
const INQUIRY = /^\?([1-9][0-9]{0,14})(!?)$/;

const AT = 0x40;
const QUESTION_MARK = 0x3f;

/** Whether a room could have this name: 1 to 64 letters, digits, `_` and `-`, a letter first. */
export function isRoomName(name: string): boolean {
  return ROOM_NAME.test(name);
}

/** Whether a frame may refer to a room by this text. */
export function isRoomRef(ref: string): boolean {
  switch (ref.charCodeAt(0)) {
    case AT:
      return isAccountName(ref.slice(1));
    case QUESTION_MARK:
      return INQUIRY.test(ref);
    default:
      return ROOM_NAME.test(ref);
  }
}

/** The room of an inquiry. */
export function inquiryRoom(inquiry: number): string {
  return `?${inquiry}`;
}

/** The room of the notes about an inquiry. */
export function notesRoom(inquiry: number): string {
  return `?${inquiry}!`;
}

/** The number of the inquiry whose notes a room has; undefined for another room. */
export function notesOf(room: string): number | undefined {
  const [, digits, notes] = INQUIRY.exec(room) ?? [];
  return digits === undefined || notes === "" ? undefined : Number(digits);
}

/** The number of the inquiry whose room this is; undefined for another room, and for the notes. */
export function inquiryOf(room: string): number | undefined {
  const [, digits, notes] = INQUIRY.exec(room) ?? [];
  return digits === undefined || notes !== "" ? undefined : Number(digits);
}

/** An inquiry as people write it, `42`, `?42` or `#42`; undefined when it can be none. */
export function parseInquiry(text: string): number | undefined {
  return inquiryOf(`?${text.replace(/^[?#]/, "")}`);
}
