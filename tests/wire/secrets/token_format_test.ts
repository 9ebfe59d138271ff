// Protocol 3.5: what a token looks like, and that one that was not copied whole is known as such.

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  formatToken,
  isDamagedToken,
  isTokenText,
} from "../../../lib/wire/secrets/token_format.ts";

const TOKEN = formatToken(new Uint8Array(32).fill(7));

Deno.test("tokens: one is ply_, 43 characters and a checksum of 6, always the same for the same bytes", () => {
  assertEquals(TOKEN, "ply_1fJjkkpe9PiTw9KSulA8Ghct30vZz4HpdQ5c5b9cPF1424EEv");
  for (const byte of [0, 255]) {
    assertMatch(formatToken(new Uint8Array(32).fill(byte)), /^ply_[0-9A-Za-z]{49}$/);
  }
});

Deno.test("tokens: a letter that is wrong or missing anywhere is noticed", () => {
  assert(isTokenText(TOKEN));
  for (let at = 4; at < TOKEN.length; at++) {
    const wrong = TOKEN.slice(0, at) + (TOKEN[at] === "x" ? "y" : "x") + TOKEN.slice(at + 1);
    assert(isDamagedToken(wrong), wrong);
    assert(isDamagedToken(TOKEN.slice(0, at)) || at === 43, String(at));
  }
  assert(isDamagedToken(`${TOKEN}0`));
});

Deno.test("tokens: those of earlier versions are valid, also one that begins with ply_", () => {
  for (const token of ["a".repeat(43), `ply_${"a".repeat(39)}`, "A-_9".repeat(10) + "abc"]) {
    assert(isTokenText(token));
    assert(!isDamagedToken(token));
  }
  for (const text of ["", "keeper", "a".repeat(42)]) {
    assert(!isTokenText(text));
    assert(!isDamagedToken(text));
  }
});
