// The rows at the bottom that belong to the line being typed: what waits to be sent, the prompt, the
// draft, and where the cursor is. Pure. Terminals disagree about the width of some clusters: after
// each of those the next cell is put at its column, so that all that follows stands where it should.

import { isSureWidth, likelyWidth, type WrittenRow } from "./cell_width.ts";
import type { Paint, Row, Span, Style } from "../cells.ts";
import { type Draft, segment } from "../input/draft.ts";
import { safeText } from "../safe_text.ts";

/** The rows above which the line is typed, and what stands before it. */
export interface Prompt {
  /** Rows of their own above the line: what waits to be sent. */
  readonly rows: readonly Row[];
  readonly before: Row;
  /** A row between those and the line. */
  readonly status?: Row;
  /** The user's number: a plain view writes You before their messages. */
  readonly you?: number | undefined;
  /** The title of the window; it stays as it is when missing. */
  readonly title?: string;
  /** The current room: lines do not name it. */
  readonly current?: string;
}

export interface BlockRow extends WrittenRow {
  readonly text: string;
}

export interface Block {
  /** At least one. */
  readonly rows: readonly BlockRow[];
  /** From 0; the column is always inside of the window. */
  readonly cursor: { readonly row: number; readonly column: number };
}

interface BlockOptions {
  readonly prompt: Prompt;
  readonly draft: Draft;
  readonly columns: number;
  /** How many rows the window has. */
  readonly height: number;
  readonly paint: Paint;
}

/** The most rows that show the draft, and the most of the window; a longer one scrolls in them. */
const DRAFT_ROWS = 5;
const DRAFT_SHARE = 1 / 2;
/** The prompt takes at most this part of a row. */
const PROMPT_SHARE = 2 / 3;
const ELLIPSIS: Span = { text: "…", style: "dim" };

interface Cell {
  readonly text: string;
  readonly width: number;
  readonly style: Style;
}

/** The last column stays free: the cursor stands there after a full row. */
export function layOutBlock({ prompt, draft, columns, height, paint }: BlockOptions): Block {
  const usable = Math.max(1, columns - 1);
  const before = clip(toCells(prompt.before), Math.floor(usable * PROMPT_SHARE));
  const { rows, cursor } = wrapDraft({ before, draft, usable });
  const most = Math.max(1, Math.floor(height * DRAFT_SHARE));
  const draftRows = Math.min(DRAFT_ROWS, most, rows.length);
  const first = Math.min(Math.max(0, cursor.row - draftRows + 1), rows.length - draftRows);
  const free = Math.max(0, height - 1 - draftRows);
  const status = prompt.status === undefined ? [] : [prompt.status].slice(0, free);
  const waiting = [...prompt.rows.slice(0, free - status.length), ...status]
    .map((row) => clip(toCells(row), usable));
  return {
    rows: [...waiting, ...rows.slice(first, first + draftRows)].map((row) => format(row, paint)),
    cursor: {
      row: waiting.length + cursor.row - first,
      column: Math.min(cursor.column, Math.max(0, columns - 1)),
    },
  };
}

/** The draft behind its prompt, in rows of `usable` columns, broken anywhere. */
function wrapDraft(
  { before, draft, usable }: {
    readonly before: readonly Cell[];
    readonly draft: Draft;
    readonly usable: number;
  },
): { readonly rows: readonly (readonly Cell[])[]; readonly cursor: Block["cursor"] } {
  const rows: Cell[][] = [[...before]];
  let column = widthOf(before);
  let cursor = { row: 0, column };
  const put = (cell: Cell): void => {
    if (column + cell.width > usable && column > 0) {
      rows.push([]);
      column = 0;
    }
    rows.at(-1)?.push(cell);
    column += cell.width;
  };
  draft.units.forEach((unit, n) => {
    const cells = unitCells(unit);
    const from = { row: rows.length - 1, column };
    if (n === draft.cursor) cursor = from;
    if (unit === "\n") {
      rows.push([]);
      column = 0;
      return;
    }
    for (const [at, cell] of cells.entries()) {
      put(cell);
      if (n === draft.cursor && at === 0) {
        cursor = { row: rows.length - 1, column: column - cell.width };
      }
    }
  });
  if (draft.cursor === draft.units.length) cursor = { row: rows.length - 1, column };
  return { rows, cursor };
}

function unitCells(unit: Draft["units"][number]): readonly Cell[] {
  if (typeof unit === "string") {
    return [toCell(unit.replace(/(?<=[\p{L}\p{M}])\u200c$/u, ""), "plain")];
  }
  return toCells([{ text: unit.label, style: "plain" }]);
}

function toCells(row: Row): readonly Cell[] {
  return row.flatMap(({ text, style }) => segment(text).map((cluster) => toCell(cluster, style)));
}

function toCell(cluster: string, style: Style): Cell {
  const text = safeText(cluster).replaceAll("\t", " ");
  return { text, width: likelyWidth(text), style };
}

function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, { width }) => sum + width, 0);
}

/** As many cells as fit, with a sign where some are missing. */
function clip(cells: readonly Cell[], columns: number): readonly Cell[] {
  if (widthOf(cells) <= columns) return cells;
  const kept: Cell[] = [];
  let width = 0;
  for (const cell of cells) {
    width += cell.width;
    if (width > columns - 1) break;
    kept.push(cell);
  }
  return columns < 1 ? [] : [...kept, ...toCells([ELLIPSIS])];
}

function format(cells: readonly Cell[], paint: Paint): BlockRow {
  let text = "";
  let column = 0;
  let run = "";
  const last = cells.length - 1;
  cells.forEach(({ text: cell, width, style }, n) => {
    run += cell;
    column += width;
    const isSure = isSureWidth(cell);
    if (n < last && isSure && cells[n + 1]?.style === style) return;
    text += paint(run, style);
    run = "";
    if (!isSure && n < last) text += `\x1b[${column + 1}G`;
  });
  return { text, width: column, widths: cells.map(({ width }) => width) };
}
