import { assertEquals } from "@std/assert";
import { ObjectSplitter } from "../../lib/legacy/object_splitter.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function splitAll(chunks: readonly Uint8Array[], maxBytes = 1_000): string[] {
  const splitter = new ObjectSplitter(maxBytes);
  return chunks.flatMap((chunk) => splitter.push(chunk)).map((found) =>
    found.kind === "object" ? new TextDecoder().decode(found.bytes) : found.kind
  );
}

Deno.test("objects: are found by brace depth, whatever is in their strings", () => {
  const text = '{"a":{"b":"}{\\"}"}}{"c":"\\\\"} \r\n\t{}';
  assertEquals(splitAll([bytes(text)]), ['{"a":{"b":"}{\\"}"}}', '{"c":"\\\\"}', "{}"]);
});

Deno.test("objects: cut anywhere are the same, garbage is reported once", () => {
  const text = 'xx{"a":"é}"}yy zz{"b":{}}';
  const whole = splitAll([bytes(text)]);
  assertEquals(whole, ["garbage", '{"a":"é}"}', "garbage", '{"b":{}}']);
  const all = bytes(text);
  for (let cut = 0; cut <= all.length; cut++) {
    assertEquals(splitAll([all.slice(0, cut), all.slice(cut)]), whole, `cut at ${cut}`);
  }
  assertEquals(splitAll([...all].map((byte) => new Uint8Array([byte]))), whole);
});

Deno.test("objects: one above the limit is reported once, and the next one is found", () => {
  const long = `{"a":"${"x".repeat(50)}`;
  assertEquals(splitAll([bytes(long), bytes('xxx"}'), bytes("{}")], 40), ["too_large", "{}"]);
});

Deno.test("objects: one that is given up leaves nothing behind", () => {
  const splitter = new ObjectSplitter(1_000);
  splitter.push(bytes('{"a":"'));
  assertEquals(splitter.isOpen, true);
  splitter.drop();
  assertEquals(splitter.isOpen, false);
  assertEquals(splitter.push(bytes("{}")).length, 1);
});
