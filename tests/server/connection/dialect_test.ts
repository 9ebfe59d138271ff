// Protocol §1: the first object decides.

import { assertEquals } from "@std/assert";
import { decideDialect, readDialect } from "../../../lib/server/connection/dialect.ts";
import { memoryStreams } from "../../../lib/wire/stream/memory_stream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const kindOf = (text: string | Uint8Array) =>
  decideDialect(typeof text === "string" ? bytes(text) : text)?.kind;

const CASES: readonly [string, string | Uint8Array, string | undefined][] = [
  ["a hello", '{"type":"hello","version":1}\n', "v1"],
  ["a message with a room", '{"type":"message","room":"lobby","content":"x"}', "v1"],
  ["a bare message", '{"type":"message","content":"x"}', "legacy"],
  ["a bare inquiry with a newline behind it", '{"type":"inquiry","content":"x"}\n', "legacy"],
  [
    "a bare message whose braces are in a string",
    '{"type":"message","content":"}{\\"}"}',
    "legacy",
  ],
  ["a bare message with another key", '{"type":"message","content":"x","id":1}', "v1"],
  ["a bare message after empty lines", '\r\n\n{"type":"message","content":"x"}', "legacy"],
  ["an object cut by a newline", '{"type":"message",\n"content":"x"}', "v1"],
  ["an object that is not whole", '{"type":"message","content":"x"', undefined],
  ["no JSON at all", "hello\n", "v1"],
  ["a Redis command", "*1\r\n$4\r\nPING\r\n", "v1"],
  ["nothing but an empty line", "\n", undefined],
  ["an HTTP request", "GET / HTTP/1.1\r\n", "foreign"],
  ["the beginning of an HTTP verb", "GE", undefined],
  ["a word that begins like a verb", "GEORGE\n", "v1"],
  ["a request line of any method", "FOO / HTTP/1.1\r\n", "foreign"],
  ["a request line that has not come whole", "FOO ", undefined],
  ["a request line as far as its target", "FOO /", "foreign"],
  ["a string that is a request line", '"GET / HTTP/1.1"\n', "v1"],
  ["a word that has not come whole", "hel", undefined],
  ["an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n", "foreign"],
  ["a TLS ClientHello", new Uint8Array([0x16, 3, 1, 2]), "foreign"],
  ["a UTF-8 byte order mark", new Uint8Array([0xef, 0xbb, 0xbf, 0x7b]), "foreign"],
  ["a byte that is no text", new Uint8Array([0xff, 0x0a]), "v1"],
];

for (const [what, sent, kind] of CASES) {
  Deno.test(`dialect: ${what} is ${kind ?? "not decided yet"}`, () => {
    assertEquals(kindOf(sent), kind);
  });
}

Deno.test("dialect: however the first object is cut up, the answer and the bytes are the same", async () => {
  const text = '{"type":"message","content":"ä}"}rest';
  for (let cut = 1; cut < bytes(text).length; cut++) {
    const [near, far] = memoryStreams();
    const decided = readDialect(far, { maxBytes: 4096, onBytes: () => {} });
    await near.write(bytes(text).slice(0, cut));
    await near.write(bytes(text).slice(cut));
    const dialect = await decided;
    assertEquals(dialect.kind, "legacy", `cut at ${cut}`);
    near.close();
    far.close();
  }
});

Deno.test("dialect: a peer that leaves without a word is gone", async () => {
  const [near, far] = memoryStreams();
  const decided = readDialect(far, { maxBytes: 4096, onBytes: () => {} });
  await near.closeWrite();
  assertEquals((await decided).kind, "gone");
  near.close();
  far.close();
});
