import { assertEquals } from "@std/assert";
import { bitString, element, integer, oid, time } from "../../lib/tls/der.ts";

const hex = (bytes: Uint8Array): string => bytes.toHex();

Deno.test("der: lengths below 128 are one byte, longer ones say how many bytes they have", () => {
  assertEquals(hex(element("octetString", new Uint8Array(127)).subarray(0, 2)), "047f");
  assertEquals(hex(element("octetString", new Uint8Array(128)).subarray(0, 3)), "048180");
  assertEquals(hex(element("octetString", new Uint8Array(65_536)).subarray(0, 5)), "0483010000");
});

Deno.test("der: integers are as short as they can be, and never negative", () => {
  assertEquals(hex(integer(Uint8Array.of(0, 0))), "020100");
  assertEquals(hex(integer(Uint8Array.of(0, 0x7f))), "02017f");
  assertEquals(hex(integer(Uint8Array.of(0x80, 1))), "0203008001");
});

Deno.test("der: object identifiers in base 128, bit strings with their unused bits", () => {
  assertEquals(hex(oid("1.2.840.10045.4.3.2")), "06082a8648ce3d040302");
  assertEquals(hex(oid("2.5.29.17")), "0603551d11");
  assertEquals(hex(bitString(Uint8Array.of(0x80), { unusedBits: 7 })), "03020780");
});

Deno.test("der: times have two digits of the year until 2049, then four", () => {
  const text = (ms: number) => new TextDecoder().decode(time(ms).subarray(2));
  assertEquals(text(Date.UTC(2049, 11, 31, 23, 59, 59, 999)), "491231235959Z");
  assertEquals(text(Date.UTC(2050, 0, 1)), "20500101000000Z");
  assertEquals(time(Date.UTC(2050, 0, 1))[0], 0x18);
});
