// A table of columns for a person to read. Pure.

import { safeText } from "./safe_text.ts";
import { likelyWidth } from "./screen/cell_width.ts";

const GAP = "  ";
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The rows below their headings, a line each; what is missing in a row is empty. */
export function formatTable<K extends string>(
  headings: readonly K[],
  rows: readonly Readonly<Record<K, string | undefined>>[],
): string {
  const lines = [
    headings.map((heading) => heading.toUpperCase()),
    ...rows.map((row) => headings.map((heading) => safeText(row[heading] ?? ""))),
  ];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => widthOf(line[column] ?? "")))
  );
  return lines.map((line) => {
    const cells = line.map((cell, column) =>
      cell + " ".repeat((widths[column] ?? 0) - widthOf(cell))
    );
    return `${cells.join(GAP).trimEnd()}\n`;
  }).join("");
}

function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += likelyWidth(segment);
  return width;
}
