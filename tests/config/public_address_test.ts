// Which join strings a server gives out.

import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../lib/config/config_error.ts";
import { joinStringOf, parsePublic } from "../../lib/config/tls.ts";

const CODE = "K7QD9FX2TB4M8WZR";
const PIN = "AAAAAAAAAAAAAAAAAAAAAA";

Deno.test("join strings: --public, else the address of the listener, else none", () => {
  let pin = PIN;
  const joinOf = (given: string, hostname: string) =>
    joinStringOf({
      publicAddress: parsePublic(given, { hasTls: true }),
      listening: { hostname, port: 65433 },
      pin: () => pin,
    })(CODE);
  assertEquals(joinOf("", "192.0.2.7"), `parley://192.0.2.7:65433/${CODE}#${PIN}`);
  assertEquals(joinOf("", "0.0.0.0"), undefined);
  assertEquals(joinOf("", "::"), undefined);
  assertEquals(joinOf("chat.example", "0.0.0.0"), `parley://chat.example:65433/${CODE}#${PIN}`);
  pin = "A".repeat(21) + "Q";
  assertEquals(joinOf("[::1]:443", "0.0.0.0"), `parley://[::1]:443/${CODE}#${pin}`);
});

Deno.test("join strings: --public without TLS, or with an address that is none, is refused", () => {
  for (const text of ["0.0.0.0:65433", "[::]", "chat.example:0", "a b"]) {
    assertThrows(() => parsePublic(text, { hasTls: true }), ConfigError, "--public");
  }
  assertThrows(() => parsePublic("chat.example", { hasTls: false }), ConfigError, "--tls-listen");
});
