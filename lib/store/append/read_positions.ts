// A user's own message moves the user's read position. For each member of a room one such move a second is
// written, in the transaction of the message. Further moves are kept here and written later, so that a fast
// writer does not cost a write for each message.

import { chunk } from "@std/collections/chunk";
import { type Deadline, RUNTIME_TIMERS, startDeadline, type Timers } from "../../time.ts";
import type { RoomId, UserId } from "../records.ts";
import { padToPowerOfTwo, type Sql, SqlError, type SqlValue, type Transactor } from "../sql.ts";

/** A user has read a room up to `seq`, the message with this number. */
export interface ReadMove {
  readonly room: RoomId;
  readonly user: UserId;
  readonly seq: number;
  readonly number: number;
}

/** One member of one room. Times are monotonic milliseconds. */
interface Position {
  writtenAt: number;
  /** The last move, when it is not written. */
  waiting: ReadMove | undefined;
}

/** How often a position is written, and how often waiting moves are looked at, in milliseconds. */
const EVERY_MS = 1_000;
/** Moves of one statement. */
const MOVES_AT_ONCE = 128;

export class ReadPositions implements AsyncDisposable {
  readonly #writer: Transactor;
  readonly #timers: Timers;
  readonly #positions = new Map<UserId, Map<RoomId, Position>>();
  #timer: Deadline | undefined;
  #writing: Promise<void> | undefined;

  constructor(writer: Transactor, timers: Timers = RUNTIME_TIMERS) {
    this.#writer = writer;
    this.#timers = timers;
  }

  /** The moves that must be written with their messages. */
  choose(moves: readonly ReadMove[]): readonly ReadMove[] {
    const before = this.#timers.monotonic() - EVERY_MS;
    return moves.filter(({ room, user }) => {
      const position = this.#positions.get(user)?.get(room);
      return position === undefined || position.writtenAt <= before;
    });
  }

  /** Notes a transaction that was committed: all its moves, and those that it has written. */
  update(moves: readonly ReadMove[], written: readonly ReadMove[]): void {
    const isWritten = new Set(written);
    const now = this.#timers.monotonic();
    for (const move of moves) {
      const position = this.#positionOf(move);
      if (isWritten.has(move)) position.writtenAt = now;
      position.waiting = isWritten.has(move) ? undefined : move;
    }
    if (moves.length > 0) this.#wakeLater();
  }

  /**
   * Writes the waiting moves of a user; await this before their positions are read. A store that cannot
   * write may still be read: then the positions are those of a moment ago.
   */
  async settle(user: UserId): Promise<void> {
    await this.#writeInBackground(waitingOf(this.#positions.get(user)?.values() ?? []));
  }

  /** Writes all waiting moves, if the store still takes them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.clear();
    await this.#writing;
    // What was being written may have set it again.
    this.#timer?.clear();
    await this.#writeInBackground(waitingOf(this.#all()));
    this.#positions.clear();
  }

  *#all(): Iterable<Position> {
    for (const rooms of this.#positions.values()) yield* rooms.values();
  }

  #positionOf({ user, room }: ReadMove): Position {
    const rooms = this.#positions.get(user) ?? new Map<RoomId, Position>();
    this.#positions.set(user, rooms);
    const position = rooms.get(room) ?? { writtenAt: -Infinity, waiting: undefined };
    rooms.set(room, position);
    return position;
  }

  #wakeLater(): void {
    this.#timer ??= startDeadline(() => {
      this.#timer = undefined;
      this.#writing = this.#sweep();
    }, { ms: EVERY_MS, timers: this.#timers });
  }

  /** Writes the moves of users who have stopped writing, and forgets the positions that are written. */
  async #sweep(): Promise<void> {
    const before = this.#timers.monotonic() - EVERY_MS;
    const isDue = ({ writtenAt }: Position) => writtenAt <= before;
    await this.#writeInBackground(waitingOf(this.#all(), isDue));
    for (const [user, rooms] of this.#positions) {
      for (const [room, position] of rooms) {
        if (position.waiting === undefined && isDue(position)) rooms.delete(room);
      }
      if (rooms.size === 0) this.#positions.delete(user);
    }
    if (this.#positions.size > 0) this.#wakeLater();
  }

  /** When the store cannot write now, the moves wait for the next time. */
  async #writeInBackground(moves: readonly ReadMove[]): Promise<void> {
    try {
      await this.#write(moves);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
    }
  }

  async #write(moves: readonly ReadMove[]): Promise<void> {
    if (moves.length === 0) return;
    await this.#writer.transaction((sql) => writeReadMoves(sql, moves));
    for (const move of moves) {
      const position = this.#positions.get(move.user)?.get(move.room);
      if (position?.waiting === move) position.waiting = undefined;
    }
  }
}

function waitingOf(
  positions: Iterable<Position>,
  isWanted: (position: Position) => boolean = () => true,
): readonly ReadMove[] {
  const moves: ReadMove[] = [];
  for (const position of positions) {
    if (position.waiting !== undefined && isWanted(position)) moves.push(position.waiting);
  }
  return moves;
}

/** Never moves a position back; a user who is no member has none. */
export async function writeReadMoves(sql: Sql, moves: readonly ReadMove[]): Promise<void> {
  for (const part of chunk(moves, MOVES_AT_ONCE)) {
    const some = padToPowerOfTwo(part);
    const cases = "WHEN room_id = ? AND user_id = ? THEN ? ".repeat(some.length);
    const members = some.map(() => "(room_id = ? AND user_id = ? AND read_seq < ?)").join(" OR ");
    const values: SqlValue[] = [];
    for (const { room, user, number } of some) values.push(room, user, number);
    for (let time = 0; time < 2; time++) {
      for (const { room, user, seq } of some) values.push(room, user, seq);
    }
    await sql.execute(
      `UPDATE Members SET read_number = CASE ${cases}END, read_seq = CASE ${cases}END ` +
        `WHERE ${members}`,
      values,
    );
  }
}
