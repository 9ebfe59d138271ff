import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ChatError } from "../../lib/wire/errors.ts";
import { formatJson } from "../../lib/wire/json.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";
import {
  beginningOf,
  byteLength,
  checkText,
  hasRefusedCharacters,
  isAccountName,
  isLongerThan,
  quote,
} from "../../lib/wire/text.ts";
import { isRoomName, isRoomRef } from "../../lib/wire/room_ref.ts";
import { withRandom } from "../support/random.ts";

const { content, content_encoded, content_lines } = DEFAULT_LIMITS;
const encoder = new TextEncoder();

/** The code a text is refused with; undefined when it passes. */
function refusal(text: string): string | undefined {
  try {
    checkText(text, DEFAULT_LIMITS);
    return undefined;
  } catch (error) {
    assert(error instanceof ChatError);
    assertEquals(error.details.field, "content");
    return error.code;
  }
}

Deno.test("text: an ordinary one passes, in any script", () => {
  for (const text of ["a", "two\nlines\tand a tab", "Grüße, 世界, שלום 🙂", " ", "\n"]) {
    assertEquals(refusal(text), undefined, text);
  }
});

Deno.test("text: an empty one is bad_text", () => {
  assertEquals(refusal(""), "bad_text");
});

Deno.test("text: every control character but newline and tab is bad_text", () => {
  for (let code = 0; code < 0x100; code++) {
    const isControl = code < 0x20 || (code >= 0x7f && code <= 0x9f);
    const isAllowed = !isControl || code === 0x0a || code === 0x09;
    const text = `a${String.fromCharCode(code)}b`;
    assertEquals(refusal(text), isAllowed ? undefined : "bad_text", `U+${code.toString(16)}`);
  }
});

Deno.test("text: terminal sequences are bad_text, in seven bits and in eight", () => {
  for (const text of ["\x1b[2J", "\x1b]52;c;AAAA\x07", "\x9b2J", "\x90q", "\x1bP", "a\x08b"]) {
    assertEquals(refusal(text), "bad_text", JSON.stringify(text));
  }
});

Deno.test("text: half a surrogate pair is bad_text, a whole one is not", () => {
  for (const text of ["\ud800", "a\udc00", "\ud83d", "\ude00\ud83d", "🙂\ud83d", "\ud83d🙂"]) {
    assertEquals(refusal(text), "bad_text", JSON.stringify(text));
  }
  assertEquals(refusal("\ud83d\ude00"), undefined);
});

Deno.test("text: all 66 noncharacters are bad_text, their neighbours are not", () => {
  const noncharacters = Array.from({ length: 32 }, (_, n) => 0xfdd0 + n);
  for (let plane = 0; plane <= 16; plane++) {
    noncharacters.push(plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff);
  }
  assertEquals(noncharacters.length, 66);
  for (const code of noncharacters) {
    assertEquals(refusal(`a${String.fromCodePoint(code)}b`), "bad_text", code.toString(16));
  }
  for (const code of [0xfdcf, 0xfdf0, 0xfffd, 0x10000, 0x1fffd, 0x20000, 0x10fffd]) {
    assertEquals(refusal(`a${String.fromCodePoint(code)}b`), undefined, code.toString(16));
  }
});

Deno.test("text: private use, tags, variation selectors, joiners and bidi are passed on", () => {
  const passed = [
    "\ue000",
    "\u{e0041}",
    "\ufe0f",
    "\u200d",
    "\u202eevil",
    "\u2066",
    "\u2028",
    "\ufeff",
  ];
  for (const text of passed) assertEquals(refusal(text), undefined, JSON.stringify(text));
  assertEquals(refusal("a" + "\u0301".repeat(1_000)), undefined);
  assertEquals(refusal("👩" + "\u200d👩".repeat(100)), undefined);
});

Deno.test("text: its length is counted in bytes of UTF-8", () => {
  assertEquals(refusal("x".repeat(content)), undefined);
  assertEquals(refusal("x".repeat(content + 1)), "too_long");
  assertEquals(refusal("🙂".repeat(content / 4)), undefined);
  assertEquals(refusal("🙂".repeat(content / 4) + "x"), "too_long");
  assertEquals(refusal("é".repeat(content / 2)), undefined);
  assertEquals(refusal("é".repeat(content / 2 + 1)), "too_long");
});

Deno.test("text: its length as JSON is counted as it will be sent", () => {
  const quotes = (content_encoded - 2) / 2;
  assertEquals(refusal('"'.repeat(quotes)), undefined);
  assertEquals(refusal('"'.repeat(quotes + 1)), "too_long");
  // A line separator is three bytes in a text and six in our JSON.
  const separators = Math.floor((content_encoded - 2) / 6);
  assertEquals(refusal("\u2028".repeat(separators)), undefined);
  assertEquals(refusal("\u2028".repeat(separators + 1)), "too_long");
});

Deno.test("text: at most so many lines", () => {
  assertEquals(refusal("x\n".repeat(content_lines - 1) + "x"), undefined);
  assertEquals(refusal("x\n".repeat(content_lines) + "x"), "too_long");
  assertEquals(refusal("\n".repeat(content_lines)), "too_long");
});

Deno.test("text: the error names the field and what is allowed, and quotes nothing", () => {
  const error = assertThrows(
    () => checkText("secret\x1b[2J", DEFAULT_LIMITS, { field: "topic" }),
    ChatError,
    "U+001B",
  );
  assertEquals(error.details.field, "topic");
  assert(!error.message.includes("secret"));
  const long = assertThrows(() => checkText("x".repeat(content + 1), DEFAULT_LIMITS), ChatError);
  assertMatch(long.message, /at most 32768 bytes/);
  const outside = assertThrows(() => checkText("\u{1ffff}", DEFAULT_LIMITS), ChatError);
  assertMatch(outside.message, /U\+1FFFF/);
});

Deno.test("text: byte lengths are those of the encoder (random)", () => {
  for (let round = 0; round < 300; round++) {
    withRandom((random) => {
      const text = random.text(200);
      const bytes = encoder.encode(text).length;
      assertEquals(byteLength(text), bytes);
      for (const limit of [bytes - 1, bytes, bytes + 1, 3 * bytes]) {
        assertEquals(isLongerThan(text, limit), bytes > limit);
      }
    });
  }
});

Deno.test("text: byte lengths are right for texts longer than the counter's own memory", () => {
  for (const text of ["x".repeat(50_000), "é世🙂".repeat(9_999), "x" + "🙂".repeat(20_000)]) {
    assertEquals(byteLength(text), encoder.encode(text).length);
  }
});

Deno.test("text: whatever passes comes back from JSON and from UTF-8 as it was (random)", () => {
  for (let round = 0; round < 300; round++) {
    withRandom((random) => {
      const text = random.text(100);
      if (hasRefusedCharacters(text)) return;
      const decoded = new TextDecoder().decode(encoder.encode(formatJson(text)));
      assertEquals(JSON.parse(decoded), text);
    });
  }
});

const ACCOUNT_NAMES = ["ab", "Ali", "Arno", "corn", "a1", "r2-d2", "a_b", "x".repeat(32), "A-_-9"];
const NO_ACCOUNT_NAMES = [
  ["", "empty"],
  ["a", "one letter"],
  ["x".repeat(33), "33 letters"],
  ["1ab", "a digit first"],
  ["_ab", "an underscore first"],
  ["-ab", "a hyphen first"],
  ["ab_", "an underscore last"],
  ["ab-", "a hyphen last"],
  ["ab ", "a space last"],
  ["ab.", "a dot last"],
  ["a b", "a space"],
  ["a.b", "a dot"],
  ["ab\n", "a newline last"],
  ["ab\r", "a carriage return"],
  ["a\0b", "NUL"],
  ["ab\u2028", "a line separator"],
  ["ab\u2029", "a paragraph separator"],
  ["ab\u0085", "a next line"],
  ["\u212aate", "the Kelvin sign"],
  ["\u017fam", "a long s"],
  ["\u0430dmin", "a Cyrillic a"],
  ["\u03bfps", "a Greek omicron"],
  ["\uff41da", "a full-width a"],
  ["\u{1d4ea}da", "a mathematical a"],
  ["ad\u0131a", "a dotless i"],
  ["ad\u200ba", "a zero-width space"],
  ["ad\u00ada", "a soft hyphen"],
  ["a\u0301da", "a combining accent"],
  ["\u00e4da", "an umlaut"],
  ["a'--", "SQL"],
  ["a%_b", "wildcards"],
] as const;

Deno.test("names: what an account may be called", () => {
  for (const name of ACCOUNT_NAMES) assert(isAccountName(name), name);
});

for (const [name, what] of NO_ACCOUNT_NAMES) {
  Deno.test(`names: ${what} makes no account's name`, () => {
    assert(!isAccountName(name));
    assert(!isRoomRef("@" + name));
  });
}

Deno.test("names: what a room may be called, from one letter to 64", () => {
  for (const name of ["a", "ops", "db-1", "x".repeat(64), "Room_7"]) assert(isRoomName(name), name);
  const bad = [
    "",
    "7",
    "_",
    "a-",
    "-a",
    "x".repeat(65),
    "a b",
    "lobby\n",
    "ö",
    "@bob",
    "?42",
    "#ops",
  ];
  for (const name of bad) assert(!isRoomName(name), JSON.stringify(name));
});

Deno.test("names: a frame names a room by its name, a person, an inquiry or its notes", () => {
  for (const ref of ["a", "ops", "@bob", "?1", "?42", "?42!"]) assert(isRoomRef(ref), ref);
  const bad = [
    ...["", "@", "@b", "@bob!", "@@bob", "?", "?0", "?042", "?-1", "?4.2", "?42!!", "?x", "?42\n"],
    ...["!42", "#ops", "ops!", "? 42", `?${"9".repeat(16)}`, `@${"x".repeat(33)}`, "@bob\n"],
  ];
  for (const ref of bad) assert(!isRoomRef(ref), JSON.stringify(ref));
});

Deno.test("quote: a short beginning in printable ASCII, whatever is quoted", () => {
  assertEquals(quote("lobby room"), '"lobby room"');
  assertEquals(quote('a"b\\'), '"a\\"b\\\\"');
  assertEquals(
    quote("\x1b[2J\x9b\u202eé🙂\u2028"),
    '"\\u001b[2J\\u009b\\u202e\\u00e9\\ud83d\\ude42\\u2028"',
  );
  assertEquals(quote("x".repeat(33)), `"${"x".repeat(32)}…"`);
  assertMatch(quote("\u{e0041}".repeat(1_000)), /^"[\x20-\x7e]{0,200}…"$/);
});

Deno.test("text: a beginning fits, ends between characters, and is the whole text where that fits", () => {
  assertEquals(beginningOf("short", 100), "short");
  for (
    const text of [
      "a".repeat(500),
      '"'.repeat(500),
      "é".repeat(500),
      "🙂".repeat(500),
      "a" + "🙂é".repeat(300),
      "\u0085".repeat(500),
    ]
  ) {
    for (const most of [100, 101, 102, 103, 104, 105, 106, 107]) {
      const beginning = beginningOf(text, most);
      const bytes = new TextEncoder().encode(formatJson(beginning)).length;
      assert(bytes <= most && bytes > most - 8, `${bytes} of ${most}`);
      assert(beginning.isWellFormed() && text.startsWith(beginning));
    }
  }
});
