import { assert, assertEquals } from "@std/assert";
import { Draft } from "../../../lib/terminal/input/draft.ts";
import { Editor } from "../../../lib/terminal/input/editor.ts";
import { Random } from "../../support/random.ts";

interface Options {
  readonly history?: readonly string[];
  readonly complete?: (line: string) => readonly string[];
  readonly isSecret?: (line: string) => boolean;
}

function editor({ history = [], complete = () => [], isSecret }: Options = {}): Editor {
  return new Editor({ history, complete, isSecret });
}

/** The draft with the cursor as `|`. */
function shown({ draft }: Editor): string {
  const { before, after } = draft.halves;
  return `${new Draft(before, 0).shown}|${new Draft(after, 0).shown}`;
}

/** What keys make of a draft. */
function after(text: string, ...keys: readonly string[]): string {
  const typed = editor();
  typed.insertText(text);
  for (const key of keys) typed.press(key);
  return shown(typed);
}

const MOVES: readonly (readonly [text: string, keys: string, shown: string])[] = [
  ["one two", "ctrl-a", "|one two"],
  ["one two", "home ctrl-f right", "on|e two"],
  ["one two", "ctrl-a ctrl-e", "one two|"],
  ["one two", "ctrl-b left", "one t|wo"],
  ["one two", "alt-b", "one |two"],
  ["one-two", "ctrl-left", "one-|two"],
  ["one two", "ctrl-a alt-f", "one| two"],
  ["one two", "ctrl-a ctrl-d delete", "|e two"],
  ["one two", "backspace", "one tw|"],
  ["one two-three", "ctrl-w", "one |"],
  ["one two-three", "alt-backspace", "one two-|"],
  ["one two", "ctrl-a alt-d", "| two"],
  ["one two", "alt-b ctrl-k", "one |"],
  ["one two", "alt-b ctrl-u", "|two"],
  ["ab", "ctrl-t", "ba|"],
  ["abc", "ctrl-a right ctrl-t", "ba|c"],
  ["one two", "alt-b ctrl-k ctrl-a ctrl-y", "two|one "],
  ["one two", "ctrl-w ctrl-w ctrl-y", "one two|"],
  ["one two", "ctrl-w ctrl-a ctrl-e ctrl-w ctrl-y alt-y", "two|"],
  ["one\ntwo", "ctrl-a", "one\n|two"],
  ["one\ntwo", "up", "one|\ntwo"],
  ["one\ntwo", "up ctrl-a down", "one\n|two"],
  ["one\ntwo", "up ctrl-k", "one|two"],
  ["one", "ctrl-u ctrl-_", "one|"],
  ["one", "alt-enter", "one\n|"],
  ["e\u0301", "backspace", "|"],
  ["👨‍👩‍👧‍👦x", "left left", "|👨‍👩‍👧‍👦x"],
  ["🇩🇪🇫🇷", "backspace", "🇩🇪|"],
  ["", "ctrl-t ctrl-k ctrl-w ctrl-y alt-y ctrl-_ up down", "|"],
];

Deno.test("editor: keys move, delete, kill and yank as in Readline", () => {
  for (const [text, keys, expected] of MOVES) {
    assertEquals(after(text, ...keys.split(" ")), expected, `${text}: ${keys}`);
  }
});

Deno.test("editor: a character that is typed in parts is one", () => {
  const typed = editor();
  for (const part of "🇩🇪👨‍👩‍👧e\u0301") typed.insertText(part);
  assertEquals(typed.draft.units, ["🇩🇪", "👨‍👩‍👧", "e\u0301"]);
  assertEquals(typed.draft.cursor, 3);
});

Deno.test("editor: a paste is one unit, which keeps its text wherever it is put", () => {
  const typed = editor();
  typed.insertText("see ");
  typed.insertPaste("a\nb");
  typed.press("ctrl-w");
  typed.press("ctrl-a");
  typed.press("ctrl-y");
  assertEquals([typed.draft.shown, typed.draft.text], ["[paste 1: 2 lines]see ", "a\nbsee "]);
  typed.press("backspace");
  assertEquals(shown(typed), "|see ");
});

Deno.test("editor: the arrows go through what was entered and begins with what was typed", () => {
  const typed = editor({ history: ["beta", "alpha"] });
  typed.insertText("gamma");
  assertEquals(typed.enter().text, "gamma");
  for (
    const [key, expected] of [["up", "gamma"], ["up", "beta"], ["up", "alpha"], ["up", "alpha"]]
  ) {
    typed.press(key ?? "");
    assertEquals(typed.draft.text, expected);
  }
  for (const expected of ["beta", "gamma", "", ""]) {
    typed.press("down");
    assertEquals(typed.draft.text, expected);
  }
  typed.insertText("al");
  typed.press("ctrl-p");
  assertEquals(typed.draft.text, "alpha");
  typed.press("ctrl-n");
  assertEquals(typed.draft.text, "al");
});

Deno.test("editor: a line that may hold a secret is brought back by no key", () => {
  const typed = editor({ history: ["older"], isSecret: (line) => line.startsWith("/password") });
  for (const line of ["hello", "/password hunter2"]) {
    typed.insertText(line);
    assertEquals(typed.enter().text, line);
  }
  typed.press("up");
  assertEquals(shown(typed), "hello|");
  typed.press("ctrl-_");
  typed.press("ctrl-u");
  typed.press("ctrl-r");
  typed.insertText("hunter");
  assertEquals(typed.search?.found, undefined);
});

Deno.test("editor: Ctrl-R finds what was entered", () => {
  const typed = editor({ history: ["deploy two", "status", "deploy one"] });
  typed.insertText("half");
  typed.press("ctrl-r");
  typed.insertText("dep");
  assertEquals(typed.draft.text, "deploy two");
  typed.press("ctrl-r");
  assertEquals(typed.draft.text, "deploy one");
  typed.press("ctrl-r");
  assertEquals(typed.draft.text, "deploy one");
  typed.press("escape");
  assertEquals(typed.draft.text, "half");
  typed.press("ctrl-r");
  typed.insertText("status");
  assertEquals(typed.enter().text, "status");
  assertEquals(typed.search, undefined);
});

Deno.test("editor: completion adds what all candidates begin with", () => {
  const names = ["/help", "/history", "/join"];
  const typed = editor({ complete: (line) => names.filter((name) => name.startsWith(line)) });
  typed.insertText("/h");
  assertEquals(typed.complete(), ["/help", "/history"]);
  typed.insertText("e");
  assertEquals(typed.complete(), []);
  assertEquals(shown(typed), "/help|");
  assertEquals(typed.complete(), []);
});

Deno.test("editor: whatever keys come, the text is the typed clusters, and the cursor is inside (random)", () => {
  const keys = MOVES.flatMap(([, keys]) => keys.split(" "));
  const texts = [
    "a",
    " ",
    "é",
    "e\u0301",
    "\u0301",
    "日本",
    "👨‍👩‍👧‍👦",
    "\u200d",
    "🇩",
    "ครั",
    "ש\u05b8",
    "\n",
  ];
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const typed = editor({ history: ["one", "two\nthree"] });
    for (let step = 0; step < 60; step++) {
      const kind = random.below(10);
      if (kind < 6) typed.insertText(random.pick(texts));
      else if (kind === 6) typed.insertPaste("x\ny");
      else typed.press(random.pick(keys));
      const { draft } = typed;
      assert(draft.cursor >= 0 && draft.cursor <= draft.units.length, `seed ${seed}`);
      assert(draft.units.every((unit) => unit !== ""), `seed ${seed}`);
    }
    const before = typed.draft.text;
    assertEquals(typed.enter().text, before, `seed ${seed}`);
    assertEquals(typed.draft.isEmpty, true);
  }
});
