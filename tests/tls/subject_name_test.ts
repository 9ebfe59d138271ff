import { assertEquals } from "@std/assert";
import { parseSubjectName } from "../../lib/tls/subject_name.ts";

Deno.test("subject names: DNS names in small letters, of any alphabet, with a wildcard in front", () => {
  for (
    const [text, name] of [
      ["chat.example", "chat.example"],
      ["Chat.EXAMPLE", "chat.example"],
      ["localhost", "localhost"],
      ["*.chat.example", "*.chat.example"],
      ["bücher.example", "xn--bcher-kva.example"],
      ["a-1.b2", "a-1.b2"],
    ] as const
  ) assertEquals(parseSubjectName(text), { kind: "dns", text: name });
});

Deno.test("subject names: addresses are 4 or 16 bytes", () => {
  const bytesOf = (text: string) => {
    const name = parseSubjectName(text);
    return name?.kind === "ip" ? name.bytes.toHex() : undefined;
  };
  assertEquals(bytesOf("192.0.2.7"), "c0000207");
  assertEquals(bytesOf("::1"), "00000000000000000000000000000001");
  assertEquals(bytesOf("::"), "00000000000000000000000000000000");
  assertEquals(bytesOf("[2001:db8::7:0]"), "20010db8000000000000000000070000");
  assertEquals(bytesOf("1:2:3:4:5:6:7:8"), "00010002000300040005000600070008");
  assertEquals(bytesOf("::ffff:192.0.2.7"), "00000000000000000000ffffc0000207");
});

Deno.test("subject names: what is neither is none", () => {
  for (
    const text of [
      "",
      ".",
      "chat.example.",
      "chat..example",
      "-a.example",
      "a_b.example",
      "*",
      "*.example",
      "a.*.example",
      "999.1.1.1",
      "1.2.3",
      "chat.example:65432",
      "[chat]",
      "chat example",
      "a/b",
      "ü/b",
      `${"a".repeat(64)}.example`,
      "fe80::1%eth0",
      Array(64).fill("abc").join("."),
    ]
  ) assertEquals(parseSubjectName(text), undefined, text);
});
