// What ends the following of a room, for commands that do nothing else. Pure.

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { formatRoom } from "../../terminal/line.ts";
import { Failure, reasonOf } from "../exit.ts";

/** Why a room may not be heard, or not any more; undefined while there is nothing against it. */
export function refusalOf(
  frame: ServerFrame,
  request: ClientFrame | undefined,
): Failure | undefined {
  if (request?.type !== "resume") return undefined;
  if (frame.type === "error" && frame.retry !== true) {
    return new Failure(reasonOf(frame.code), `${frame.message} (${frame.code})`);
  }
  const [room] = frame.type === "resumed" ? frame.rooms : [];
  if (room === undefined || !("error" in room)) return undefined;
  return new Failure(reasonOf(room.error), `Cannot hear ${formatRoom(room.room)} (${room.error})`);
}
