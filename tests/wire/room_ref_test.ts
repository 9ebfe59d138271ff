import { assertEquals } from "@std/assert";
import { inquiryOf, inquiryRoom, parseInquiry } from "../../lib/wire/room_ref.ts";

Deno.test("inquiry room: its name and its number are each other's", () => {
  for (const inquiry of [1, 42, 999_999_999_999_999]) {
    assertEquals(inquiryOf(inquiryRoom(inquiry)), inquiry);
  }
});

Deno.test("inquiry room: other rooms are none, and notes are another room", () => {
  for (
    const room of ["ops", "42", "@bob", "?", "?0", "?042", "?4x", "?42!", "?1e3", "?9".repeat(9)]
  ) {
    assertEquals(inquiryOf(room), undefined, room);
  }
});

Deno.test("inquiry room: people write the number with a mark or without", () => {
  assertEquals(["42", "?42", "#42", "??42", ""].map(parseInquiry), [
    42,
    42,
    42,
    undefined,
    undefined,
  ]);
});
