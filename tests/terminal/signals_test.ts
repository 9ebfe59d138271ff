import { assertEquals } from "@std/assert";
import { formatNotification, formatTitle } from "../../lib/terminal/screen/signals.ts";
import { EmulatedTerminal } from "../support/terminals/emulated_terminal.ts";

Deno.test("signals: no title and no notification can act on a terminal", () => {
  const hostile = "a\x1b]52;c;cm0=\x07\x9c\n\ud800b";
  for (const text of [formatTitle(hostile), formatNotification(hostile, { name: "xterm-kitty" })]) {
    // deno-lint-ignore no-control-regex
    assertEquals(text.slice(4, -1).match(/[\x00-\x1f\x7f-\x9f]/g), null, JSON.stringify(text));
    assertEquals(text.endsWith("\x07"), true);
  }
});

Deno.test("signals: a notification goes only where it is understood", () => {
  const of = (name: string, program?: string) => formatNotification("ops: x;y", { name, program });
  assertEquals(of("xterm-256color"), "");
  assertEquals(of("tmux-256color", "tmux"), "");
  assertEquals(of("xterm-256color", "WezTerm"), "\x1b]9;ops: x;y\x07");
  assertEquals(of("foot"), "\x1b]777;notify;Parley;ops: x,y\x07");
});

Deno.test("signals: a title, a bell and a notification move nothing on the screen", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type("half a line");
  const before = [terminal.screen.lines, terminal.screen.cursor];
  terminal.view.ring("#ops ada: look\x1b[2J");
  const prompt = { rows: [], before: [{ text: "> ", style: "plain" as const }] };
  terminal.view.setPrompt({ ...prompt, title: "(1!) #ops\x07" });
  await terminal.pass();
  assertEquals([terminal.screen.lines, terminal.screen.cursor], before);
});
