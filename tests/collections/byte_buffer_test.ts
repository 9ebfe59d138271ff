import { assertEquals } from "@std/assert";
import { ByteBuffer } from "../../lib/collections/byte_buffer.ts";

Deno.test("byte buffer: pieces of any size are one", () => {
  const buffer = new ByteBuffer();
  const expected: number[] = [];
  for (let size = 0; size < 100; size++) {
    const piece = Uint8Array.from({ length: size }, (_, at) => (size + at) % 256);
    buffer.append(piece);
    expected.push(...piece);
    piece.fill(0);
  }
  assertEquals([...buffer.bytes], expected);
  assertEquals(buffer.length, expected.length);
});

Deno.test("byte buffer: is empty after a clear, and takes bytes again", () => {
  for (const keptBytes of [0, 1_024]) {
    const buffer = new ByteBuffer();
    buffer.append(Uint8Array.of(1, 2, 3));
    const { buffer: memory } = buffer.bytes;
    buffer.clear(keptBytes);
    assertEquals([buffer.length, buffer.bytes.length], [0, 0]);
    buffer.append(Uint8Array.of(4));
    assertEquals([...buffer.bytes], [4]);
    assertEquals(buffer.bytes.buffer === memory, keptBytes > 0, "memory that was to be given back");
  }
});
