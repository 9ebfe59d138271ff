import { assert, assertEquals } from "@std/assert";
import type { PresenceEntry } from "../../lib/cluster/bus.ts";
import {
  portionBytes,
  portionsOfPeople,
  portionsOfRooms,
} from "../../lib/cluster/notice_portions.ts";
import { RemotePresence } from "../../lib/cluster/remote_presence.ts";
import { encodeBusMessage } from "../../lib/cluster/notice_codec.ts";
import { roomId, userId } from "../../lib/store/records.ts";

const FROM = "0123456789abcdef";
const longest = Number.MAX_SAFE_INTEGER;

function crowd(people: number, rooms: number): PresenceEntry[] {
  return Array.from({ length: people }, (_, n) => ({
    user: userId(n + 1),
    name: `guest-${n}-${"\u009b".repeat(n % 200)}`,
    connections: longest,
    rooms: Array.from({ length: rooms }, (_, room) => roomId(n * rooms + room)),
  }));
}

for (const maxBytes of [4_096, 65_536, 1_048_576, 8_388_608]) {
  Deno.test(`portions: no notice has more than the ${maxBytes} bytes that the bus takes`, () => {
    const people = crowd(100, 1_000);
    const presences = new RemotePresence();
    const portions = [...portionsOfPeople(people, portionBytes(maxBytes))];
    assert(portions.length > 1);
    for (const [part, portion] of portions.entries()) {
      const notice = {
        type: "everyone",
        version: longest,
        part,
        parts: portions.length,
        people: portion,
      } as const;
      const bytes = new TextEncoder().encode(encodeBusMessage({ from: FROM, notice })).length;
      assert(bytes <= maxBytes * 0.75, `${bytes}`);
      presences.apply({ ...notice, version: 1 }, { from: FROM, now: 0 });
    }
    for (const { user, name, rooms } of people) {
      assert(rooms.every((room) => presences.isSubscribed(room, user)), name);
      assert(presences.isNameHeld(name));
    }
    const grown = new Map(Array.from({ length: 50_000 }, (_, n) => [roomId(longest - n), longest]));
    let reported = 0;
    for (const rooms of portionsOfRooms(grown, portionBytes(maxBytes))) {
      assert(encodeBusMessage({ from: FROM, notice: { type: "grown", rooms } }).length <= maxBytes);
      reported += rooms.length;
    }
    assertEquals(reported, grown.size);
  });
}

Deno.test("portions: no user makes no portion", () => {
  assertEquals([...portionsOfPeople([], 1_000)], []);
  assertEquals([...portionsOfPeople(crowd(1, 1), 1_000)], [crowd(1, 1)]);
});
