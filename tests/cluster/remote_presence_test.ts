import { assertEquals } from "@std/assert";
import type { Notice, PresenceEntry } from "../../lib/cluster/bus.ts";
import { RemotePresence } from "../../lib/cluster/remote_presence.ts";
import { roomId, userId } from "../../lib/store/records.ts";

const FROM = { from: "server1", now: 0 };

function presence(user: number, name: string, more: Partial<PresenceEntry> = {}): PresenceEntry {
  return { user: userId(user), name, connections: 1, rooms: [], ...more };
}

/** What a server says first: all of its people. */
function everyone(
  version: number,
  people: readonly PresenceEntry[],
): Extract<Notice, { type: "everyone" }> {
  return { type: "everyone", version, part: 0, parts: 1, people };
}

Deno.test("remote presence: changes count only on top of a whole list, one after the other", () => {
  const presences = new RemotePresence();
  const change = (version: number, ...people: PresenceEntry[]) =>
    presences.apply({ type: "people", version, people }, FROM);
  assertEquals(change(4, presence(1, "ada")), true);
  assertEquals(presences.connectionsOf(userId(1)), 0);
  assertEquals(presences.apply(everyone(4, [presence(1, "ada")]), FROM), false);
  assertEquals(change(5, presence(2, "bob", { connections: 3 })), false);
  assertEquals([presences.connectionsOf(userId(1)), presences.connectionsOf(userId(2))], [1, 3]);
  assertEquals(change(7, presence(1, "ada", { connections: 0 })), true);
  assertEquals(presences.connectionsOf(userId(1)), 1);
});

Deno.test("remote presence: a pulse shows that something was missed", () => {
  const presences = new RemotePresence();
  const pulse = (version: number) => presences.apply({ type: "pulse", version }, FROM);
  assertEquals(pulse(0), true);
  presences.apply(everyone(3, []), FROM);
  assertEquals([pulse(3), pulse(4)], [false, true]);
});

Deno.test("remote presence: a list counts when all of its parts have come in their order", () => {
  const presences = new RemotePresence();
  const part = (at: number, ...people: PresenceEntry[]) =>
    presences.apply({ type: "everyone", version: 1, part: at, parts: 3, people }, FROM);
  part(0, presence(1, "ada"));
  assertEquals(part(2, presence(3, "eve")), true);
  assertEquals(presences.connectionsOf(userId(1)), 0);
  part(0, presence(1, "ada"));
  part(1, presence(2, "bob"));
  assertEquals(part(2, presence(3, "eve")), false);
  assertEquals([1, 2, 3].map((user) => presences.connectionsOf(userId(user))), [1, 1, 1]);
});

Deno.test("remote presence: a name is held by others, in every form that looks like it", () => {
  const presences = new RemotePresence();
  presences.apply(everyone(0, [presence(1, "bob")]), FROM);
  presences.apply(everyone(0, [presence(1, "bob")]), { from: "server2", now: 0 });
  assertEquals(["bob", "BOB", "b0b", "eve"].map((name) => presences.isNameHeld(name)), [
    true,
    true,
    true,
    false,
  ]);
  assertEquals([presences.isNameHeld("bob", userId(1)), presences.isNameHeld("bob", userId(2))], [
    false,
    true,
  ]);
  presences.apply({ type: "leaving" }, FROM);
  assertEquals(presences.isNameHeld("bob"), true);
  presences.apply({ type: "leaving" }, { from: "server2", now: 0 });
  assertEquals(presences.isNameHeld("bob"), false);
});

Deno.test("remote presence: a server that has been silent too long is forgotten with its people", () => {
  const presences = new RemotePresence();
  presences.apply(everyone(0, [presence(1, "ada", { rooms: [roomId(7)] })]), {
    from: "server1",
    now: 10,
  });
  presences.apply(everyone(0, [presence(2, "bob")]), { from: "server2", now: 20 });
  assertEquals([
    presences.isSubscribed(roomId(7), userId(1)),
    presences.isSubscribed(roomId(8), userId(1)),
  ], [true, false]);
  presences.forgetSilentSince(11);
  assertEquals([presences.servers, presences.isSubscribed(roomId(7), userId(1))], [1, false]);
  assertEquals([...presences.people()].map(({ name }) => name), ["bob"]);
});

Deno.test("remote presence: one person's rooms may come in several entries, of a list and of a change", () => {
  const presences = new RemotePresence();
  const pieces = [
    presence(1, "ada", { rooms: [roomId(1), roomId(2)] }),
    presence(1, "ada", { rooms: [roomId(3)], goesOn: true }),
  ];
  const isHere = () => [1, 2, 3, 4].map((room) => presences.isSubscribed(roomId(room), userId(1)));
  for (const [part, piece] of pieces.entries()) {
    presences.apply({ type: "everyone", version: 1, part, parts: 2, people: [piece] }, FROM);
  }
  assertEquals(isHere(), [true, true, true, false]);
  presences.apply(
    { type: "people", version: 2, people: [presence(1, "ada", { rooms: [roomId(4)] })] },
    FROM,
  );
  assertEquals(isHere(), [false, false, false, true]);
  presences.apply({ type: "people", version: 3, people: pieces }, FROM);
  assertEquals(isHere(), [true, true, true, false]);
  assertEquals([presences.connectionsOf(userId(1)), presences.entries], [1, 4]);
});

Deno.test("remote presence: what is kept of others has a bound, and is given back", () => {
  const presences = new RemotePresence({ maxEntries: 10 });
  const crowd = Array.from(
    { length: 20 },
    (_, n) => presence(n + 1, `guest${n}`, { rooms: [roomId(1)] }),
  );
  presences.apply(everyone(1, crowd), FROM);
  assertEquals([presences.entries, [...presences.people()].length], [10, 5]);
  // A list that never comes to its end is not kept beside the next one.
  for (let version = 2; version < 9; version++) {
    const people = crowd.slice(0, 2);
    presences.apply({ type: "everyone", version, part: 0, parts: 2, people }, FROM);
  }
  assertEquals(presences.entries <= 10, true);
  presences.apply({ type: "leaving" }, FROM);
  assertEquals([presences.entries, presences.isNameHeld("guest0")], [0, false]);
  for (let n = 0; n < 1_000; n++) {
    presences.apply({ type: "pulse", version: 0 }, { from: `server-${n}`, now: 0 });
  }
  assertEquals(presences.servers, 64);
});

Deno.test("remote presence: the store says what people are called, and whether there are such people", () => {
  const presences = new RemotePresence();
  presences.apply(
    everyone(1, [presence(1, "console"), presence(2, "eve"), presence(3, "lan")]),
    FROM,
  );
  // Nobody has power because a bus says so.
  const names = () => [...presences.people()].map(({ name }) => name);
  assertEquals(names(), ["eve", "lan"]);
  assertEquals(presences.unconfirmed(2), [userId(1), userId(2)]);
  presences.confirm(presences.unconfirmed(9), new Map([[userId(1), "ada"], [userId(3), "lan"]]));
  assertEquals(names().sort(), ["ada", "lan"]);
  assertEquals(["console", "eve", "ada"].map((name) => presences.isNameHeld(name)), [
    false,
    false,
    true,
  ]);
  // Asked once: what comes again under the same name is known.
  presences.apply({ type: "people", version: 2, people: [presence(1, "console")] }, FROM);
  presences.apply(everyone(3, [presence(1, "console"), presence(3, "lan")]), FROM);
  assertEquals([names().sort(), presences.unconfirmed(9)], [["ada", "lan"], []]);
  presences.apply({ type: "people", version: 4, people: [presence(1, "root")] }, FROM);
  assertEquals([names(), presences.unconfirmed(9)], [["lan"], [1]]);
  // An account of that name is who it is.
  presences.confirm([userId(1)], new Map([[userId(1), "root"]]));
  assertEquals(names().sort(), ["lan", "root"]);
});
