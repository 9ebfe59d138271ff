// A room with any number of stored messages: the first ones stored by the program itself, the
// others copied from them, many in a transaction.

import type { Repository } from "../../lib/store/repository.ts";
import { roomId, userId } from "../../lib/store/records.ts";
import type { SqlDriver } from "../../lib/store/sql.ts";
import { CONTENT } from "./sample_frames.ts";

const APPENDED_ROWS = 1_000;
const BATCH_ROWS = 200;
/** Rows copied in one transaction: must fit into the time limit of a statement. */
const COPIED_ROWS = 20_000;

/** Each copy has a cid of its own, for the index that has to hold it. */
const COPY =
  "INSERT INTO Messages (user_id, author, is_guest, room_id, seq, time, kind, cid, content) " +
  "SELECT user_id, author, is_guest, room_id, seq + ?, time + ?, kind, CONCAT('c-', seq + ?), content " +
  "FROM Messages WHERE room_id = ? AND seq BETWEEN 1 AND ?";

export class LongRoom {
  readonly #repository: Repository;
  readonly #driver: SqlDriver;
  readonly room: number;
  readonly #user: number;
  #rows = 0;

  private constructor(
    { repository, driver }: { repository: Repository; driver: SqlDriver },
    { room, user }: { room: number; user: number },
  ) {
    this.#repository = repository;
    this.#driver = driver;
    this.room = room;
    this.#user = user;
  }

  static async create(repository: Repository, driver: SqlDriver): Promise<LongRoom> {
    const { id: user } = await repository.users.createPassingGuest(() => "ada");
    const { id: room } = await repository.rooms.create({
      name: "long",
      key: "long",
      kind: "public",
      owner: user,
      now: 0,
    });
    return new LongRoom({ repository, driver }, { room, user });
  }

  get rows(): number {
    return this.#rows;
  }

  async growTo(rows: number): Promise<void> {
    while (this.#rows < Math.min(rows, APPENDED_ROWS)) {
      await this.#append(Math.min(rows, APPENDED_ROWS) - this.#rows);
    }
    while (this.#rows < rows) {
      await this.#copy(Math.min(rows - this.#rows, this.#rows, COPIED_ROWS));
    }
  }

  async #append(wanted: number): Promise<void> {
    const drafts = Array.from({ length: Math.min(wanted, BATCH_ROWS) }, (_, n) => ({
      room: roomId(this.room),
      user: userId(this.#user),
      from: "ada",
      guest: true,
      body: { kind: "message" as const, content: CONTENT },
      cid: `c-${this.#rows + n + 1}`,
    }));
    const answers = await this.#repository.messages.append(drafts);
    if (answers.some((answer) => "refused" in answer)) throw new Error("Not stored");
    this.#rows += drafts.length;
  }

  async #copy(count: number): Promise<void> {
    const from = this.#rows;
    await this.#driver.transaction(async (sql) => {
      const { changes } = await sql.execute(COPY, [from, from, from, this.room, count]);
      if (changes !== count) throw new Error(`${changes} rows copied and not ${count}`);
      await sql.execute(
        "UPDATE Rooms SET last_seq = ?, last_number = ?, last_time = " +
          "(SELECT time FROM Messages WHERE room_id = ? AND seq = ?) WHERE room_id = ?",
        [from + count, from + count, this.room, from + count, this.room],
      );
    });
    this.#rows += count;
  }
}
