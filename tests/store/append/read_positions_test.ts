// The read position of a fast writer is written once a second, and at the end.

import { assertEquals } from "@std/assert";
import { type ReadMove, ReadPositions } from "../../../lib/store/append/read_positions.ts";
import { SqlError, type Transaction, type Transactor } from "../../../lib/store/sql.ts";
import { FakeTimers } from "../../support/fakes/fake_timers.ts";
import { roomId, userId } from "../../../lib/store/records.ts";

const EVERY_MS = 1_000;

function move(seq: number, user = 1, room = 1): ReadMove {
  return { room: roomId(room), user: userId(user), seq, number: seq };
}

/** Notes the values of the statements it is asked to run. */
class NotingWriter implements Transactor {
  readonly written: (readonly unknown[])[] = [];
  isFull = false;

  transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    if (this.isFull) return Promise.reject(new SqlError("full", "no space", 1));
    const none = () => Promise.resolve([]);
    return work({
      query: none,
      queryLocking: none,
      updateEach: () => Promise.resolve({ changes: 0, insertId: 0 }),
      execute: (_sql, params = []) => {
        this.written.push(params);
        return Promise.resolve({ changes: 1, insertId: 0 });
      },
    });
  }
}

/** Room, user and position of a statement of one move. */
function positionOf(values: readonly unknown[] | undefined): readonly unknown[] | undefined {
  return values?.slice(-3);
}

Deno.test("read positions: one move of each member of a room is chosen, then none for a second", async () => {
  const writer = new NotingWriter();
  const timers = new FakeTimers();
  await using positions = new ReadPositions(writer, timers);
  const first = move(1);
  assertEquals(positions.choose([first]), [first]);
  positions.update([first], [first]);
  const [second, other, inOtherPlaces] = [move(2), move(3, 2), move(1, 1, 2)];
  assertEquals(positions.choose([second, other, inOtherPlaces]), [other, inOtherPlaces]);
  positions.update([second], []);
  assertEquals(writer.written, []);
  timers.jump(EVERY_MS - 1);
  assertEquals(positions.choose([second]), []);
  timers.jump(1);
  assertEquals(positions.choose([second]), [second]);
});

Deno.test("read positions: waiting moves are written before they are read, and at the end", async () => {
  const writer = new NotingWriter();
  const timers = new FakeTimers();
  {
    await using positions = new ReadPositions(writer, timers);
    positions.update([move(1)], []);
    positions.update([move(2)], []);
    positions.update([move(7, 2)], []);
    await positions.settle(userId(1));
    await positions.settle(userId(1));
    assertEquals(writer.written.map(positionOf), [[1, 1, 2]]);
  }
  assertEquals(writer.written.map(positionOf), [[1, 1, 2], [1, 2, 7]]);
});

Deno.test("read positions: the moves of a user who stops writing are written by themselves", async () => {
  const writer = new NotingWriter();
  const timers = new FakeTimers();
  await using positions = new ReadPositions(writer, timers);
  const first = move(1);
  positions.update([first], [first]);
  positions.update([move(2)], []);
  await timers.advance(EVERY_MS - 1);
  assertEquals(writer.written, []);
  await timers.advance(1);
  assertEquals(writer.written.map(positionOf), [[1, 1, 2]]);
  // Nothing waits: the position is forgotten, and the timer with it.
  await timers.advance(EVERY_MS);
  assertEquals([writer.written.length, timers.count], [1, 0]);
});

Deno.test("read positions: the end waits for what is being written, and leaves no timer", async () => {
  const writer = new NotingWriter();
  const timers = new FakeTimers();
  const positions = new ReadPositions(writer, timers);
  positions.update([move(1)], []);
  writer.isFull = true;
  timers.jump(EVERY_MS);
  const closed = positions[Symbol.asyncDispose]();
  writer.isFull = false;
  await closed;
  assertEquals([writer.written.map(positionOf), timers.count], [[[1, 1, 1]], 0]);
});

Deno.test("read positions: a store that cannot write is asked again, and no caller fails", async () => {
  const writer = new NotingWriter();
  const timers = new FakeTimers();
  await using positions = new ReadPositions(writer, timers);
  positions.update([move(1)], []);
  writer.isFull = true;
  await positions.settle(userId(1));
  writer.isFull = false;
  await positions.settle(userId(1));
  assertEquals(writer.written.map(positionOf), [[1, 1, 1]]);
});

Deno.test("read positions: a move that comes while an earlier one is written still waits", async () => {
  const writer = new NotingWriter();
  await using positions = new ReadPositions(writer, new FakeTimers());
  positions.update([move(1)], []);
  const settled = positions.settle(userId(1));
  positions.update([move(2)], []);
  await settled;
  await positions.settle(userId(1));
  assertEquals(writer.written.map(positionOf), [[1, 1, 1], [1, 1, 2]]);
});
