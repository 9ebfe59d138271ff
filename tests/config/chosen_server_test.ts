// By what the client knows a server: the options, what was kept, and which of them counts.

import { assertEquals, assertThrows } from "@std/assert";
import { completeTrust, formatServer, parseServer } from "../../lib/config/link/chosen_server.ts";
import { ConfigError } from "../../lib/config/config_error.ts";

const [GIVEN, KEPT] = ["A".repeat(22), "B".repeat(21) + "A"];
const PEM = "-----BEGIN CERTIFICATE-----\n…\n";
const FILES: Readonly<Record<string, string>> = {
  "/c/ca.pem": PEM,
  "/c/key.pem": "-----BEGIN PRIVATE KEY-----",
};
const sources = { configDirectory: "/c", findFile: (path: string) => FILES[path] };

function trustOf(
  text: string,
  { caPath, keptPin }: { readonly caPath?: string; readonly keptPin?: string } = {},
): unknown {
  const server = parseServer(text, "--server", { isTls: false });
  return completeTrust(server, { keptPin, caPath, sources }).tls;
}

Deno.test("chosen server: a pin that is given counts, else one that was kept, else the authority", () => {
  assertEquals(trustOf(`parley://kept.example#${GIVEN}`), { pin: GIVEN });
  assertEquals(trustOf(`parley://kept.example#${GIVEN}`, { keptPin: KEPT }), { pin: GIVEN });
  const caPath = "/c/ca.pem";
  assertEquals(trustOf("parley://KEPT.example", { keptPin: KEPT, caPath }), { pin: KEPT });
  assertEquals(trustOf("parley://new.example"), {});
  assertEquals(trustOf("parley://new.example", { caPath }), { authority: PEM });
  assertEquals(trustOf("kept.example:65433"), undefined);
});

Deno.test("chosen server: what cannot be used is refused, and never leaves the server unchecked", () => {
  const refuse = (...[text, caPath]: [string, string?]) =>
    assertThrows(() => trustOf(text, { caPath }), ConfigError).exitCode;
  assertEquals(refuse("parley://new.example", "/c/none.pem"), 78);
  assertEquals(refuse("parley://new.example", "/c/key.pem"), 78);
  assertEquals(refuse("new.example", "/c/ca.pem"), 64);
  assertEquals(refuse(`parley://new.example#${GIVEN}`, "/c/ca.pem"), 64);
  assertEquals(refuse("parley://new.example/K7QD9FX2TB4M8WZR"), 64);
  assertEquals(refuse(`parley://new.example#${GIVEN.slice(1)}`), 64);
});

Deno.test("chosen server: tokens are filed by way, host, port and key", () => {
  const texts = [
    "one.example:65433",
    "parley://one.example",
    "parley://one.example:443",
    `parley://one.example#${GIVEN}`,
    `parley://one.example#${KEPT}`,
  ].map((text) => formatServer(parseServer(text, "--server", { isTls: false })));
  assertEquals(new Set(texts).size, texts.length);
  const upgraded = parseServer("One.example", "--server", { isTls: true });
  assertEquals(formatServer(upgraded), texts[1]);
});

Deno.test("chosen server: by TLS a host has one form, however it is written", () => {
  for (
    const [given, kept] of [
      ["[0:0::1]:1234", "parley://[::1]:1234"],
      ["[FD00::0001]", "parley://[fd00::1]"],
      ["127.1", "parley://127.0.0.1"],
      ["Bücher.example", "parley://xn--bcher-kva.example"],
    ] as const
  ) {
    const server = parseServer(given, "--server", { isTls: true });
    assertEquals(server.address, parseServer(kept, "--server", { isTls: false }).address);
  }
});
