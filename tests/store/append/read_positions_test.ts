// Of one who speaks fast a read position is written now and then, and all of it in the end.

import { assertEquals } from "@std/assert";
import { type ReadMove, ReadPositions } from "../../../lib/store/append/read_positions.ts";
import { SqlError, type Transaction, type Transactor } from "../../../lib/store/sql.ts";
import { until } from "../../support/waiting.ts";
import { roomId, userId } from "../../../lib/store/records.ts";

const LONG_MS = 3_600_000;
const SHORT_MS = 5;

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

Deno.test("read positions: one move of each member of a room is chosen, then none for a while", async () => {
  const writer = new NotingWriter();
  await using positions = new ReadPositions(writer, { everyMs: LONG_MS });
  const first = move(1);
  assertEquals(positions.choose([first]), [first]);
  positions.update([first], [first]);
  const [second, other, inOtherPlaces] = [move(2), move(3, 2), move(1, 1, 2)];
  assertEquals(positions.choose([second, other, inOtherPlaces]), [other, inOtherPlaces]);
  positions.update([second], []);
  assertEquals(writer.written, []);
});

Deno.test("read positions: waiting moves are written before they are read, and at the end", async () => {
  const writer = new NotingWriter();
  {
    await using positions = new ReadPositions(writer, { everyMs: LONG_MS });
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
  await using positions = new ReadPositions(writer, { everyMs: SHORT_MS });
  const first = move(1);
  positions.update([first], [first]);
  positions.update([move(2)], []);
  await until(() => writer.written.length > 0, { withinMs: 5_000, otherwise: "Not written" });
  assertEquals(writer.written.map(positionOf), [[1, 1, 2]]);
});

Deno.test("read positions: a store that cannot write is asked again, and no caller fails", async () => {
  const writer = new NotingWriter();
  await using positions = new ReadPositions(writer, { everyMs: LONG_MS });
  positions.update([move(1)], []);
  writer.isFull = true;
  await positions.settle(userId(1));
  writer.isFull = false;
  await positions.settle(userId(1));
  assertEquals(writer.written.map(positionOf), [[1, 1, 1]]);
});
