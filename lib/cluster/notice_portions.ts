// Splits notices with many rooms or users into portions that the bus can carry. Sizes are estimated and
// never too small; the codec encodes.

import { chunk } from "@std/collections/chunk";
import type { RoomId } from "../store/records.ts";
import type { PresenceEntry } from "./bus.ts";

/** The most bytes of a portion, whatever the bus carries: the servers that parse it have other work. */
const LARGEST_PORTION = 256 * 1024;
/** Bytes around a portion. */
const AROUND = 512;
/** What a bus carries at least that has announced nothing. */
const UNKNOWN_BYTES = 64 * 1024;
/** A user without name and rooms, as JSON: field names, numbers of 16 digits, a flag. */
const USER_BYTES = 120;
/** The most bytes of JSON for one UTF-16 unit. */
const NAME_UNIT_BYTES = 6;
/** A seq, with brackets and commas. */
const SEQ_BYTES = 20;

/** The most bytes of a portion on a bus that carries `maxBytes`; half is left for the estimate's error. */
export function portionBytes(maxBytes: number | undefined): number {
  const half = Math.floor((maxBytes ?? UNKNOWN_BYTES) / 2);
  return Math.max(AROUND, Math.min(half, LARGEST_PORTION) - AROUND);
}

/** Portions of at most `bytes` each; a user in more rooms than fit continues in the next one. */
export function* portionsOfPeople(
  people: Iterable<PresenceEntry>,
  bytes: number,
): Generator<readonly PresenceEntry[]> {
  let portion: PresenceEntry[] = [];
  let left = bytes;
  for (const whole of people) {
    for (const entry of split(whole, bytes)) {
      const size = sizeOf(entry);
      if (size > left && portion.length > 0) {
        yield portion;
        portion = [];
        left = bytes;
      }
      portion.push(entry);
      left -= size;
    }
  }
  if (portion.length > 0) yield portion;
}

/** Portions of at most `bytes` each. */
export function portionsOfRooms(
  grown: ReadonlyMap<RoomId, number>,
  bytes: number,
): readonly (readonly (readonly [room: RoomId, seq: number])[])[] {
  return chunk([...grown], Math.max(1, Math.floor(bytes / (2 * SEQ_BYTES))));
}

function* split(entry: PresenceEntry, bytes: number): Generator<PresenceEntry> {
  if (sizeOf(entry) <= bytes) return yield entry;
  let rooms: RoomId[] = [];
  let size = sizeOf({ ...entry, rooms });
  let goesOn: true | undefined;
  for (const room of entry.rooms) {
    if (size + sizeOfRoom(room) > bytes && rooms.length > 0) {
      yield { ...entry, rooms, goesOn };
      goesOn = true;
      rooms = [];
      size = sizeOf({ ...entry, rooms });
    }
    rooms.push(room);
    size += sizeOfRoom(room);
  }
  yield { ...entry, rooms, goesOn };
}

function sizeOf({ name, rooms }: PresenceEntry): number {
  let size = USER_BYTES + name.length * NAME_UNIT_BYTES;
  for (const room of rooms) size += sizeOfRoom(room);
  return size;
}

/** Its digits and a comma. */
function sizeOfRoom(room: RoomId): number {
  return String(room).length + 1;
}
