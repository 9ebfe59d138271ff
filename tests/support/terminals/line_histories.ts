// Random histories of a live line in a terminal emulator, and what must be true after each step:
// every message stands in screen or scrollback once and whole, in order; the draft stands there once,
// as the model has it; the cursor is where the model says; what is entered is what was typed.

import { assertEquals } from "@std/assert";
import { type Block, layOutBlock, type Prompt } from "../../../lib/terminal/screen/block.ts";
import { isSureWidth, reflowedHeight } from "../../../lib/terminal/screen/cell_width.ts";
import { Editor } from "../../../lib/terminal/input/editor.ts";
import { notice } from "../../../lib/terminal/view_lines.ts";
import type { Random } from "../random.ts";
import { EmulatedTerminal } from "./emulated_terminal.ts";
import { pasted } from "./pty.ts";

/** Texts about whose widths all terminals agree. */
const SURE = ["A", "XY ", "QUITE A LONG WORD ", "日", "あいう", "韓國語 ", "Z".repeat(70), "  "];
/** Texts about which they do not. */
const UNCERTAIN = [
  "สวัสดีครับ วันนี้",
  "👨‍👩‍👧‍👦",
  "🇩🇪🇫🇷",
  "❤️",
  "שָׁלוֹם",
  "e\u0301\u0302",
  "क्ष",
  "\u0301",
  "ｱﾞ",
  "…—“",
  "\u1112\u1161\u11ab",
];
const KEYS: readonly (readonly [sent: string, key: string])[] = [
  ["\x01", "ctrl-a"],
  ["\x05", "ctrl-e"],
  ["\x02", "ctrl-b"],
  ["\x06", "ctrl-f"],
  ["\x7f", "backspace"],
  ["\x1b[3~", "delete"],
  ["\x0b", "ctrl-k"],
  ["\x15", "ctrl-u"],
  ["\x17", "ctrl-w"],
  ["\x19", "ctrl-y"],
  ["\x14", "ctrl-t"],
  ["\x1f", "ctrl-_"],
  ["\x1b[A", "up"],
  ["\x1b[B", "down"],
  ["\x1bb", "alt-b"],
  ["\x1bf", "alt-f"],
  ["\x1b\r", "alt-enter"],
];
const SIZES = [[120, 40], [80, 24], [80, 12], [40, 12], [41, 9], [20, 5], [23, 6]] as const;
const PROMPT: Prompt = {
  rows: [],
  status: [{ text: "[2:OPS 14!]  ADA@CHAT - lag 0.1 s", style: "plain" }],
  before: [{ text: "> ", style: "plain" }],
};

export type Kind = "hostile" | "resized" | "cut off";

/** @throws what is not as it must be, with the steps that led there */
export async function checkHistory(random: Random, kind: Kind): Promise<void> {
  const history = new History(random, kind);
  const steps = 5 + random.below(25);
  try {
    for (let step = 0; step < steps; step++) {
      await history.step();
      history.check();
    }
  } catch (error) {
    throw new Error(`${history.steps.join("\n")}\n${history.screen}`, { cause: error });
  }
}

class History {
  readonly steps: string[] = [];
  readonly #random: Random;
  readonly #kind: Kind;
  readonly #terminal: EmulatedTerminal;
  /** The model of what is typed: the same keys without a terminal. */
  readonly #editor = new Editor({ history: [], complete: () => [] });
  readonly #entered: string[] = [];
  #columns: number;
  #rows: number;
  #messages = 0;
  /** Whether the terminal had to push a piece of the draft into its scrollback. */
  #isCut = false;

  constructor(random: Random, kind: Kind) {
    this.#random = random;
    this.#kind = kind;
    [this.#columns, this.#rows] = random.pick(SIZES);
    this.#terminal = new EmulatedTerminal({
      columns: this.#columns,
      rows: this.#rows,
      breaksRows: kind !== "cut off",
    });
    this.#terminal.view.setPrompt(PROMPT);
    this.steps.push(`${this.#columns} × ${this.#rows}`);
  }

  get screen(): string {
    return this.#terminal.screen.all.join("\n");
  }

  async step(): Promise<void> {
    const kind = this.#random.below(20);
    if (kind < 6) await this.#type();
    else if (kind < 11) await this.#arrive(1 + this.#random.below(3));
    else if (kind < 14) await this.#press();
    else if (kind === 14) await this.#enter();
    else if (kind === 15) await this.#paste();
    else if (kind === 16) await this.#clear();
    else if (kind === 17) await this.#arrive(this.#random.below(60));
    else if (this.#kind !== "hostile") await this.#resize();
    else await this.#type();
    await this.#terminal.pass();
  }

  async #type(): Promise<void> {
    const text = this.#random.pick(this.#kind !== "hostile" ? SURE : [...SURE, ...UNCERTAIN]);
    this.steps.push(`type ${JSON.stringify(text)}`);
    this.#editor.insertText(text);
    await this.#terminal.type(text);
  }

  async #press(): Promise<void> {
    const [sent, key] = this.#random.pick(KEYS);
    this.steps.push(key);
    this.#editor.press(key);
    await this.#terminal.type(sent);
  }

  async #enter(): Promise<void> {
    this.steps.push("enter");
    this.#entered.push(this.#editor.enter().text.replace(/\n+$/, ""));
    await this.#terminal.type("\r");
  }

  async #paste(): Promise<void> {
    this.steps.push("paste");
    this.#editor.insertPaste("X\nY");
    await this.#terminal.type(pasted("X\nY"));
  }

  async #clear(): Promise<void> {
    this.steps.push("ctrl-l");
    await this.#terminal.type("\x0c");
  }

  async #arrive(count: number): Promise<void> {
    this.steps.push(`${count} messages`);
    const lines = Array.from({ length: count }, () => {
      const n = this.#messages++;
      const texts = ["", "a few words", "字".repeat(this.#random.below(60)), "w".repeat(130)];
      return notice(`<${n}> ${this.#random.pick(texts)} </${n}>`);
    });
    await this.#terminal.show(...lines);
  }

  async #resize(): Promise<void> {
    const [wanted, rows] = this.#random.pick(SIZES);
    const { rows: drawn, cursor } = this.#block;
    // This emulator moves its cursor to another row when it breaks a row below it.
    const isMoved = wanted < this.#columns && cursor.row < drawn.length - 1;
    // And one that cuts its rows off shows them again when it becomes wider.
    const isShown = this.#kind === "cut off" && wanted > this.#columns;
    const columns = isMoved || isShown ? this.#columns : wanted;
    this.steps.push(`resize to ${columns} × ${rows}`);
    const brokenAt = this.#kind === "cut off" ? undefined : columns;
    const above = drawn.slice(0, cursor.row)
      .reduce((sum, row) => sum + reflowedHeight(row, brokenAt), 0);
    this.#columns = columns;
    this.#rows = rows;
    await this.#terminal.resize(columns, rows);
    if (this.#terminal.reflowedCursor.y < above) this.#isCut = true;
  }

  get #block(): Block {
    return layOutBlock({
      prompt: PROMPT,
      draft: this.#editor.draft,
      columns: this.#columns,
      height: this.#rows,
      paint: (safe) => safe,
    });
  }

  check(): void {
    assertEquals(this.#terminal.entered, this.#entered);
    const { screen } = this.#terminal;
    const block = this.#block;
    const top = screen.cursor.y - block.cursor.row;
    assertEquals(screen.cursor.x, block.cursor.column, "the cursor's column");
    this.#checkBlock(block, top);
    const above = [...screen.scrolled, ...screen.lines.slice(0, top)];
    const flow = above.map((row) => row.replace(/^ {1,3}/, "")).join("").replaceAll(" ", "");
    // A terminal that cuts its rows off has lost the ends of some.
    const pattern = this.#kind === "cut off" ? /<\d+>/g : /<\/?\d+>/g;
    const marks = [...flow.matchAll(pattern)].map(([mark]) => mark);
    const expected = Array.from({ length: this.#messages }, (_, n) => [`<${n}>`, `</${n}>`]).flat()
      .filter((mark) => this.#kind !== "cut off" || !mark.startsWith("</"));
    assertEquals(marks, expected, "the messages");
    // Drafts are in letters that no message has; the prompt stands nowhere else either.
    if (this.#isCut) return;
    const stale = above.filter((row) => /[A-Z日あ韓]/.test(row) || row.startsWith("> "));
    assertEquals(stale, [], "a stale draft");
  }

  /** Each cell of the block whose width is sure stands where it is to stand; below it is nothing. */
  #checkBlock({ rows }: Block, top: number): void {
    const { screen } = this.#terminal;
    for (const [n, row] of rows.entries()) {
      for (const { column, text } of sureCells(row.text)) {
        const cell = screen.cell(column, top + n).text || " ";
        // A mark without a letter is drawn over what stands before it.
        assertEquals(cell.startsWith(text), true, `${text} at ${column}, ${n}: ${cell}`);
      }
      if (this.#kind !== "hostile") {
        assertEquals(screen.lines[top + n]?.trimEnd(), row.text.trimEnd(), `row ${n}`);
      }
    }
    const below = screen.lines.slice(top + rows.length);
    assertEquals(below.filter((line) => line !== ""), [], "below the line");
  }
}

/**
 * Where the cells of a row stand whose width is sure.
 * @throws when one stands behind a cell whose width is not, and is not put at its column
 */
function sureCells(row: string): readonly { readonly column: number; readonly text: string }[] {
  const cells: { readonly column: number; readonly text: string }[] = [];
  let column = 0;
  let isSure = true;
  // deno-lint-ignore no-control-regex
  for (const [token, to] of row.matchAll(/\x1b\[(\d+)G|[^]/gu)) {
    if (to !== undefined) {
      column = Number(to) - 1;
      isSure = true;
    } else if (isSureWidth(token)) {
      assertEquals(isSure, true, `${token} stands where the terminal has it`);
      cells.push({ column, text: token });
      column += /[\x20-\x7e]/.test(token) ? 1 : 2;
    } else isSure = false;
  }
  return cells;
}
