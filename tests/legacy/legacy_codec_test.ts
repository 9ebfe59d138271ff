import { assertEquals } from "@std/assert";
import { LegacyCodec } from "../../lib/legacy/legacy_codec.ts";

const encoder = new TextEncoder();

function decode(codec: LegacyCodec, ...contents: string[]): unknown[] {
  const objects = contents.map((content) => JSON.stringify({ type: "inquiry", content }));
  const chunk = encoder.encode(objects.join(""));
  const requests = codec.decode(chunk);
  // The buffer belongs to the reader again.
  chunk.fill(0);
  const types: unknown[] = [];
  for (const request of requests) {
    types.push("error" in request ? request.error.code : request.type);
    codec.inquiryRoom = "?1";
  }
  return types;
}

Deno.test("legacy codec: a chunk may be changed once it is decoded, before its requests are taken", () => {
  assertEquals(decode(new LegacyCodec(1_024), "one"), ["inquiry"]);
});

Deno.test("legacy codec: a question goes to the inquiry that the one before it in the chunk opened", () => {
  assertEquals(decode(new LegacyCodec(1_024), "one", "two"), ["inquiry", "message"]);
});
