import { assertEquals } from "@std/assert";
import type { Notice, Sighting } from "../../lib/chat/bus.ts";
import { Sightings } from "../../lib/chat/sightings.ts";

const FROM = { from: "server1", now: 0 };

function sighting(user: number, name: string, more: Partial<Sighting> = {}): Sighting {
  return { user, name, connections: 1, rooms: [], ...more };
}

/** What a server says first: all of its people. */
function everyone(
  version: number,
  people: readonly Sighting[],
): Extract<Notice, { type: "everyone" }> {
  return { type: "everyone", version, part: 0, parts: 1, people };
}

Deno.test("sightings: changes count only on top of a whole list, one after the other", () => {
  const sightings = new Sightings();
  const change = (version: number, ...people: Sighting[]) =>
    sightings.hear({ type: "people", version, people }, FROM);
  assertEquals(change(4, sighting(1, "ada")), true);
  assertEquals(sightings.connectionsOf(1), 0);
  assertEquals(sightings.hear(everyone(4, [sighting(1, "ada")]), FROM), false);
  assertEquals(change(5, sighting(2, "bob", { connections: 3 })), false);
  assertEquals([sightings.connectionsOf(1), sightings.connectionsOf(2)], [1, 3]);
  assertEquals(change(7, sighting(1, "ada", { connections: 0 })), true);
  assertEquals(sightings.connectionsOf(1), 1);
});

Deno.test("sightings: a pulse shows that something was missed", () => {
  const sightings = new Sightings();
  const pulse = (version: number) => sightings.hear({ type: "pulse", version }, FROM);
  assertEquals(pulse(0), true);
  sightings.hear(everyone(3, []), FROM);
  assertEquals([pulse(3), pulse(4)], [false, true]);
});

Deno.test("sightings: a list counts when all of its parts have come in their order", () => {
  const sightings = new Sightings();
  const part = (at: number, ...people: Sighting[]) =>
    sightings.hear({ type: "everyone", version: 1, part: at, parts: 3, people }, FROM);
  part(0, sighting(1, "ada"));
  assertEquals(part(2, sighting(3, "eve")), true);
  assertEquals(sightings.connectionsOf(1), 0);
  part(0, sighting(1, "ada"));
  part(1, sighting(2, "bob"));
  assertEquals(part(2, sighting(3, "eve")), false);
  assertEquals([1, 2, 3].map((user) => sightings.connectionsOf(user)), [1, 1, 1]);
});

Deno.test("sightings: a name is held by others, in every form that looks like it", () => {
  const sightings = new Sightings();
  sightings.hear(everyone(0, [sighting(1, "bob")]), FROM);
  sightings.hear(everyone(0, [sighting(1, "bob")]), { from: "server2", now: 0 });
  assertEquals(["bob", "BOB", "b0b", "eve"].map((name) => sightings.isNameHeld(name)), [
    true,
    true,
    true,
    false,
  ]);
  assertEquals([sightings.isNameHeld("bob", 1), sightings.isNameHeld("bob", 2)], [false, true]);
  sightings.hear({ type: "leaving" }, FROM);
  assertEquals(sightings.isNameHeld("bob"), true);
  sightings.hear({ type: "leaving" }, { from: "server2", now: 0 });
  assertEquals(sightings.isNameHeld("bob"), false);
});

Deno.test("sightings: a server that has been silent too long is forgotten with its people", () => {
  const sightings = new Sightings();
  sightings.hear(everyone(0, [sighting(1, "ada", { rooms: [7] })]), { from: "server1", now: 10 });
  sightings.hear(everyone(0, [sighting(2, "bob")]), { from: "server2", now: 20 });
  assertEquals([sightings.isHere(7, 1), sightings.isHere(8, 1)], [true, false]);
  sightings.forgetSilentSince(11);
  assertEquals([sightings.servers, sightings.isHere(7, 1)], [1, false]);
  assertEquals([...sightings.people()].map(({ name }) => name), ["bob"]);
});
