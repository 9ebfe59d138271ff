// Notices of many rooms or people, cut into portions that a bus carries. Sizes are reckoned, not
// measured, and never too small: how a notice is written is the codec's business.

import type { RoomId } from "../store/repository.ts";
import type { PresenceEntry } from "./bus.ts";

/** What a portion has at most, whatever the bus takes: who reads it has others to serve. */
const LARGEST_PORTION = 256 * 1024;
/** Left for what stands around a portion. */
const AROUND = 512;
/** A bus that says nothing carries at least this. */
const UNKNOWN_BYTES = 64 * 1024;
/** Of one person without name and rooms, as JSON: field names, numbers of 16 digits, a flag. */
const PERSON_BYTES = 120;
/** JSON spends at most six bytes on a UTF-16 unit. */
const NAME_UNIT_BYTES = 6;
/** A seq, with brackets and commas. */
const SEQ_BYTES = 20;

/** How many bytes a portion may have on a bus that carries so many; half of them, for all that is not reckoned. */
export function portionBytes(maxBytes: number | undefined): number {
  const half = Math.floor((maxBytes ?? UNKNOWN_BYTES) / 2);
  return Math.max(AROUND, Math.min(half, LARGEST_PORTION) - AROUND);
}

/** In portions of at most `bytes` each; a person in more rooms than fit goes on in the next one. */
export function* portionsOfPeople(
  people: Iterable<PresenceEntry>,
  bytes: number,
): Generator<readonly PresenceEntry[]> {
  let portion: PresenceEntry[] = [];
  let left = bytes;
  for (const whole of people) {
    for (const sighting of pieces(whole, bytes)) {
      const size = sizeOf(sighting);
      if (size > left && portion.length > 0) {
        yield portion;
        portion = [];
        left = bytes;
      }
      portion.push(sighting);
      left -= size;
    }
  }
  if (portion.length > 0) yield portion;
}

/** In portions of at most `bytes` each. */
export function* portionsOfRooms(
  grown: ReadonlyMap<RoomId, number>,
  bytes: number,
): Generator<readonly (readonly [room: RoomId, seq: number])[]> {
  const all = [...grown];
  const most = Math.max(1, Math.floor(bytes / (2 * SEQ_BYTES)));
  for (let at = 0; at < all.length; at += most) yield all.slice(at, at + most);
}

function* pieces(sighting: PresenceEntry, bytes: number): Generator<PresenceEntry> {
  if (sizeOf(sighting) <= bytes) return yield sighting;
  let rooms: RoomId[] = [];
  let size = sizeOf({ ...sighting, rooms });
  let goesOn: true | undefined;
  for (const room of sighting.rooms) {
    if (size + sizeOfRoom(room) > bytes && rooms.length > 0) {
      yield { ...sighting, rooms, goesOn };
      goesOn = true;
      rooms = [];
      size = sizeOf({ ...sighting, rooms });
    }
    rooms.push(room);
    size += sizeOfRoom(room);
  }
  yield { ...sighting, rooms, goesOn };
}

function sizeOf({ name, rooms }: PresenceEntry): number {
  let size = PERSON_BYTES + name.length * NAME_UNIT_BYTES;
  for (const room of rooms) size += sizeOfRoom(room);
  return size;
}

/** Its digits and a comma. */
function sizeOfRoom(room: RoomId): number {
  return String(room).length + 1;
}
