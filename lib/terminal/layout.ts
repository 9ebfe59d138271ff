// How a line reads: rows of spans, each a piece of text with a style. Texts stay as they came; they
// are made safe and painted in one place, by `formatRow`. Nothing a person writes can look like
// the program's own lines: those begin with `── ` or `! `, a person's rows with a time or a bar.

import type { RoomEvent } from "../wire/frame.ts";
import { formatRoom, type Line } from "./line.ts";
import { safeText } from "./safe_text.ts";

export type Style = "plain" | "dim" | "bold" | "alarm" | { readonly colourOf: number };

export interface Span {
  readonly text: string;
  readonly style: Style;
}
export type Row = readonly Span[];

/** Gives a safe text its style; the only one who may add escape sequences. */
export type Paint = (safe: string, style: Style) => string;

export interface LayoutOptions {
  /** How a time is written. */
  readonly time: (utcMs: number) => string;
  /** The room that need not be named. */
  readonly current?: string;
}

/** A row as text that can do nothing to a terminal but what `paint` adds. */
export function formatRow(row: Row, paint: Paint = (safe) => safe): string {
  return row.map(({ text, style }) => paint(safeText(text), style)).join("");
}

/** A line as the rows it takes. */
export function layOut(line: Line, options: LayoutOptions): readonly Row[] {
  switch (line.kind) {
    case "event":
      return layOutEvent(line.event, options);
    case "notice":
      return [[{ text: `── ${oneLine(line.text)}`, style: "dim" }]];
    case "failure":
      return [[{ text: `! ${oneLine(line.text)}`, style: "alarm" }]];
  }
}

function layOutEvent(event: RoomEvent, { time, current }: LayoutOptions): readonly Row[] {
  const [first = "", ...rest] = event.content.split("\n");
  const room = event.room === current ? "" : `${formatRoom(event.room)} `;
  const clock = time(event.time);
  const head: Row = [
    { text: `${clock} `, style: "dim" },
    { text: oneLine(room), style: "bold" },
    { text: oneLine(event.from), style: { colourOf: event.user } },
    { text: ": ", style: "plain" },
    { text: first, style: "plain" },
  ];
  const bar: Span = { text: `${" ".repeat(clock.length)} │ `, style: "dim" };
  const rows = [head, ...rest.map((text): Row => [bar, { text, style: "plain" }])];
  return event.cut ? [...rows, [bar, { text: "… longer than can be shown", style: "dim" }]] : rows;
}

/** Tabs have no place in names and in what the program says. */
function oneLine(text: string): string {
  return text.replaceAll("\t", " ");
}

const two = (number: number) => String(number).padStart(2, "0");

/** `14:05`, in local time. */
export function formatClock(utcMs: number): string {
  const date = new Date(utcMs);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `2026-11-22`, in local time. */
export function formatDay(utcMs: number): string {
  const date = new Date(utcMs);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
