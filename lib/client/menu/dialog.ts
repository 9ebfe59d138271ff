// Questions and answers in a terminal, a line each, for a person without a live line. Knows nothing of what
// is asked.

import { abortable } from "@std/async/abortable";
import type { LineTerminal } from "../ask_name.ts";
import { toPlainText } from "../../terminal/plain/plain_text.ts";
import { safeText } from "../../terminal/safe_text.ts";
import type { Line } from "../../terminal/view_lines.ts";
import { type Output, writeLine } from "../output/plain_and_json_views.ts";

/** The person has ended the input: Ctrl-D. */
export class DialogOver extends Error {
  override readonly name = "DialogOver";
}

interface DialogOptions {
  readonly terminal: LineTerminal;
  /** Where lines go: the same place as the terminal's questions, so that the order is kept. */
  readonly output: Output;
  /** Aborts when the person wants to stop. */
  readonly signal: AbortSignal;
}

export class Dialog {
  readonly #options: DialogOptions;

  constructor(options: DialogOptions) {
    this.#options = options;
  }

  /** The answer, without blanks around it; empty for Enter alone. @throws {DialogOver} */
  async ask(question: string): Promise<string> {
    const { terminal, signal } = this.#options;
    terminal.write(question);
    const line = await abortable(terminal.readLine(), signal);
    if (line !== undefined) return line.trim();
    terminal.write("\n");
    throw new DialogOver();
  }

  show(line: Line): void {
    writeLine(this.#options.output, line);
  }

  /** Rows of a list. */
  showRows(rows: readonly string[]): void {
    this.#options.output.stderr(rows.map((row) => `${safeText(row)}\n`).join(""));
  }
}

/**
 * An output that writes all to one stream, because a terminal shows two in any order.
 * @param isPlain whether own lines have no signs that a screen reader spells out
 */
export function createDialogOutput(
  output: Output,
  { isPlain }: { readonly isPlain: boolean },
): Output {
  const write = isPlain ? (text: string) => output.stdout(toPlainLines(text)) : output.stdout;
  return {
    stdout: (text) => output.stdout(text),
    stderr: write.bind(output),
    whenRoom: () => output.whenRoom(),
    columnsOf: () => output.columnsOf("stdout"),
  };
}

/** Lines of the program as a plain chat has them; a question without a newline stays as it is. */
function toPlainLines(text: string): string {
  return text.replace(/^(── |! )?(.+)\n/gm, (_, mark: string | undefined, rest: string) => {
    const beginning = mark === "! " ? "- Error: " : mark === undefined ? "" : "- ";
    return `${beginning}${toPlainText(rest.trim())}\n`;
  });
}
