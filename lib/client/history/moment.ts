// A moment in the past as a person writes it: `14:00`, `yesterday 14:00`, `monday`, `2026-11-01 14:00`, `2h`. In
// the local time zone. Pure.

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A longer time ago is a mistake in typing. */
const MOST_AGO_MS = 10_000 * 86_400_000;

/** The UTC milliseconds of a moment; undefined when the text is none. A time alone is the latest such time. */
export function parseMoment(text: string, nowMs: number): number | undefined {
  const words = text.trim().toLowerCase();
  const [, count, unit = ""] = /^(\d{1,6})\s*([mhd])$/.exec(words) ?? [];
  if (count !== undefined) {
    const agoMs = Number(count) * (UNITS_MS[unit] ?? 0);
    return agoMs > MOST_AGO_MS ? undefined : Math.max(0, nowMs - agoMs);
  }
  const [, day = "", time] = /^([a-z]+|\d{4}-\d\d-\d\d)?\s*(\d{1,2}:\d\d)?$/.exec(words) ?? [];
  if (day === "" && time === undefined) return undefined;
  const minutes = minutesOf(time);
  if (minutes === undefined) return undefined;
  const date = dayOf(day, { now: new Date(nowMs), isPast: isBefore(minutes, new Date(nowMs)) });
  if (date === undefined) return undefined;
  date.setHours(0, minutes, 0, 0);
  return Math.max(0, date.getTime());
}

/** The minutes of a day; undefined when it has no such time. */
function minutesOf(time = "0:00"): number | undefined {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : undefined;
}

function isBefore(minutes: number, now: Date): boolean {
  return minutes <= now.getHours() * 60 + now.getMinutes();
}

/** @param options.isPast whether the time of day has passed today */
function dayOf(
  day: string,
  { now, isPast }: { readonly now: Date; readonly isPast: boolean },
): Date | undefined {
  const daysAgo = (days: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  if (day === "") return daysAgo(isPast ? 0 : 1);
  if (day === "today") return daysAgo(0);
  if (day === "yesterday") return daysAgo(1);
  const weekday = day.length >= 3 ? DAYS.findIndex((name) => name.startsWith(day)) : -1;
  if (weekday >= 0) {
    const days = (now.getDay() - weekday + 7) % 7;
    return daysAgo(days === 0 && !isPast ? 7 : days);
  }
  const [year, month, date] = day.split("-").map(Number);
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const found = new Date(year, month - 1, date);
  const isReal = found.getMonth() === month - 1 && found.getDate() === date;
  return isReal ? found : undefined;
}
