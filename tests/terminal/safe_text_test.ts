import { assert, assertEquals } from "@std/assert";
import { formatRow } from "../../lib/terminal/layout.ts";
import { safeJson, safeText } from "../../lib/terminal/safe_text.ts";
import { tokenize } from "../support/terminals/ecma48.ts";
import { type Random, withRandom } from "../support/random.ts";

/** What terminals have been made to do by text they were only asked to show. */
const ATTACKS: Readonly<Record<string, string>> = {
  "clearing the screen": "a\x1b[2Jb",
  "moving up to forge a line": "\x1b[3A\x1b[2K12:00 root: pay mallory",
  "writing the clipboard (OSC 52)": "\x1b]52;c;cm0gLXJmIH4=\x07",
  "the same with a string terminator": "\x1b]52;c;cm0gLXJmIH4=\x1b\\",
  "a link that lies (OSC 8)": "\x1b]8;;http://evil.example\x1b\\safe\x1b]8;;\x1b\\",
  "a window title (OSC 0)": "\x1b]0;root@prod\x07",
  "asking for an answer that is typed (DSR)": "\x1b[6n\x1b[c\x1b[>c",
  "a device control string": '\x1bP$q"p\x1b\\',
  "an application command": "\x1b_Gf=100;AAAA\x1b\\",
  "control sequences by C1": "\x9b2J\x9d52;c;AAAA\x9c\x90x\x9c",
  "another character set": "\x1b(0\x0elqqk\x0f",
  "the alternate screen": "\x1b[?1049h",
  "mouse reports and paste marks": "\x1b[?1000h\x1b[201~rm -rf ~\r",
  "overwriting by carriage return": "harmless\rroot: really",
  "overwriting by backspace": "no\b\byes\x7f",
  "reordering by bidi controls": "\u202etxt.exe\u202c \u2066abc\u2069 \u200f",
  "hiding by zero width and tags": "pay\u200b\u2060\ufeff pal\u{e0070}\u{e0061}\u{e0079}\u00ad",
  "separators some programs take for newlines": "a\u2028── b\u2029c\u0085d",
  "a full reset": "\x1bc\x1b[!p",
};

for (const [name, attack] of Object.entries(ATTACKS)) {
  Deno.test(`safe text: ${name} is shown, not done`, () => {
    const safe = safeText(attack);
    assertEquals(tokenize(safe).map(({ kind }) => kind), ["text"]);
    assertEquals(/[\p{Default_Ignorable_Code_Point}\u2028\u2029]/u.test(safe), false);
    assertEquals([...safe].length, [...attack].length, "mapped, never deleted");
  });
}

Deno.test("safe text: every control character is seen", () => {
  for (let code = 0; code < 0xa0; code++) {
    if (code === 0x20) code = 0x7f;
    if (code === 0x09) continue;
    const safe = safeText(`<${String.fromCharCode(code)}>`);
    const picture = code < 0x20
      ? String.fromCharCode(0x2400 + code)
      : code === 0x7f
      ? "\u2421"
      : "\ufffd";
    assertEquals(safe, `<${picture}>`);
  }
});

Deno.test("safe text: what people write stays as it is", () => {
  const texts = [
    "plain ASCII, with ~ and `",
    "Zürich, naïve, 東京, שלום, مرحبا",
    "👩‍💻 ❤️ 1️⃣ 👍🏽 👨‍👩‍👧",
    "نمی‌خواهم",
    "क्‍ष",
    "a\tb",
    "é and é",
  ];
  for (const text of texts) assertEquals(safeText(text), text);
});

Deno.test("safe text: joiners are kept only where they join", () => {
  assertEquals(safeText("pay\u200dpal"), "pay\ufffdpal");
  assertEquals(safeText("a\u200cb"), "a\ufffdb");
  assertEquals(safeText("x\ufe0f"), "x\ufffd");
  assertEquals(safeText("👩\u200d\u200d💻"), "👩\ufffd\ufffd💻");
});

Deno.test("safe text: marks do not pile up over other lines", () => {
  const safe = safeText("Z" + "\u0301".repeat(1_000) + "ok");
  assertEquals(safe, "Z" + "\u0301".repeat(5) + "\ufffdok");
});

Deno.test("safe text: lone surrogates and noncharacters are replaced", () => {
  assertEquals(safeText("a\ud800b\udc00\uffff\u{1fffe}"), "a\ufffdb\ufffd\ufffd\ufffd");
});

Deno.test("safe JSON: the value is the same, and every character can be seen (random)", () => {
  withRandom((random) => {
    for (let seq = 0; seq < 2_000; seq++) {
      const content = Array.from({ length: 8 }, () => anyCharacter(random)).join("");
      const event = { type: "message", room: "ops", seq, from: content, content };
      const json = safeJson(event);
      assertEquals(JSON.parse(json), event);
      assertEquals(tokenize(json).map(({ kind }) => kind), ["text"]);
      assertEquals(/[\p{Default_Ignorable_Code_Point}\p{Cs}]/u.test(json), false);
    }
  });
});

Deno.test("safe text: nothing acts in a hundred thousand characters (random)", () => {
  withRandom((random) => {
    for (let round = 0; round < 200; round++) {
      const text = Array.from({ length: 500 }, () => anyCharacter(random)).join("");
      const acts = tokenize(safeText(text)).filter((token) =>
        token.kind !== "text" && !isTab(token)
      );
      assertEquals(acts, []);
    }
  });
});

Deno.test("safe text: a row is painted outside of what it says", () => {
  const row = [{ text: "a\x1b[0mb", style: "bold" as const }];
  const painted = formatRow(row, (safe, style) => `<${style}>${safe}</${style}>`);
  assertEquals(painted, "<bold>a␛[0mb</bold>");
  assert(!formatRow(row).includes("\x1b"));
});

function isTab(token: ReturnType<typeof tokenize>[number]): boolean {
  return token.kind === "control" && token.code === 0x09;
}

/** Half of them from where the dangerous ones are. */
function anyCharacter(random: Random): string {
  const dangerous = [[0, 0xa0], [0x2000, 0x2070], [0xd800, 0xe000], [0xe0000, 0xe0100]] as const;
  const [from, to] = random.below(2) === 0 ? random.pick(dangerous) : [0, 0x11_0000] as const;
  return String.fromCodePoint(from + random.below(to - from));
}
