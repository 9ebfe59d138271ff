// The rooms that are in memory, by id and by every name they were opened by. Knows no rights and no store:
// the directory decides who may use a room.

import type { RoomId, RoomRecord } from "../../store/records.ts";
import { nameKey } from "../people/names.ts";
import { type Lease, Room } from "../room.ts";

export class RoomRegistry {
  readonly #rooms = new Map<RoomId, Room>();
  /** By each key a room was opened by, aliases too; a key never moves to another room. */
  readonly #byKey = new Map<string, Room>();
  /** How many memberships have ended as far as this server was notified. */
  removals = 0;
  /** How many acts of moderation are applied here. */
  acts = 0;
  readonly #createRoom: (record: RoomRecord) => Room;

  constructor(createRoom: (record: RoomRecord) => Room) {
    this.#createRoom = createRoom;
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** How many subscribers the rooms have in all. */
  get subscriptions(): number {
    let sum = 0;
    for (const room of this.#rooms.values()) sum += room.subscribers;
    return sum;
  }

  rooms(): Iterable<Room> {
    return this.#rooms.values();
  }

  find(name: string): Room | undefined {
    return this.#byKey.get(nameKey(name));
  }

  findById(room: RoomId): Room | undefined {
    return this.#rooms.get(room);
  }

  /** The room in memory, or one that is not yet: `load` brings it there. */
  candidate(record: RoomRecord): Room {
    return this.#rooms.get(record.id) ?? this.#createRoom(record);
  }

  /** Brings the room into memory, where it is found by this key, too. */
  load(found: RoomRecord | Room, key: string): Lease {
    const room = this.#rooms.get(found.id) ??
      (found instanceof Room ? found : this.#createRoom(found));
    this.#rooms.set(room.id, room);
    this.#byKey.set(key, room);
    return room.lease();
  }

  forget(room: RoomId): void {
    this.#rooms.delete(room);
    for (const [key, { id }] of this.#byKey) if (id === room) this.#byKey.delete(key);
  }

  /** Forgets the rooms that can be loaded again without loss. */
  forgetIdle(): void {
    for (const room of this.#rooms.values()) if (room.isIdle) this.#rooms.delete(room.id);
    for (const [key, room] of this.#byKey) if (!this.#rooms.has(room.id)) this.#byKey.delete(key);
  }
}
