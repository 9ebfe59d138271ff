import { assertEquals } from "@std/assert";
import { formatNetwork, parseAddress, parseNetwork } from "../../../lib/wire/requests/network.ts";

const written = (text: string): string | undefined => {
  const network = parseNetwork(text);
  return network && formatNetwork(network);
};

Deno.test("networks: one has one written form, and an address is one of its own", () => {
  const forms: Readonly<Record<string, string>> = {
    "192.0.2.7": "192.0.2.7/32",
    "192.0.2.7/24": "192.0.2.0/24",
    "10.200.3.4/9": "10.128.0.0/9",
    "0.0.0.0/0": "0.0.0.0/0",
    "255.255.255.255/31": "255.255.255.254/31",
    "2001:DB8:0:0::7/32": "2001:db8::/32",
    "2001:db8::7": "2001:db8::7/128",
    "::/0": "::/0",
    "::1": "::1/128",
    "fe80::1:2:3:4/61": "fe80::/61",
    "2001:db8:0:ffff::/52": "2001:db8:0:f000::/52",
    "1:2:3:4:5:6:7:8/127": "1:2:3:4:5:6:7:8/127",
    "::ffff:192.0.2.7": "192.0.2.7/32",
    "::ffff:192.0.2.7/120": "192.0.2.0/24",
    "::FFFF:192.0.2.7/96": "0.0.0.0/0",
  };
  for (const [text, form] of Object.entries(forms)) assertEquals(written(text), form, text);
});

Deno.test("networks: what is none is refused", () => {
  const texts = ["", "/", "10.0.0", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/ 8"];
  texts.push(
    "2001:db8::/129",
    "2001:db8",
    ":::",
    "1::2::3",
    "::ffff:300.0.0.1",
    "host",
    "10.0.0.0/8/8",
  );
  texts.push("fe80::1%eth0", "0x0a.0.0.1", "010.0.0.1", "[::1]", "10.0.0.0/8 ", "x".repeat(10_000));
  for (const text of texts) assertEquals(written(text), undefined, text.slice(0, 50));
});

Deno.test("networks: an address of IPv4 is the same written as IPv6", () => {
  assertEquals(parseAddress("::ffff:192.0.2.7"), [0xc000, 0x0207]);
  assertEquals(parseAddress("192.0.2.7"), [0xc000, 0x0207]);
  assertEquals(parseAddress("2001:db8::7"), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 7]);
  for (const text of ["this process", "", "fe80::1%eth0", "::ffff:300.1.1.1"]) {
    assertEquals(parseAddress(text), undefined, text);
  }
});
