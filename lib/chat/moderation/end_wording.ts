// How messages for people say when a mute or a ban ends.

/** ` until 2026-11-28 12:00:00 UTC`; empty without an end. */
export function describeEnd(ends: number | undefined): string {
  if (ends === undefined) return "";
  return ` until ${new Date(ends).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
