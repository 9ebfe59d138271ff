// The live line in a terminal emulator: what is typed, what arrives meanwhile, and what stands there.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { notice } from "../../lib/terminal/view_lines.ts";
import { EmulatedTerminal } from "../support/terminals/emulated_terminal.ts";
import { pasted } from "../support/terminals/pty.ts";

const ESC = "\x1b";
const ENTER = "\r";
const CTRL_A = "\x01";
const CTRL_C = "\x03";
const CTRL_L = "\x0c";
const CTRL_Z = "\x1a";
const BACKSPACE = "\x7f";

const THAI = "สวัสดีครับ วันนี้ที่ประชุมเรื่องเซิร์ฟเวอร์เริ่มกี่โมงครับ";
const FAMILY = "👨‍👩‍👧‍👦";

/** Shows a message at a time. */
async function arrive(terminal: EmulatedTerminal, from: number, end: number): Promise<void> {
  for (let n = from; n < end; n++) await terminal.show(notice(`message ${n}.`));
}

function messages(from: number, end: number): readonly string[] {
  return Array.from({ length: end - from }, (_, n) => `── message ${from + n}.`);
}

/** @throws unless these messages stand there, each once and in order, and below them only the line */
function assertMessages(terminal: EmulatedTerminal, end: number): void {
  const { all } = terminal.screen;
  const rows = all.filter((row) => row.startsWith("── "));
  assertEquals(rows, messages(0, end), all.join("\n"));
  const last = all.lastIndexOf(`── message ${end - 1}.`);
  assert(all[last + 1]?.startsWith(">"), all.join("\n"));
  assertEquals(all.filter((row) => row.startsWith(">")).length, 1, all.join("\n"));
}

Deno.test("live line: Esc and Enter after it send once", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type("deploying now", ESC);
  await terminal.pass();
  await terminal.type(ENTER, ENTER);
  assertEquals(terminal.entered, ["deploying now", ""]);
});

Deno.test("live line: Alt-Enter is a newline, and the Enter after it sends once", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type("deploying now", ESC + ENTER, ENTER, ENTER);
  assertEquals(terminal.entered, ["deploying now", ""]);
  await terminal.type("one", ESC + ENTER, "two\nthree", ENTER);
  assertEquals(terminal.entered.at(-1), "one\ntwo\nthree");
});

for (
  const [name, draft] of [["Thai", THAI], ["a joined emoji", "x".repeat(76) + FAMILY]] as const
) {
  Deno.test(`live line: a draft with ${name} erases no message`, async () => {
    const terminal = new EmulatedTerminal({ rows: 12 });
    await arrive(terminal, 0, 7);
    await terminal.type(draft);
    await arrive(terminal, 7, 12);
    assertMessages(terminal, 12);
    await terminal.type(ENTER);
    assertEquals(terminal.entered, [draft]);
  });
}

Deno.test("live line: wide characters at an odd edge double no row", async () => {
  const terminal = new EmulatedTerminal({ columns: 40, rows: 12 });
  await terminal.type(`a${"あ".repeat(35)}`);
  await arrive(terminal, 0, 5);
  assertMessages(terminal, 5);
  const rows = terminal.screen.all.filter((row) => row.includes("あ"));
  assertEquals(rows, [`> a${"あ".repeat(18)}`, "あ".repeat(17)]);
});

Deno.test("live line: with the line in the first row, a key leaves no copy in the scrollback", async () => {
  const terminal = new EmulatedTerminal();
  await arrive(terminal, 0, 3);
  await terminal.type(CTRL_L, "hello world", CTRL_A, ..."abcdef");
  assertEquals(terminal.screen.lines[0], "> abcdefhello world");
  assertEquals(terminal.screen.cursor, { x: 8, y: 0 });
  assertEquals(terminal.screen.scrolled, messages(0, 3));
  await arrive(terminal, 3, 5);
  assertMessages(terminal, 5);
});

Deno.test("live line: a draft that is taller than its rows leaves no copy anywhere", async () => {
  const terminal = new EmulatedTerminal({ columns: 40, rows: 12 });
  const draft = Array.from({ length: 650 }, (_, n) => String.fromCharCode(0x61 + n % 26)).join("");
  await terminal.type(draft);
  await arrive(terminal, 0, 20);
  const { all } = terminal.screen;
  assertEquals(all.filter((row) => row.startsWith("── ")), messages(0, 20));
  assertEquals(all.filter((row) => !row.startsWith("── ")).join(""), draft.slice(-(4 * 39 + 28)));
  await terminal.type(CTRL_A);
  assertStringIncludes(terminal.screen.all.join("\n"), "> abcdef");
  await terminal.type(ENTER);
  assertEquals(terminal.entered, [draft]);
});

Deno.test("live line: two pastes in one read are two, and what is typed between them is typed", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type(`${pasted("a\nb")}${ENTER}/who${ENTER}${pasted("c\nd")}${ENTER}`);
  assertEquals(terminal.entered, ["a\nb", "/who", "c\nd"]);
});

Deno.test("live line: a paste is one unit, and typing its label is typing", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type("see ", pasted("a\nb"));
  assertEquals(terminal.screen.all.at(-1), "> see [paste 1: 2 lines]");
  await terminal.type(BACKSPACE, ENTER);
  await terminal.type("[paste 1: 2 lines]", ENTER);
  assertEquals(terminal.entered, ["see ", "[paste 1: 2 lines]"]);
});

Deno.test("live line: a paste that begins with a slash is no command", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type(pasted("/leave\nme"), ENTER);
  await terminal.type("/ask ", pasted("/leave\nme"), ENTER);
  assertEquals(terminal.entered, ["//leave\nme", "/ask /leave\nme"]);
});

Deno.test("live line: Ctrl-C leaves only when pressed twice in a row on an empty line", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type("a", CTRL_C, "b", CTRL_C, CTRL_C, "c", CTRL_C);
  assertEquals(terminal.left, []);
  await terminal.type(CTRL_C);
  await terminal.pass(3_000);
  await terminal.type(CTRL_C);
  assertEquals(terminal.left, []);
  await terminal.type(ESC);
  await terminal.pass();
  await terminal.type(CTRL_C, CTRL_C);
  assertEquals(terminal.left, ["interrupt"]);
  assertEquals(terminal.entered, []);
});

Deno.test("live line: Esc and Ctrl-C in one read clear the line", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type("half", ESC + CTRL_C, "other", ENTER);
  assertEquals(terminal.entered, ["other"]);
});

Deno.test("live line: where no key ends the program, each says what does", async () => {
  const terminal = new EmulatedTerminal({ stays: "/stop stops the server" });
  await terminal.type(CTRL_C, CTRL_C, "\x04", CTRL_Z);
  await terminal.pass();
  assertEquals(terminal.left, []);
  assertEquals(terminal.modes, []);
  assertEquals(terminal.screen.all, [...Array(4).fill("── /stop stops the server"), ">"]);
});

Deno.test("live line: a hundred lines that no paste marks are one unit, and nothing is sent", async () => {
  const terminal = new EmulatedTerminal();
  const lines = Array.from({ length: 100 }, (_, n) => `line ${n}`);
  const text = lines.join(ENTER) + ENTER;
  await terminal.type(text.slice(0, 300), text.slice(300, 850), text.slice(850));
  await terminal.pass();
  assertEquals(terminal.entered, []);
  assertEquals(terminal.screen.all.at(-1), "> [paste 1: 100 lines]");
  assertStringIncludes(terminal.screen.all.join("\n"), "Several lines came at once");
  await terminal.pass(1_000);
  await terminal.type(ENTER);
  assertEquals(terminal.entered, []);
  await terminal.type(ENTER);
  assertEquals(terminal.entered, [lines.join("\n")]);
});

Deno.test("live line: what was typed before raw mode is taken as it was typed", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type("hello\nwor", "ld", ENTER);
  assertEquals(terminal.entered, ["hello", "world"]);
});

Deno.test("live line: Ctrl-Z twice suspends; afterwards the line is drawn in a new row", async () => {
  const terminal = new EmulatedTerminal();
  await arrive(terminal, 0, 2);
  await terminal.type("half a line", CTRL_Z);
  assertEquals(terminal.modes, ["restored"]);
  assertEquals(terminal.screen.all.at(-1), "Ctrl-Z once more suspends, Enter goes on");
  await terminal.suspend("\r\n[1]+  Stopped\r\n$ fg\r\n");
  assertEquals(terminal.screen.all.slice(-2), ["$ fg", "> half a line"]);
  assertEquals(terminal.screen.all.filter((row) => row.includes("half")).length, 1);
});

Deno.test("live line: Enter instead of the second Ctrl-Z goes on", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type("half", CTRL_Z, "\n", "!");
  assertEquals(terminal.modes, ["restored", "keys"]);
  assertEquals(terminal.screen.all.at(-1), "> half!");
  assertEquals(terminal.entered, []);
});

Deno.test("live line: Tab completes as far as all agree, and shows what there is", async () => {
  const names = ["/help", "/history", "/join"];
  const complete = (line: string) => names.filter((name) => name.startsWith(line));
  const terminal = new EmulatedTerminal({ complete });
  await terminal.type("/h\t");
  await terminal.pass();
  assertEquals(terminal.screen.all, ["── /help  /history", "> /h"]);
  await terminal.type("i\t now");
  assertEquals(terminal.screen.all.at(-1), "> /history now");
});

Deno.test("live line: a terminal that does not report its cursor still shows the line once", async () => {
  const terminal = new EmulatedTerminal({ rows: 8, reports: false });
  await arrive(terminal, 0, 12);
  await terminal.type("a draft that is long enough for several rows in a window that is narrow");
  await terminal.resize(20, 8);
  await terminal.pass(2_000);
  assertEquals(terminal.screen.all.filter((row) => row.startsWith("> a draft")).length, 1);
  await arrive(terminal, 12, 14);
  assertMessages(terminal, 14);
});

Deno.test("live line: nothing hostile in a line, a prompt or a draft acts on the terminal", async () => {
  const evil = "\x1b[2J\x1b]52;c;cm0=\x07\x9b31m\x9d0;x\x9c\u202e\u200b\u0301\u{e0041}";
  const terminal = new EmulatedTerminal();
  const row = [{ text: evil, style: "plain" as const }];
  terminal.view.setPrompt({ rows: [row], before: [...row, { text: "> ", style: "plain" }] });
  await terminal.show(notice(evil));
  await terminal.type(evil.replaceAll(ESC, "").replaceAll("\x07", ""), pasted(`${evil}\n${evil}`));
  // What the emulator may be sent is held by the screen itself.
  assertStringIncludes(terminal.screen.all.join("\n"), "␛[2J");
});

Deno.test("live line: a large paste is shown first, and sent by a second Enter, once", async () => {
  const terminal = new EmulatedTerminal();
  const log = Array.from({ length: 42 }, (_, n) => `line ${n}.`).join("\n");
  await terminal.type("see ", pasted(log), ENTER);
  await terminal.pass();
  assertEquals(terminal.entered, []);
  const { all } = terminal.screen;
  assert(all.some((row) => row.includes("│ line 4.")), all.join("\n"));
  assert(all.some((row) => row.includes("… 35 more lines")), all.join("\n"));
  assert(!all.some((row) => row.includes("line 20.")));
  await terminal.type(ENTER, ENTER);
  assertEquals(terminal.entered, [`see ${log}`, ""]);
});

Deno.test("live line: a large paste that was changed after the question is asked about again", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type(pasted("x\n".repeat(20)), ENTER, "more", ENTER);
  assertEquals(terminal.entered, []);
  await terminal.type(CTRL_C, "a", ENTER);
  assertEquals(terminal.entered, ["a"]);
});

Deno.test("live line: Alt-P shows a paste", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type(pasted("one\ntwo"), `${ESC}p`);
  await terminal.pass();
  const rows = terminal.screen.all.filter((row) => row.startsWith("── "));
  assertEquals(rows, ["── [paste 1: 2 lines]:", "── │ one", "── │ two"]);
});

Deno.test("live line: Tab tries one word after the other, and keeps a paste before it", async () => {
  const words: Record<string, readonly string[]> = { a: ["anna ", "andy "] };
  const terminal = new EmulatedTerminal({
    completeWord: (line) => words[line.split(" ").at(-1) ?? ""] ?? [],
  });
  await terminal.type(pasted("one\ntwo"), " a", "\t", "\t", "\t", "\t", ENTER);
  await terminal.type("b\t", ENTER);
  assertEquals(terminal.entered, ["one\ntwo andy ", "b"]);
});
