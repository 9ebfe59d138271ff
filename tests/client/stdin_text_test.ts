import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FileFault } from "../../lib/client/files/file_fault.ts";
import { readStdin, type StdinText } from "../../lib/client/stdin_text.ts";

/** Reads as a pipe gives it: in pieces of at most so many bytes. */
function pipe(bytes: Uint8Array, pieceBytes = 3): Promise<StdinText> {
  let at = 0;
  return readStdin((into) => {
    if (at === bytes.length) return Promise.resolve(null);
    const piece = bytes.subarray(at, at + Math.min(pieceBytes, into.length));
    into.set(piece);
    at += piece.length;
    return Promise.resolve(piece.length);
  });
}

async function text(input: string): Promise<string | undefined> {
  return (await pipe(new TextEncoder().encode(input))).text;
}

Deno.test("stdin: all of it is one text; CRLF becomes LF, one final newline is dropped", async () => {
  assertEquals(await text("one\r\ntwo\n"), "one\ntwo");
  assertEquals(await text("one\n\n"), "one\n");
  assertEquals(await text("one\r\n"), "one");
  assertEquals(await text("one"), "one");
  assertEquals(await text("a\rb"), "a\rb");
  assertEquals(await text(""), "");
  assertEquals(await text("日本語 😀"), "日本語 😀");
});

Deno.test("stdin: bytes that are not UTF-8 are refused, and the error names the first", async () => {
  for (const bad of [[0x61, 0xff], [0xc3], [0x61, 0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
    const { text, fault, bytes } = await pipe(Uint8Array.from(bad));
    assertEquals(text, undefined);
    assertStringIncludes(fault ?? "", `not UTF-8, from byte ${bad[0] === 0x61 ? 1 : 0} on`);
    assertEquals([...bytes], bad);
  }
});

Deno.test("stdin: a replacement character is a character like another", async () => {
  assertEquals(await text("a\ufffdb"), "a\ufffdb");
  const { fault } = await pipe(Uint8Array.of(0xef, 0xbf, 0xbd, 0xff));
  assertStringIncludes(fault ?? "", "from byte 3 on");
});

Deno.test("stdin: a byte order mark at the beginning is no part of the text", async () => {
  assertEquals(await text("\ufeffa"), "a");
  assertEquals(await text("a\ufeffb"), "a\ufeffb");
});

Deno.test("stdin: an endless one is not read to its end", async () => {
  let reads = 0;
  const { text, fault, bytes } = await readStdin((into) => {
    reads++;
    into.fill(0x79);
    return Promise.resolve(into.length);
  });
  assertEquals([text, bytes.length, reads], [undefined, 1024 * 1024, 1]);
  assertStringIncludes(fault ?? "", "longer than 1048576 bytes");
});

Deno.test("stdin: a closed one is empty", async () => {
  const { text } = await readStdin(() => Promise.reject(new Deno.errors.BadResource("closed")));
  assertEquals(text, "");
});

Deno.test("stdin: one that cannot be read is an error for a person", async () => {
  const reading = () => readStdin(() => Promise.reject(new Error("Is a directory (os error 21)")));
  await assertRejects(reading, FileFault, "Cannot read stdin: Is a directory");
});
