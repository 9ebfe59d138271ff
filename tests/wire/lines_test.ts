import { assert, assertEquals, assertThrows } from "@std/assert";
import { FrameError } from "../../lib/wire/errors.ts";
import { LineSplitter } from "../../lib/wire/lines.ts";
import { type Random, withRandom } from "../support/random.ts";
import { pushChunk, takeLines } from "./stream/take_lines.ts";

const encoder = new TextEncoder();
const MAX = 4096;

/** What a splitter gives for these chunks, errors as their codes. */
function split(chunks: readonly (string | Uint8Array)[], maxBytes = MAX): string[] {
  const lines = new LineSplitter(maxBytes);
  return chunks.flatMap((chunk) => pushChunk(lines, toBytes(chunk))).map(nameErrors);
}

function toBytes(chunk: string | Uint8Array): Uint8Array {
  return typeof chunk === "string" ? encoder.encode(chunk) : chunk;
}

function nameErrors(line: string | FrameError): string {
  return line instanceof FrameError ? `<${line.code}>` : line;
}

function bytes(...parts: readonly (string | number)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...encoder.encode(part)] : [part]),
  );
}

Deno.test("lines: the lines of a chunk come without their newlines, in order", () => {
  assertEquals(split(["one\ntwo\nthree\n"]), ["one", "two", "three"]);
});

Deno.test("lines: an unfinished line waits for its end", () => {
  const lines = new LineSplitter(MAX);
  assertEquals(pushChunk(lines, encoder.encode("one\ntw")), ["one"]);
  assertEquals(pushChunk(lines, encoder.encode("o")), []);
  assertEquals(pushChunk(lines, encoder.encode("\n")), ["two"]);
});

Deno.test("lines: a carriage return before the newline is no part of the line", () => {
  assertEquals(split(["one\r\ntwo\n", "three\r", "\n"]), ["one", "two", "three"]);
});

Deno.test("lines: a carriage return elsewhere is", () => {
  assertEquals(split(["a\rb\n", "c\r\r\n"]), ["a\rb", "c\r"]);
});

Deno.test("lines: nothing but spaces, tabs and carriage returns is an empty line", () => {
  assertEquals(split(["\n\r\n \n\t \r\n\r\r\none\n\n"]), ["one"]);
  assertEquals(split(["\n".repeat(10_000) + "one\n"], 65_536), ["one"]);
});

Deno.test("lines: other white space is none", () => {
  assertEquals(split(["\u00a0\n\u2003\n\u000b\n"]), ["\u00a0", "\u2003", "\u000b"]);
});

Deno.test("lines: spaces around a line are kept", () => {
  assertEquals(split([" {} \n"]), [" {} "]);
});

Deno.test("lines: a byte order mark is not swallowed", () => {
  assertEquals(split(["\ufeff{}\n"]), ["\ufeff{}"]);
});

Deno.test("lines: NUL is a character like others", () => {
  assertEquals(split([bytes("a", 0, "b\n")]), ["a\0b"]);
});

const INVALID_UTF8: readonly (readonly [string, readonly number[]])[] = [
  ["an overlong slash", [0xc0, 0xaf]],
  ["an overlong NUL", [0xc0, 0x80]],
  ["an overlong three-byte form", [0xe0, 0x80, 0xaf]],
  ["a surrogate as CESU-8 writes it", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ["a lone continuation byte", [0x80]],
  ["a sequence cut by the newline", [0xe2, 0x82]],
  ["a four-byte sequence cut by the newline", [0xf0, 0x9f, 0x98]],
  ["a lead byte that means nothing", [0xf5, 0x80, 0x80, 0x80]],
  ["0xff", [0xff]],
  ["UTF-16 with its mark", [0xff, 0xfe, 0x7b, 0x00]],
  ["a gzip header", [0x1f, 0x8b, 0x08, 0x00]],
  ["a zstd header", [0x28, 0xb5, 0x2f, 0xfd]],
  ["a zlib header", [0x78, 0x9c]],
];
for (const [what, bad] of INVALID_UTF8) {
  Deno.test(`lines: ${what} is bad_utf8 and costs only its own line`, () => {
    const chunk = bytes("be", "fore\n", ...bad, "\n", "after é\n");
    assertEquals(split([chunk]), ["before", "<bad_utf8>", "after é"]);
  });
}

Deno.test("lines: two bad lines are two errors, the good ones between them stay whole", () => {
  const chunk = bytes(0xff, "\n", "good\r\n", "\n", 0xfe, "\r\n", "end\n");
  assertEquals(split([chunk]), ["<bad_utf8>", "good", "<bad_utf8>", "end"]);
});

Deno.test("lines: a line of exactly the limit, newline included, passes; one byte more does not", () => {
  const line = "x".repeat(MAX - 1);
  assertEquals(split([line + "\n"]), [line]);
  assertEquals(split([line + "x\n"]), ["<frame_too_large>"]);
  assertEquals(split([line.slice(1) + "\r\n"]), [line.slice(1)]);
  assertEquals(split([line + "\r\n"]), ["<frame_too_large>"]);
});

Deno.test("lines: the limit counts bytes, not characters", () => {
  const line = "é".repeat(MAX / 2 - 1);
  assertEquals(split([line + "x\n"]), [line + "x"]);
  assertEquals(split([line + "é\n"]), ["<frame_too_large>"]);
  const line4 = "🙂".repeat(MAX / 4 - 1);
  assertEquals(split(["first\n", line4 + "xyz\n"]), ["first", line4 + "xyz"]);
  assertEquals(split(["first\n", line4 + "🙂\n"]), ["first", "<frame_too_large>"]);
});

Deno.test("lines: the limit holds before the newline comes", () => {
  assertEquals(split(["x".repeat(MAX - 1)]), []);
  assertEquals(split(["x".repeat(MAX)]), ["<frame_too_large>"]);
  assertEquals(split(["x".repeat(2 * MAX)]), ["<frame_too_large>"]);
});

Deno.test("lines: lines before one that is too long are given, nothing after it is", () => {
  const long = "x".repeat(MAX);
  assertEquals(split([`one\n${long}\nthree\n`, "four\n"]), ["one", "<frame_too_large>"]);
  assertEquals(split(["one\n", long, "x\nthree\n"]), ["one", "<frame_too_large>"]);
});

Deno.test("lines: a line that is too long is that first, whatever its bytes", () => {
  const chunk = bytes("x".repeat(MAX), 0xff, "\nafter\n");
  assertEquals(split([chunk]), ["<frame_too_large>"]);
  assertEquals(split([bytes(0xff, "\n", "x".repeat(MAX), "\n")]), [
    "<bad_utf8>",
    "<frame_too_large>",
  ]);
});

Deno.test("lines: 10 MiB without a newline are refused at the limit and never kept", () => {
  const size = 65_536;
  const lines = new LineSplitter(size);
  const chunk = new Uint8Array(size).fill(0x78);
  const codes: string[] = [];
  const touched = countTouched(() => {
    for (let sent = 0; sent < 10 * 1024 * 1024; sent += size) {
      codes.push(...pushChunk(lines, chunk).map(nameErrors));
    }
  });
  assertEquals(codes, ["<frame_too_large>"]);
  assert(touched <= 2 * size, `${touched} bytes touched`);
});

Deno.test("lines: a limit raised while a chunk is taken counts for the rest of the chunk", () => {
  const long = "x".repeat(8 * 1024);
  const lines = new LineSplitter(MAX);
  lines.add(encoder.encode(`hello\n${long}\n${long}`));
  assertEquals(lines.next(), "hello");
  lines.maxBytes = 65_536;
  assertEquals(lines.next(), long);
  assertEquals(lines.next(), undefined);
  assertEquals(pushChunk(lines, encoder.encode("\n")), [long]);
});

Deno.test("lines: without a raise the same chunk is refused after its first line", () => {
  assertEquals(split([`hello\n${"x".repeat(8 * 1024)}\n`]), ["hello", "<frame_too_large>"]);
  assertEquals(split([`hello\n${"x".repeat(8 * 1024)}`]), ["hello", "<frame_too_large>"]);
});

Deno.test("lines: a limit changed between chunks counts for what is already kept", () => {
  const raised = new LineSplitter(10);
  pushChunk(raised, encoder.encode("x".repeat(9)));
  raised.maxBytes = 20;
  assertEquals(pushChunk(raised, encoder.encode("y".repeat(10) + "\n")), [
    "x".repeat(9) + "y".repeat(10),
  ]);
  const lowered = new LineSplitter(20);
  pushChunk(lowered, encoder.encode("x".repeat(15)));
  lowered.maxBytes = 10;
  assertEquals(pushChunk(lowered, new Uint8Array(0)).map(nameErrors), ["<frame_too_large>"]);
});

Deno.test("lines: a chunk may be overwritten as soon as it was added", () => {
  for (const text of ["one\ntwo\nthr", "é\nhalf é"]) {
    const chunk = encoder.encode(text);
    const lines = new LineSplitter(MAX);
    lines.add(chunk);
    chunk.fill(0x3f);
    assertEquals(
      [...takeLines(lines), ...pushChunk(lines, encoder.encode("\n"))],
      text.split("\n"),
    );
  }
  const bad = bytes(0xff, "\ngood\nrest");
  const lines = new LineSplitter(MAX);
  lines.add(bad);
  bad.fill(0x3f);
  const taken = [...takeLines(lines), ...pushChunk(lines, encoder.encode("\n"))].map(nameErrors);
  assertEquals(taken, ["<bad_utf8>", "good", "rest"]);
});

Deno.test("lines: adding a chunk while lines of the last one are left is a mistake and says so", () => {
  for (const chunk of [bytes("one\ntwo\n"), bytes("one\n", 0xff, "\n")]) {
    const lines = new LineSplitter(MAX);
    lines.add(chunk);
    assertEquals(lines.next(), "one");
    assertThrows(() => lines.add(bytes("three\n")), Error, "take them before");
  }
});

Deno.test("lines: 1,000 lines in one chunk keep their order", () => {
  const all = Array.from({ length: 1_000 }, (_, n) => `{"n":${n}}`);
  assertEquals(split([all.join("\n") + "\n"], 65_536), all);
});

const MIXED = bytes(
  '{"a":"é🙂"}\r\n',
  "\n",
  0xff,
  0xfe,
  "\n",
  "  \n",
  '{"b":"\\u2028世"}\n',
  "x\ny\n",
);
const MIXED_LINES = ['{"a":"é🙂"}', "<bad_utf8>", '{"b":"\\u2028世"}', "x", "y"];

Deno.test("lines: splitting at any byte gives the same lines", () => {
  for (let at = 0; at <= MIXED.length; at++) {
    assertEquals(split([MIXED.subarray(0, at), MIXED.subarray(at)]), MIXED_LINES, `at ${at}`);
  }
});

Deno.test("lines: byte by byte gives the same lines", () => {
  assertEquals(split(Array.from(MIXED, (byte) => Uint8Array.of(byte))), MIXED_LINES);
});

function randomInput(random: Random): Uint8Array {
  const parts: (string | number)[] = [];
  for (let count = random.below(40); count > 0; count--) {
    const end = random.pick(["\n", "\r\n", "\n\n", " \n"]);
    if (random.below(8) === 0) parts.push(0x80 + random.below(0x80));
    parts.push(random.text(30).replaceAll("\n", ""), end);
  }
  return bytes(...parts);
}

function cutAnywhere(input: Uint8Array, random: Random): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const end = at + 1 + random.below(random.pick([1, 3, 20, 200]));
    pieces.push(input.slice(at, end));
    at = end;
  }
  return pieces;
}

Deno.test("lines: however it is cut, an input gives the same lines (random)", () => {
  for (let round = 0; round < 300; round++) {
    withRandom((random) => {
      const input = randomInput(random);
      const limit = random.pick([40, 80, 65_536]);
      assertEquals(split(cutAnywhere(input, random), limit), split([input], limit));
    });
  }
});

Deno.test("lines: 64 KiB that drip in byte by byte cost a few looks at each byte, no more", () => {
  const size = 65_536;
  const touched = countTouched(() => {
    const lines = new LineSplitter(size);
    const x = Uint8Array.of(0x78);
    for (let at = 0; at < size - 1; at++) assertEquals(pushChunk(lines, x).length, 0);
    const [line] = pushChunk(lines, Uint8Array.of(0x0a));
    assertEquals(typeof line === "string" ? line.length : line, size - 1);
  });
  // Searched once as bytes and once as text, copied once in, at most twice more while the buffer
  // doubles, decoded once.
  assert(touched >= 2 * size && touched <= 7 * size, `${touched} bytes touched`);
});

/** How many bytes, and characters of strings, are searched, copied and decoded while `work` runs. */
function countTouched(work: () => void): number {
  let touched = 0;
  const prototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const { set, lastIndexOf, indexOf } = prototype;
  const { decode } = TextDecoder.prototype;
  const { indexOf: find, lastIndexOf: findLast } = String.prototype;
  prototype.set = function (this: Uint8Array, ...args: Parameters<typeof set>): void {
    touched += args[0].length;
    set.apply(this, args);
  };
  prototype.lastIndexOf = function (this: Uint8Array, byte: number): number {
    touched += this.length;
    return lastIndexOf.call(this, byte);
  };
  prototype.indexOf = function (this: Uint8Array, ...args: [number, number?]): number {
    touched += this.length - (args[1] ?? 0);
    return indexOf.apply(this, args);
  };
  TextDecoder.prototype.decode = function (this: TextDecoder, input?: Uint8Array): string {
    touched += input?.length ?? 0;
    return decode.call(this, input);
  } as typeof decode;
  String.prototype.indexOf = function (this: string, ...args: [string, number?]): number {
    touched += this.length - (args[1] ?? 0);
    return find.apply(this, args);
  };
  String.prototype.lastIndexOf = function (this: string, ...args: [string, number?]): number {
    touched += this.length;
    return findLast.apply(this, args);
  };
  try {
    work();
  } finally {
    Object.assign(prototype, { set, lastIndexOf, indexOf });
    Object.assign(String.prototype, { indexOf: find, lastIndexOf: findLast });
    TextDecoder.prototype.decode = decode;
  }
  return touched;
}
