// Lays a line out as rows of spans, each a piece of text with a style. One place, `formatLine`, makes
// texts safe, breaks them into rows and paints them. No text of a person can look like a line of the
// program, at any width: those begin with `── ` or `! `, the rows of a person with a time or a mark
// that the program sets.

import type { WrittenRow } from "./screen/cell_width.ts";
import { CellRow, type Paint, type Row, type Span } from "./cells.ts";
import { repliedTo, textOf } from "./events/event_text.ts";
import { type EventLine, formatRoom, type Line } from "./view_lines.ts";
import { safeText } from "./safe_text.ts";

export type { Paint, Row, Span, Style } from "./cells.ts";

export interface LayoutOptions {
  /** Formats a time. */
  readonly time: (utcMs: number) => string;
  /** The current room: its lines do not name it. */
  readonly current?: string;
  /** The width of the terminal, at which rows are broken. Without it a row is as long as its text. */
  readonly columns?: number;
  readonly paint?: Paint;
}

/** A row that is ready to be written, and how many columns it takes at most. */
export interface FormattedRow extends WrittenRow {
  readonly text: string;
}

/** A mark that would take a larger part of the columns is shortened to one column. */
const MARK_SHARE = 1 / 3;
const TOO_WIDE = "\ufffd";
/** Before a line that concerns the person: colour is not the only sign. */
const CALL_MARK = "» ";
/** A text that begins so is what a person does: `* ada waves`. */
const ACTION = "/me ";
const NO_PAINT: Paint = (safe) => safe;

/** A row as text without control sequences but those of `paint`. */
export function formatRow(row: Row, paint: Paint = NO_PAINT): string {
  return row.map(({ text, style }) => paint(safeText(text), style)).join("");
}

/** A line as the rows it takes: each but the first begins with blanks or with the bar of a text. */
export function formatLine(line: Line, options: LayoutOptions): readonly FormattedRow[] {
  const { columns, paint = NO_PAINT } = options;
  const { rows, mark } = layOut(line, options);
  if (columns !== undefined) return rows.flatMap((row) => breakRow(row, { columns, mark, paint }));
  return rows.map((row) => ({ text: formatRow(row, paint), width: 0 }));
}

/** A text of another person by itself: a bar stands before each row. */
export function formatQuote(content: string, columns: number): readonly FormattedRow[] {
  const mark: Span = { text: fitting("│ ", { narrow: "│", columns }), style: "plain" };
  return content.split("\n").flatMap((text) =>
    breakRow([mark, { text, style: "plain" }], { columns, mark, paint: NO_PAINT })
  );
}

interface Layout {
  readonly rows: readonly Row[];
  /** The beginning of the rows that continue a row. */
  readonly mark: Span;
}

function layOut(line: Line, options: LayoutOptions): Layout {
  switch (line.kind) {
    case "event":
      return layOutEvent(line, options);
    case "notice":
      return layOutOwn({ text: `── ${oneLine(line.text)}`, style: "dim" }, options);
    case "failure":
      return layOutOwn({ text: `! ${oneLine(line.text)}`, style: "alarm" }, options);
  }
}

function layOutOwn(span: Span, { columns }: LayoutOptions): Layout {
  return {
    rows: [[span]],
    mark: { text: fitting("   ", { narrow: " ", columns }), style: "plain" },
  };
}

function layOutEvent(
  line: EventLine,
  { time, current, columns }: LayoutOptions,
): Layout {
  const { event, isCall, more, handle } = line;
  const { separator, text, note } = textOf(line);
  const [first = "", ...rest] = text.split("\n");
  const isAction = event.type === "message" && first.startsWith(ACTION);
  const room = event.room === current ? "" : `${formatRoom(event.room)} `;
  const clock = time(event.time);
  const head: Row = [
    { text: `${clock} `, style: "dim" },
    { text: handle === undefined ? "" : `${handle} `, style: "bold" },
    { text: isCall ? CALL_MARK : "", style: "alarm" },
    { text: oneLine(room), style: "bold" },
    { text: isAction ? "* " : "", style: "plain" },
    { text: oneLine(event.from), style: { colourOf: event.user } },
    { text: isAction ? " " : separator, style: "plain" },
    { text: isAction ? first.slice(ACTION.length) : first, style: isCall ? "bold" : "plain" },
  ];
  const bar = `${" ".repeat(clock.length)} │ `;
  const mark: Span = { text: fitting(bar, { narrow: "│", columns }), style: "dim" };
  const rows = [head, ...rest.map((text): Row => [mark, { text, style: "plain" }])];
  const reply = repliedTo(line);
  if (reply !== undefined) rows.push([mark, { text: oneLine(reply), style: "dim" }]);
  if (event.cut) rows.push([mark, { text: "… longer than can be shown", style: "dim" }]);
  if (more !== undefined) rows.push([mark, { text: more, style: "dim" }]);
  if (note !== undefined) rows.push([mark, { text: note, style: "dim" }]);
  return { rows, mark };
}

function fitting(
  mark: string,
  { narrow, columns }: { readonly narrow: string; readonly columns: number | undefined },
): string {
  return columns !== undefined && mark.length > columns * MARK_SHARE ? narrow : mark;
}

/** A row as rows that fit: broken at a blank where there is one, else anywhere. */
export function breakRow(
  row: Row,
  { columns, mark, paint }: { columns: number; mark: Span; paint: Paint },
): readonly FormattedRow[] {
  const cells = new CellRow(row);
  const markText = paint(mark.text, mark.style);
  const broken: FormattedRow[] = [];
  for (let from = 0; from < cells.length || broken.length === 0;) {
    const isFirst = broken.length === 0;
    const markWidth = isFirst ? 0 : mark.text.length;
    const room = columns - markWidth;
    // Where no text fits behind the mark, there is nothing more to show.
    if (room < 1 && !isFirst) break;
    const end = cells.endOfRow(from, room);
    const isTooWide = end === from && from < cells.length;
    const text = isTooWide ? TOO_WIDE : cells.format({ from, end, paint });
    const width = isTooWide ? 1 : cells.widthOf(from, end);
    const widths = isTooWide ? undefined : cells.widthsOf(from, end);
    broken.push({
      text: isFirst ? text : markText + text,
      width: markWidth + width,
      widths: widths && [...Array<number>(markWidth).fill(1), ...widths],
    });
    from = Math.max(end, from + 1);
  }
  return broken;
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
