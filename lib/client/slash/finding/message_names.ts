// How a person names a message: `k7`, `59` of the room they are in, `ops:59`.

import type { RoomEvent } from "../../../wire/event.ts";
import { COMMANDS, currentOf } from "../commands.ts";
import type { OwnTarget } from "../own_commands.ts";
import { SlashError } from "../slash_table.ts";

/**
 * Where the message of this name is; without a name the last one of the room that the person is in.
 * @throws {SlashError} when it names none, as far as is known here
 */
export function locate(
  name: string | undefined,
  target: OwnTarget,
): { readonly room: string; readonly seq: number } {
  if (name === undefined) {
    const room = currentOf(target);
    const lines = target.places.places.find(room)?.lines ?? [];
    const last = lines.findLast(({ event }) => isText(event))?.event;
    if (last === undefined) throw new SlashError("No messages yet");
    return last;
  }
  if (/^k\d+$/i.test(name)) {
    const line = target.places.handles.find(name);
    if (line !== undefined) return line.event;
    throw new SlashError(`No message is called ${name}: /ids names them`);
  }
  const [, where, seq] = /^(?:(\S+):)?(\d{1,15})$/.exec(name) ?? [];
  if (seq === undefined || Number(seq) === 0) {
    throw new SlashError(`"${name}" names no message: write k7, 59 or ops:59`);
  }
  const room = where === undefined ? currentOf(target) : COMMANDS.join.parse(where);
  return { room: room ?? "", seq: Number(seq) };
}

function isText({ type, deleted }: RoomEvent): boolean {
  return (type === "message" || type === "response") && deleted === undefined;
}
