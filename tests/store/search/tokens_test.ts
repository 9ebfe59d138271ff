// The tokenizer of the search: what is one word, and which terms a text contains.

import { assertEquals, assertMatch } from "@std/assert";
import {
  containsTerm,
  termTokens,
  textTokens,
  textWords,
} from "../../../lib/store/search/tokens.ts";
import { Random } from "../../support/random.ts";

Deno.test("tokens: a term is found whatever its case, marks, width and separators", () => {
  const found: readonly (readonly [text: string, term: string])[] = [
    ["Disk FULL on db-4", "disk full"],
    ["Straße", "STRASSE"],
    ["café", "CAFE"],
    ["ﬁn de ½ jour", "fin de 1 2"],
    ["ΣΑΣ", "σας"],
    ["the", "the"],
    ["x", "x"],
    ["磁盘满了", "磁盘"],
    ["磁盘满了", "盘"],
    ["磁盘满了", "了"],
    ["我的磁盘满了吗", "磁盘满了"],
    ["磁盘 full", "磁盘 full"],
    ["ｶﾀｶﾅ", "カタカナ"],
    ["ประชุมเรื่องเซิร์ฟเวอร์", "เซิร์ฟเวอร์"],
    ["שָׁלוֹם", "שלום"],
    ["a".repeat(200), "a".repeat(200)],
    ["db3", "DB3"],
  ];
  for (const [text, term] of found) {
    assertEquals(containsTerm(text, term), true, `${text}: ${term}`);
  }
});

Deno.test("tokens: a term is not found in the middle of a word, or in another order", () => {
  const missing: readonly (readonly [text: string, term: string])[] = [
    ["deployment", "deploy"],
    ["full disk", "disk full"],
    ["disk is full", "disk full"],
    ["磁 盘", "磁盘"],
    ["盘磁", "磁盘"],
    ["db34", "db3"],
    ["hello", "…"],
  ];
  for (const [text, term] of missing) {
    assertEquals(containsTerm(text, term), false, `${text}: ${term}`);
  }
});

Deno.test("tokens: whatever the text, they are words of ASCII that every index keeps", () => {
  const random = new Random(7);
  for (let round = 0; round < 2_000; round++) {
    const text = String.fromCodePoint(
      ...Array.from({ length: 40 }, () => random.below(random.chance(0.5) ? 0x250 : 0x10000))
        .filter((point) => point < 0xd800 || point > 0xdfff),
    );
    for (const token of textTokens(text)) assertMatch(token, /^[a-z0-9]{3,80}$/);
    const ascii = text.replaceAll(/[^\x20-\x7e]/g, "x".repeat(random.below(3)));
    for (const one of [text, ascii]) assertEquals(textWords(one), textTokens(one).join(" "));
    const { tokens } = termTokens(text);
    if (tokens.length > 0) assertEquals(containsTerm(text, text), true, JSON.stringify(text));
  }
});

Deno.test("tokens: a long word is cut the same way in a text and in a term", () => {
  for (const length of [77, 78, 79, 80, 81, 200]) {
    const text = `a ${"b".repeat(length)} c`;
    assertEquals(textWords(text), textTokens(text).join(" "));
  }
});
