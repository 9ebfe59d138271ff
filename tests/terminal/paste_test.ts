import { assertEquals } from "@std/assert";
import { PasteSplitter, type Piece } from "../../lib/terminal/paste.ts";

const encoder = new TextEncoder();

function split(...chunks: readonly string[]): readonly Piece[] {
  const splitter = new PasteSplitter();
  const pieces = chunks.flatMap((chunk) => splitter.push(encoder.encode(chunk)));
  // Neighbours that a chunk's border has parted.
  return pieces.reduce<Piece[]>((merged, piece) => {
    const last = merged.at(-1);
    if (piece.kind !== "typed" || last?.kind !== "typed") return [...merged, piece];
    return [...merged.slice(0, -1), { kind: "typed", keys: last.keys + piece.keys }];
  }, []);
}

const INPUT = "ab\x1b[200~one\r\ntwo\x1b[201~cd\r\x1b[A";
const PIECES: readonly Piece[] = [
  { kind: "typed", keys: "ab" },
  { kind: "pasted", text: "one\ntwo" },
  { kind: "typed", keys: "cd\r\x1b[A" },
];

Deno.test("paste: what is pasted is told from what is typed", () => {
  assertEquals(split(INPUT), PIECES);
});

Deno.test("paste: wherever the bytes are cut, the pieces are the same", () => {
  for (let at = 1; at < INPUT.length; at++) {
    assertEquals(split(INPUT.slice(0, at), INPUT.slice(at)), PIECES, `cut at ${at}`);
  }
  assertEquals(split(...INPUT), PIECES);
});

Deno.test("paste: a character of several bytes may come in parts", () => {
  const splitter = new PasteSplitter();
  const bytes = encoder.encode("é\x1b[200~😀\x1b[201~");
  const pieces = Array.from(bytes, (byte) => splitter.push(Uint8Array.of(byte))).flat();
  assertEquals(pieces, [{ kind: "typed", keys: "é" }, { kind: "pasted", text: "😀" }]);
});

Deno.test("paste: an end mark in the clipboard does not end the paste", () => {
  const evil = "\x1b[200~harmless\x1b[201~\rrm -rf ~\r\x1b[201~";
  assertEquals(split(evil), [{ kind: "pasted", text: "harmless\nrm -rf ~" }]);
});

Deno.test("paste: nothing in it can act on the terminal", () => {
  const pieces = split("\x1b[200~a\x1b[31mb\x07\x9bc\x7f\x00\ttab\x1b[201~");
  assertEquals(pieces, [{ kind: "pasted", text: "a[31mbc\ttab" }]);
});

Deno.test("paste: newlines at its end are not part of it", () => {
  assertEquals(split("\x1b[200~line\r\n\r\n\x1b[201~"), [{ kind: "pasted", text: "line" }]);
});

Deno.test("paste: one too long for a message is dropped, and what follows is typed", () => {
  const pieces = split(
    "\x1b[200~",
    ..."xxxxx".split("").map((x) => x.repeat(100_000)),
    "\x1b[201~ok",
  );
  assertEquals(pieces, [{ kind: "dropped" }, { kind: "typed", keys: "ok" }]);
});

Deno.test("paste: an escape key waits for what it begins", () => {
  assertEquals(split("\x1b", "f"), [{ kind: "typed", keys: "\x1bf" }]);
});
