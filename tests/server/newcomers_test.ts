import { assertEquals } from "@std/assert";
import { type Newcomer, Newcomers } from "../../lib/server/newcomers.ts";

function newcomer(address: string): Newcomer & { isBeingAnswered: boolean } {
  return { address, isBeingAnswered: false };
}

Deno.test("newcomers: the one without progress for the longest time makes room", () => {
  const newcomers = new Newcomers();
  assertEquals(newcomers.findStalled(), undefined);
  const [first, second, third] = [newcomer("::1"), newcomer("::1"), newcomer("::1")];
  for (const one of [first, second, third]) newcomers.add(one);
  assertEquals(newcomers.findStalled() === first, true);
  newcomers.noteProgress(first);
  assertEquals(newcomers.findStalled() === second, true);
  newcomers.delete(second);
  newcomers.delete(second);
  assertEquals([newcomers.size, newcomers.findStalled() === third], [2, true]);
  newcomers.delete(third);
  assertEquals(newcomers.findStalled() === first, true);
});

Deno.test("newcomers: an address with the most of them loses one first, an IPv6 network as one", () => {
  const newcomers = new Newcomers();
  const early = newcomer("192.0.2.1");
  newcomers.add(early);
  const flood = [1, 2, 3].map((n) => newcomer(`2001:db8::${n}`));
  for (const one of flood) newcomers.add(one);
  for (const one of flood.slice(0, 2)) {
    assertEquals(newcomers.findStalled() === one, true);
    newcomers.delete(one);
  }
  // One each: whose was there first.
  newcomers.add(newcomer("192.0.2.2"));
  assertEquals(newcomers.findStalled() === early, true);
});

Deno.test("newcomers: one that waits for its own login is spared, at whichever address", () => {
  const newcomers = new Newcomers();
  const [first, second] = [newcomer("192.0.2.1"), newcomer("192.0.2.1")];
  const other = newcomer("192.0.2.2");
  for (const one of [first, second, other]) newcomers.add(one);
  first.isBeingAnswered = true;
  assertEquals(newcomers.findStalled() === second, true);
  second.isBeingAnswered = true;
  assertEquals(newcomers.findStalled() === other, true);
  other.isBeingAnswered = true;
  assertEquals(newcomers.findStalled(), undefined);
});
