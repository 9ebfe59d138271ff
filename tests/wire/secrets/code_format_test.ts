// Protocol 3.8: what a code looks like, and how people may type it.

import { assertEquals, assertMatch } from "@std/assert";
import { formatCode, parseCode } from "../../../lib/wire/secrets/code_format.ts";

Deno.test("codes: one is 16 letters and digits, and every bit of it counts", () => {
  assertEquals(formatCode(new Uint8Array(10)), "0".repeat(16));
  assertEquals(formatCode(new Uint8Array(10).fill(255)), "Z".repeat(16));
  const seen = new Set<string>();
  for (let bit = 0; bit < 80; bit++) {
    const secret = new Uint8Array(10);
    secret[bit >> 3] = 1 << (bit & 7);
    seen.add(formatCode(secret));
  }
  assertEquals(seen.size, 80);
  assertMatch(formatCode(crypto.getRandomValues(new Uint8Array(10))), /^[0-9A-HJKMNP-TV-Z]{16}$/);
});

Deno.test("codes: case, spaces, dashes, O, I and L do not matter", () => {
  for (
    const typed of [
      "K7QD9FX2TB4M8W01",
      "k7qd9fx2tb4m8w01",
      " K7QD-9FX2 TB4M-8W01 ",
      "k7qd9fx2tb4m8woi",
      "K7QD9FX2TB4M8WOL",
    ]
  ) assertEquals(parseCode(typed), "K7QD9FX2TB4M8W01", typed);
});

Deno.test("codes: what cannot be one is none", () => {
  for (const typed of ["", "K7QD9FX2TB4M8W0", "K7QD9FX2TB4M8W011", "K7QD9FX2TB4M8W0U", "ключ"]) {
    assertEquals(parseCode(typed), undefined, typed);
  }
});
