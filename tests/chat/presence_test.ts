import { assertEquals, assertThrows } from "@std/assert";
import { NamesInUse } from "../../lib/chat/presence.ts";
import { ChatError } from "../../lib/wire/errors.ts";

Deno.test("names in use: a newcomer cannot take a name that is held, or one that looks like it", () => {
  const names = new NamesInUse();
  names.claim("bob");
  for (const name of ["bob", "BOB", "b0b"]) {
    assertEquals(assertThrows(() => names.claim(name), ChatError).code, "name_taken");
  }
});

Deno.test("names in use: a guest's name is free when their last connection has ended", () => {
  const names = new NamesInUse();
  const first = names.claim("bob");
  first.settle(7);
  const second = names.enter(7, "bob");
  first.release();
  first.release();
  assertThrows(() => names.claim("bob"), ChatError);
  second.release();
  names.claim("bob");
});

Deno.test("names in use: a returning user whose name is taken gets the next number", () => {
  const names = new NamesInUse();
  names.claim("ada").settle(1);
  assertEquals(names.enter(2, "ada").name, "ada2");
  assertEquals(names.enter(3, "Ada").name, "Ada3");
  assertEquals(names.connectionsOf(2), 1);
});

Deno.test("names in use: a number never makes a name longer than names may be", () => {
  const names = new NamesInUse();
  const long = "a".repeat(32);
  names.claim(long).settle(1);
  assertEquals(names.enter(2, long).name, "a".repeat(31) + "2");
});
