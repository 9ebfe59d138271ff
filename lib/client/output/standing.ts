// Where one stands at the desk, in words. Pure.

import type { ServerFrames } from "../../wire/frame.ts";

const MINUTE_MS = 60_000;

/** `Asked as ?42 · 3rd in the queue · answers have taken about 6 min lately`. */
export function describeStanding(
  { room = "?", position, expected_ms: expectedMs }: ServerFrames["ok"],
): string {
  const parts = [`Asked as ${room}`];
  if (position !== undefined) {
    parts.push(position === 1 ? "next in the queue" : `${ordinal(position)} in the queue`);
  }
  if (expectedMs !== undefined) {
    const minutes = Math.round(expectedMs / MINUTE_MS);
    const time = minutes < 1 ? "less than a minute" : `about ${minutes} min`;
    parts.push(`answers have taken ${time} lately`);
  }
  return parts.join(" · ");
}

function ordinal(number: number): string {
  const tens = number % 100;
  const endings: Readonly<Record<number, string>> = { 1: "st", 2: "nd", 3: "rd" };
  const ending = tens >= 11 && tens <= 13 ? undefined : endings[number % 10];
  return `${number}${ending ?? "th"}`;
}
