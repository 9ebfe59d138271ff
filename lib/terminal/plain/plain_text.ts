// Lines for a screen reader: words, digits and ASCII punctuation, no signs that it spells out. Pure. Texts
// of other people stay as they are.

import { breakRow } from "../layout.ts";
import { repliedTo, textOf } from "../events/event_text.ts";
import { formatRoom, type Line } from "../view_lines.ts";

interface PlainOptions {
  /** The person: their own messages begin with You. */
  readonly user: number | undefined;
  /** The current room: its messages do not name it. */
  readonly current: string | undefined;
  /** The width of the terminal, at which rows are broken. */
  readonly columns: number;
}

/** What stands before the rows that continue a line. */
const CONTINUED = "  ";
const ACTION = "/me ";
const NO_PAINT = (safe: string) => safe;
const IS_PLAIN = /^[\p{L}\p{M}\p{N}\t\n\x20-\x7e]*$/u;
const SIGNS: Readonly<Record<string, string>> = {
  "·": ",",
  "…": "...",
  "–": "-",
  "—": "-",
  "×": "x",
  "→": "to",
  "»": "",
  "│": "",
  "─": "",
};

/** A text of the program in words, digits and ASCII punctuation. */
export function toPlainText(text: string): string {
  if (IS_PLAIN.test(text)) return text;
  const replaced = Array.from(text, (sign) => IS_PLAIN.test(sign) ? sign : SIGNS[sign] ?? "?");
  return replaced.join("").replaceAll(" ,", ",").replace(/ {2,}/g, " ").trim();
}

/** A line as the rows that a terminal of this width shows. */
export function formatPlain(line: Line, options: PlainOptions): readonly string[] {
  const { columns } = options;
  const [first = "", ...rest] = textOfLine(line, options).split("\n");
  const texts = [first, ...rest.map((text) => `${CONTINUED}${text}`)];
  const mark = { text: CONTINUED, style: "plain" } as const;
  return texts.flatMap((text) =>
    breakRow([{ text, style: "plain" }], { columns, mark, paint: NO_PAINT }).map((row) => row.text)
  );
}

function textOfLine(line: Line, { user, current }: PlainOptions): string {
  if (line.kind === "notice") return `- ${toPlainText(line.text)}`;
  if (line.kind === "failure") return `- Error: ${toPlainText(line.text)}`;
  const { event, isCall, more, handle } = line;
  const { separator, text, note, isEdited } = textOf(line);
  const room = event.room === current ? "" : `${formatRoom(event.room)} `;
  const name = event.user === user ? "You" : event.from;
  const isAction = event.type === "message" && text.startsWith(ACTION);
  const what = isAction
    ? ` ${text.slice(ACTION.length)}`
    : `${isEdited ? " edited: " : separator}${text}`;
  const beginning = `${handle === undefined ? "" : `${handle} `}${isCall ? "For you, " : ""}`;
  const parts = [`${beginning}${room}${name}${what}`];
  const reply = repliedTo(line);
  if (reply !== undefined) parts.push(reply);
  for (const own of [more, note]) if (own !== undefined) parts.push(toPlainText(own));
  return parts.join("\n");
}
