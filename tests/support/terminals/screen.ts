// A terminal's screen and scrollback: the emulator of VS Code, `@xterm/headless`. What our programs
// may not send is an error, so that a test that draws a screen also proves what was drawn with.

import xterm from "@xterm/headless";
import { type Token, tokenize } from "./ecma48.ts";

const SCROLLBACK = 20_000;

/** What xterm reports of itself. */
const XTERM = "\x1b[>41;390;0c";

export interface ScreenOptions {
  readonly reply?: (text: string) => void;
  /** Whether rows are broken for another width, as in most terminals, or cut off, as in xterm. */
  readonly breaksRows?: boolean;
  /** Control sequences of another program in the terminal, from their parameters on. */
  readonly others?: RegExp;
}

/** What the emulator leaves to timers of its own, and is done at once here: a test ends without waiting for them. */
interface Core {
  /** Parses what `write` keeps. */
  readonly _inputHandler: { parse(text: string): void };
  /** Frees the memory of rows that have become shorter. */
  readonly buffers: Readonly<Record<"normal" | "alt", { readonly _memoryCleanupQueue: Queue }>>;
}

interface Queue {
  flush(): void;
}

export class Screen {
  readonly #terminal: xterm.Terminal;
  readonly #others: RegExp | undefined;
  #rest = "";

  /** @param options `reply` takes what the terminal answers to a request */
  constructor(
    columns: number,
    rows: number,
    { reply = () => {}, breaksRows = true, others }: ScreenOptions = {},
  ) {
    this.#others = others;
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback: SCROLLBACK,
      allowProposedApi: true,
      // The emulator's way to be a terminal that cuts its rows off.
      ...(breaksRows ? {} : { windowsPty: { backend: "conpty", buildNumber: 19_000 } }),
    });
    this.#terminal.onData((text) => {
      const isAttributes = text.startsWith("\x1b[>");
      reply(isAttributes && !breaksRows ? XTERM : text);
    });
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** The rows as they are seen, without blanks at their ends. */
  get lines(): readonly string[] {
    return this.#from(this.#terminal.buffer.active.baseY);
  }

  /** What has scrolled off the top. */
  get scrolled(): readonly string[] {
    return this.#from(0).slice(0, this.#terminal.buffer.active.baseY);
  }

  /** Everything that was ever seen, from the first row to the last that is not blank. */
  get all(): readonly string[] {
    return this.#from(0).join("\n").trimEnd().split("\n");
  }

  /** Where the cursor is, from 0. */
  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  /** What stands in a cell of the screen: its characters, and how many columns it takes. */
  cell(x: number, y: number): { readonly text: string; readonly width: number } {
    const { active } = this.#terminal.buffer;
    const cell = active.getLine(active.baseY + y)?.getCell(x);
    return { text: cell?.getChars() ?? "", width: cell?.getWidth() ?? 0 };
  }

  /** Draws what was sent. @throws for what our programs do not send */
  feed(text: string): void {
    const whole = this.#rest + text;
    const cut = cutOff(whole);
    this.#rest = whole.slice(whole.length - cut);
    for (const token of tokenize(whole.slice(0, whole.length - cut))) this.#check(token);
    this.#core._inputHandler.parse(text);
  }

  /** Forgets all that was ever drawn. */
  clear(): void {
    this.#terminal.reset();
    this.#rest = "";
  }

  /** Another size: as in the terminals of today, lines are broken for another width. */
  resize(columns: number, rows: number = this.rows): void {
    this.#terminal.resize(columns, rows);
    const { normal, alt } = this.#core.buffers;
    for (const { _memoryCleanupQueue: queue } of [normal, alt]) queue.flush();
  }

  get #core(): Core {
    return (this.#terminal as unknown as { readonly _core: Core })._core;
  }

  #check(token: Token): void {
    const isOther = token.kind === "csi" && this.#others?.test(token.parameters + token.final);
    if (isOther !== true) assertOurs(token);
  }

  #from(first: number): readonly string[] {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: active.length - first },
      (_, n) =>
        (active.getLine(first + n)?.translateToString(true, 0, this.columns) ?? "").trimEnd(),
    );
  }
}

/** Our control sequences: colours, moves, erasing, autowrap, bracketed paste, the cursor's report. */
const OURS = [
  /^[0-9;]*m$/,
  /^\d*[ABCG]$/,
  /^(?:\d+;1)?H$/,
  /^J$/,
  /^2?K$/,
  /^\?(?:7|1004|2004)[hl]$/,
  /^2[23];2t$/,
  /^6n$/,
  /^>c$/,
  // What another program that was killed has left.
  /^\?(?:25h|(?:1|1000|1002|1006|1049)l)$/,
];
/** The cursor is saved before another program runs; the keypad is as it was. */
const ESCAPES = ["7", ">"];
/** What the runtime itself sends to a terminal at its start. */
const OF_DENO = [/^0G$/];
const CONTROLS = [0x07, 0x09, 0x0a, 0x0d];
/** A title, and a notification of the desktop: nothing in them may act on a terminal. */
// deno-lint-ignore no-control-regex
const STRINGS = /^(?:2|9|777;notify);[^\x00-\x1f\x7f-\x9f]*$/;

function assertOurs(token: Token): void {
  if (token.kind === "text") return;
  if (token.kind === "control" && CONTROLS.includes(token.code)) return;
  if (token.kind === "string" && token.introducer === "OSC" && STRINGS.test(token.text)) return;
  if (token.kind === "escape" && ESCAPES.includes(token.text)) return;
  if (token.kind === "csi") {
    const sequence = token.parameters + token.final;
    if ([...OURS, ...OF_DENO].some((pattern) => pattern.test(sequence))) return;
  }
  throw new Error(`Not for our terminals: ${JSON.stringify(token)}`);
}

/** How many characters at the end may be the beginning of a sequence that is not whole yet. */
function cutOff(text: string): number {
  // deno-lint-ignore no-control-regex
  const [open = ""] = /\x1b(?:\[[\x20-\x3f]*|\][^\x07]*)?$/.exec(text) ?? [];
  return open.length;
}
