// The cost of a row when many are stored in one transaction, with both unique indexes: in SQLite
// with its log flushed at each commit, in MariaDB or MySQL likewise, including the database's CPU.

import type { Repository } from "../../lib/store/repository.ts";
import { type Draft, roomId, userId } from "../../lib/store/records.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import type { Part, Scale, Unmeasured, Workload } from "../workload.ts";
import { CONTENT } from "./sample_frames.ts";

const SIZES = [
  { drafts: 100, rooms: 1 },
  { drafts: 100, rooms: 100 },
  { drafts: 256, rooms: 1 },
  { drafts: 256, rooms: 100 },
];

export const groupCommit: Part = {
  name: "commit",
  async *workloads({ stores }: Scale): AsyncGenerator<Workload | Unmeasured> {
    for (const store of stores) {
      if (store.missing !== undefined) {
        yield { name: `commit ${store.name}`, missing: store.missing };
        continue;
      }
      await using database = await store.create();
      await using repository = await openRepository(await database.open(), { now: Date.now });
      const testRooms = await TestRooms.create(repository);
      for (const { drafts, rooms } of SIZES) {
        yield {
          name: `commit ${store.name}: ${drafts} rows in ${rooms} ${rooms > 1 ? "rooms" : "room"}`,
          unit: "row",
          units: drafts,
          run: () => testRooms.append(drafts, rooms),
          otherProcessesUs: () => database.cpuUs(),
        };
      }
    }
  },
};

/** A user with many rooms. */
class TestRooms {
  readonly #repository: Repository;
  readonly #user: number;
  readonly #rooms: readonly number[];
  #draftCount = 0;

  private constructor(repository: Repository, user: number, rooms: readonly number[]) {
    this.#repository = repository;
    this.#user = user;
    this.#rooms = rooms;
  }

  static async create(repository: Repository): Promise<TestRooms> {
    const { id } = await repository.users.createPassingGuest(() => "ada");
    const rooms: number[] = [];
    for (let n = 0; n < 100; n++) {
      const name = `room-${n}`;
      const { id } = await repository.rooms.create({ name, key: name, kind: "public", now: 0 });
      rooms.push(id);
    }
    return new TestRooms(repository, id, rooms);
  }

  async append(count: number, rooms: number): Promise<void> {
    const drafts = Array.from({ length: count }, (_, n) => this.#draft(n % rooms));
    const answers = await this.#repository.messages.append(drafts);
    const refused = answers.find((answer) => "refused" in answer);
    if (refused !== undefined) throw new Error(`Not stored: ${JSON.stringify(refused)}`);
  }

  #draft(room: number): Draft {
    return {
      room: roomId(this.#rooms[room] ?? 0),
      user: userId(this.#user),
      from: "ada",
      guest: true,
      body: { kind: "message", content: CONTENT },
      cid: `01JDW-${this.#draftCount++}`,
    };
  }
}
