import { assert, assertEquals } from "@std/assert";
import { NameRegistry } from "../../../lib/chat/people/name_registry.ts";
import { userId } from "../../../lib/store/records.ts";

Deno.test("names in use: a newcomer cannot take a name that is held, or one that looks like it", () => {
  const names = new NameRegistry();
  assert(names.claim("bob"));
  for (const name of ["bob", "BOB", "b0b"]) assertEquals(names.claim(name), undefined);
});

Deno.test("names in use: a name is nobody's here when the last connection has ended", () => {
  const names = new NameRegistry();
  const first = names.claim("bob");
  first?.bind(userId(7));
  const second = names.enter(userId(7), "bob");
  first?.release();
  first?.release();
  assertEquals(names.claim("bob"), undefined);
  second.release();
  assert(names.claim("bob"));
});

Deno.test("names in use: whose the name is has it, though another bears it for a moment", () => {
  const names = new NameRegistry();
  const impostor = names.claim("ada");
  const owner = names.enter(userId(1), "ada");
  impostor?.release();
  assertEquals([owner.name, names.claim("ada")], ["ada", undefined]);
  assertEquals(names.connectionsOf(userId(1)), 1);
  owner.release();
  assert(names.claim("ada"));
});
