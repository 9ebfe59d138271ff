// Arguments that several commands take: rooms, numbers, days.

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { isRoomRef } from "../../wire/room_ref.ts";

/** With or without the `#` that people write before a room. @throws {InvalidArgumentError} */
export function parseRoom(text: string): string {
  const room = text.replace(/^#/, "");
  if (isRoomRef(room)) return room;
  throw new InvalidArgumentError(
    "A room's name is letters, digits, - and _, a letter first; an inquiry's is like '?42'.",
  );
}

/** @throws {InvalidArgumentError} */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError("It must be a whole number.");
}

/** @throws {InvalidArgumentError} */
export function parseLimit(text: string): number {
  const limit = parseCount(text);
  if (limit > 0) return limit;
  throw new InvalidArgumentError("It must be a whole number from 1 on.");
}

/**
 * The UTC milliseconds at which a day, or a minute of it, begins here: 2026-11-01, or 2026-11-01T14:00; with
 * a zone, as in 2026-11-01T14:00Z, that one's. @throws {InvalidArgumentError}
 */
export function parseDate(text: string): number {
  const [, day, time, zone = ""] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  // Without a time of day JavaScript would take the day of Greenwich.
  const utcMs = day === undefined ? NaN : Date.parse(`${day}T${time ?? "00:00"}${zone}`);
  if (!Number.isNaN(utcMs) && isDay(day)) return Math.max(0, utcMs);
  throw new InvalidArgumentError("It must be a day like 2026-11-01, or 2026-11-01T14:00.");
}

/** Whether the month has the day: JavaScript takes February 30 for March 2. */
function isDay(day: string | undefined): boolean {
  const utc = new Date(`${day}T00:00Z`);
  return !Number.isNaN(utc.getTime()) && utc.toISOString().slice(0, 10) === day;
}
