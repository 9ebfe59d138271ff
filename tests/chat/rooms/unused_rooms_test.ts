// Which unused rooms are removed, with clocks that the test sets: two servers that look at one store.

import { assertEquals } from "@std/assert";
import { UnusedRooms } from "../../../lib/chat/rooms/unused_rooms.ts";
import type { RoomId, UnusedRoom } from "../../../lib/store/records.ts";

const UNUSED_MS = 100;
const OPS = 1 as RoomId;

/** The rooms of a store that two servers share. */
class SharedRooms {
  readonly uses = new Map<RoomId, number>([[OPS, 0]]);

  keep(rooms: readonly RoomId[]): Promise<number> {
    for (const id of rooms) this.uses.set(id, (this.uses.get(id) ?? 0) + 1);
    return Promise.resolve(rooms.length);
  }

  unused(): Promise<{ rooms: readonly UnusedRoom[]; next: undefined }> {
    const rooms = [...this.uses].map(([id, uses]) => ({ id, uses }));
    return Promise.resolve({ rooms, next: undefined });
  }

  removeUnused(rooms: readonly UnusedRoom[]): Promise<readonly RoomId[]> {
    const removed = rooms.filter(({ id, uses }) => this.uses.get(id) === uses);
    for (const { id } of removed) this.uses.delete(id);
    return Promise.resolve(removed.map(({ id }) => id));
  }
}

/** A server with subscribers of these rooms. */
class Server {
  now = 0;
  readonly unused: UnusedRooms;

  constructor(rooms: SharedRooms, subscribed: readonly RoomId[] = []) {
    const registry = {
      rooms: () => subscribed.map((id) => ({ id, mayVanish: true, isIdle: false })).values(),
      forget: () => {},
    };
    this.unused = new UnusedRooms({
      rooms,
      registry: registry as unknown as ConstructorParameters<typeof UnusedRooms>[0]["registry"],
      monotonic: () => this.now,
      unusedMs: UNUSED_MS,
    });
  }
}

Deno.test("unused rooms: a room that has subscribers on another server stays, however often this one looks", async () => {
  const rooms = new SharedRooms();
  const [subscribed, looking] = [new Server(rooms, [OPS]), new Server(rooms)];
  for (let round = 0; round < 10; round++) {
    await subscribed.unused.round();
    await looking.unused.round();
    subscribed.now += UNUSED_MS / 4;
    // The other server's clock runs as it likes.
    looking.now += UNUSED_MS * 3;
  }
  assertEquals([...rooms.uses.keys()], [OPS]);
});

Deno.test("unused rooms: a room is removed when its uses stay the same for long enough", async () => {
  const rooms = new SharedRooms();
  const looking = new Server(rooms);
  await looking.unused.round();
  looking.now = UNUSED_MS - 1;
  await looking.unused.round();
  assertEquals(rooms.uses.size, 1);
  looking.now = UNUSED_MS;
  await looking.unused.round();
  assertEquals(rooms.uses.size, 0);
});

Deno.test("unused rooms: a use between the look and the removal keeps the room", async () => {
  const rooms = new SharedRooms();
  const looking = new Server(rooms);
  await looking.unused.round();
  looking.now = UNUSED_MS;
  await rooms.keep([OPS]);
  await looking.unused.round();
  assertEquals(rooms.uses.size, 1);
});
