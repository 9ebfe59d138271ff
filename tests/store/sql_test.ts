// The parts of statements, and reading columns as what they must be.

import { assertEquals, assertThrows } from "@std/assert";
import { integer, optionalInteger, optionalText, text } from "../../lib/store/column_readers.ts";
import {
  isSqlError,
  limitTo,
  padToPowerOfTwo,
  placeholders,
  SqlError,
} from "../../lib/store/sql.ts";

Deno.test("sql: a limit is a number of rows and nothing else", () => {
  assertEquals(limitTo(50), " LIMIT 50");
  for (const bad of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => limitTo(bad), RangeError, undefined, `${bad}`);
  }
});

Deno.test("sql: there is a place for each parameter", () => {
  assertEquals([placeholders(1), placeholders(3)], ["?", "?, ?, ?"]);
});

Deno.test("sql: values are padded with the last one to a power of two", () => {
  assertEquals([[], [7], [1, 2, 3], [1, 2, 3, 4]].map(padToPowerOfTwo), [
    [],
    [7],
    [1, 2, 3, 3],
    [1, 2, 3, 4],
  ]);
  for (let length = 1; length <= 300; length++) {
    const padded = padToPowerOfTwo(Array.from({ length }, (_, n) => n));
    assertEquals(padded.length.toString(2).replaceAll("0", ""), "1", `${length}`);
    assertEquals(padded.length < 2 * length, true);
  }
});

Deno.test("sql: a fault tells its caller what to answer", () => {
  assertEquals(new SqlError("full", "", 13).code, "storage_full");
  assertEquals(new SqlError("lost", "", 0).code, "unavailable");
  assertEquals(isSqlError(new SqlError("lost", "", 0), "lost"), true);
  assertEquals(isSqlError(new SqlError("lost", "", 0), "full"), false);
  assertEquals(isSqlError(new Error("lost"), "lost"), false);
});

Deno.test("columns: an integer is exact or refused", () => {
  assertEquals(integer({ n: 5 }, "n"), 5);
  for (const n of ["5", 1.5, null, 2 ** 53, new Uint8Array([5])]) {
    assertThrows(() => integer({ n }, "n"), TypeError);
  }
  assertThrows(() => integer({}, "n"), TypeError);
  assertEquals(optionalInteger({ n: null }, "n"), undefined);
  assertThrows(() => optionalInteger({}, "n"), TypeError);
});

Deno.test("columns: text comes from text and from bytes, unchanged", () => {
  const bytes = new TextEncoder().encode("\ufeffß😀");
  assertEquals(text({ t: "ß" }, "t"), "ß");
  assertEquals(text({ t: bytes }, "t"), "\ufeffß😀");
  assertThrows(() => text({ t: new Uint8Array([0xff]) }, "t"), TypeError);
  for (const t of [5, null]) assertThrows(() => text({ t }, "t"), TypeError);
  assertEquals(optionalText({ t: null }, "t"), undefined);
});
