// What others do to the database: a lock on one room's row, a limit of connections, and settings that an
// administrator has made the default for all.

import { assert, assertEquals } from "@std/assert";
import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import { type MysqlOptions, openMysql } from "../../../lib/store/mysql/driver.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import { type Appended, roomId } from "../../../lib/store/records.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { openMigrated } from "../../support/stores/databases.ts";
import { type MysqlTestDatabase, testMysql } from "../../support/stores/mysql.ts";
import {
  createGuest,
  createRoom,
  draft,
  newTokenHash,
  openInquiry,
  say,
} from "../../support/stores/store_facts.ts";

const NOW = 1_000;
const LONG_MS = 10_000;
const LOCKED = "room locked by another transaction";
const UNAVAILABLE: Appended = { refused: "unavailable" };

/** Holds a lock, by a statement on a connection of its own, until the end of its scope. */
async function hold(options: MysqlOptions, select: string): Promise<AsyncDisposable> {
  const connection = await MysqlConnection.open(options, LONG_MS);
  await connection.command("START TRANSACTION");
  await connection.command(`${select} FOR UPDATE`);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      if (connection.isBroken) return;
      await connection.command("ROLLBACK");
      await connection.close();
    },
  };
}

async function contents({ messages }: Repository, room: number): Promise<readonly string[]> {
  const events = await messages.after(roomId(room), 0, 1_000);
  assertEquals(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
  return events.map(({ body }) => body.content);
}

interface Scene {
  readonly database: MysqlTestDatabase;
  readonly repository: Repository;
  readonly logged: readonly string[];
  /** Resolves when a room is known to be locked. */
  readonly locked: Promise<void>;
  readonly rooms: readonly number[];
  send(room: number, content: string): Promise<Appended | undefined>;
}

/** Three rooms whose heads are known. */
function testBlocked(
  name: string,
  { waitMs, body }: { waitMs: number; body: (scene: Scene) => Promise<void> },
): void {
  testMysql(`mysql contention: ${name}`, async (database) => {
    const logged: string[] = [];
    const locked = Promise.withResolvers<void>();
    await using repository = await openRepository(await openMigrated(database), {
      now: () => NOW,
      waitMs,
      log(event): void {
        logged.push(event);
        if (event === LOCKED) locked.resolve();
      },
    });
    const { id: user } = await createGuest(repository);
    const created = await Promise.all(["a", "b", "c"].map((room) => createRoom(repository, room)));
    const rooms = created.map(({ id }) => id);
    for (const room of rooms) await say(repository, { user, room, texts: ["before"] });
    const send = async (room: number, content: string) =>
      (await repository.messages.append([
        draft(user, { room: roomId(room), content, cid: `${room} ${content}` }),
      ]))[0];
    await body({ database, repository, logged, locked: locked.promise, rooms, send });
  });
}

testBlocked("a lock on the desk's row lets only what changes inquiries wait, in its order", {
  waitMs: LONG_MS,
  async body({ database, repository, locked, rooms, send }): Promise<void> {
    const [a = 0] = rooms;
    const asker = await createGuest(repository, "ann");
    const inquiries = [await openInquiry(repository, asker.id)];
    inquiries.push(await openInquiry(repository, asker.id));
    const asked: Promise<readonly Appended[]>[] = [];
    {
      const desk = `SELECT room_id FROM Rooms WHERE room_id = ${repository.desk.id}`;
      await using _held = await hold(database.options, desk);
      for (const { id: inquiry, room } of inquiries) {
        asked.push(repository.messages.append([draft(asker.id, { room: room.id, inquiry })]));
        await send(a, `beside ${inquiry}`);
      }
      await locked;
      assertEquals(repository.messages.pending, 2);
    }
    await Promise.all(asked);
    const events = await repository.messages.after(repository.desk.id, 0, 10);
    assertEquals(events.map(({ body }) => body.inquiry), [1, 2]);
  },
});

testBlocked("a lock on one room's row lets only that room's messages wait, in their order", {
  waitMs: LONG_MS,
  async body({ database, repository, logged, locked, rooms, send }): Promise<void> {
    const [a = 0, b = 0, c = 0] = rooms;
    const waiting: Promise<Appended | undefined>[] = [];
    {
      await using _held = await hold(
        database.options,
        `SELECT room_id FROM Rooms WHERE room_id = ${a}`,
      );
      const texts = Array.from({ length: 20 }, (_, n) => `${n}`);
      for (const text of texts.slice(0, 10)) waiting.push(send(a, text));
      // In one batch with them, and in batches behind them.
      const others = texts.flatMap((text) => [send(b, text), send(c, text)]);
      for (const answer of await Promise.all(others)) {
        assert(answer !== undefined && "seq" in answer);
      }
      for (const text of texts.slice(10)) waiting.push(send(a, text));
      assertEquals(await Promise.all([send(b, "late"), send(c, "late")]), [
        { seq: 22, time: NOW, dup: false },
        { seq: 22, time: NOW, dup: false },
      ]);
      await locked;
      assertEquals(repository.messages.pending, 20);
      for (const room of [b, c]) {
        assertEquals(await contents(repository, room), ["before", ...texts, "late"]);
      }
    }
    const answers = await Promise.all(waiting);
    assertEquals(
      answers.map((answer) => answer && "seq" in answer && answer.seq),
      Array.from({ length: 20 }, (_, n) => n + 2),
    );
    assertEquals(await contents(repository, a), [
      "before",
      ...Array.from({ length: 20 }, (_, n) => `${n}`),
    ]);
    assertEquals(logged, [LOCKED, "room unlocked"]);
    assertEquals(await send(a, "after"), { seq: 22, time: NOW, dup: false });
  },
});

testBlocked(
  "who waits for a locked room too long is told unavailable, and the log goes on without a gap",
  {
    waitMs: 4_000,
    async body({ database, repository, rooms, send }): Promise<void> {
      const [a = 0, b = 0] = rooms;
      {
        await using _held = await hold(
          database.options,
          `SELECT room_id FROM Rooms WHERE room_id = ${a}`,
        );
        const [blocked, other] = await Promise.all([send(a, "blocked"), send(b, "other")]);
        assertEquals([blocked, other], [UNAVAILABLE, { seq: 2, time: NOW, dup: false }]);
      }
      // What was on its way when it was given up may be stored all the same.
      const answer = await send(a, "after");
      assert(answer !== undefined && "seq" in answer);
      assertEquals((await contents(repository, a)).at(-1), "after");
      const again = await send(a, "blocked");
      assert(again !== undefined && "seq" in again);
      assertEquals((await contents(repository, a)).filter((text) => text === "blocked").length, 1);
    },
  },
);

testBlocked("a locked room's messages take only a share of what may wait", {
  waitMs: 3_000,
  async body({ database, repository, rooms, send }): Promise<void> {
    const [a = 0, b = 0] = rooms;
    await using held = await hold(
      database.options,
      `SELECT room_id FROM Rooms WHERE room_id = ${a}`,
    );
    const first = send(a, "first");
    await send(b, "other");
    const many = Array.from({ length: 400 }, (_, n) => send(a, `${n}`));
    const answers = await Promise.all([...many.slice(300), send(b, "last")]);
    assertEquals(answers.pop(), { seq: 3, time: NOW, dup: false });
    for (const answer of answers) assertEquals(answer, UNAVAILABLE);
    await held[Symbol.asyncDispose]();
    assertEquals(await first, { seq: 2, time: NOW, dup: false });
    await Promise.all(many);
    assertEquals((await contents(repository, a)).length, 251);
  },
});

testMysql(
  "mysql contention: a user with three connections has all that is asked at once done",
  async (database) => {
    await withAccount(database, 3, async (options) => {
      await using repository = await openRepository(await openMysql(options), { now: () => NOW });
      const guests = await Promise.all(
        Array.from({ length: 12 }, (_, n) => createGuest(repository, `guest${n}`)),
      );
      const tokens = await Promise.all(guests.map(async ({ id }) => {
        const tokenHash = newTokenHash();
        await repository.users.addToken(id, { tokenHash, now: NOW });
        return tokenHash;
      }));
      const answers = await Promise.all(Array.from({ length: 12 }, async (_, n) => {
        const tokenHash = tokens[n] ?? newTokenHash();
        const user = await repository.users.findByToken(tokenHash, { now: NOW });
        const [answer] = await repository.messages.append([
          draft(user?.id ?? 0, { content: `${n}` }),
        ]);
        return answer;
      }));
      for (const answer of answers) assert(answer !== undefined && "seq" in answer);
      assertEquals((await contents(repository, 1)).length, 12);
    });
  },
);

testMysql(
  "mysql contention: a user with one connection is served, however slowly",
  async (database) => {
    await withAccount(database, 1, async (options) => {
      await using repository = await openRepository(await openMysql(options), { now: () => NOW });
      const { id: user } = await createGuest(repository);
      for (const text of ["a", "b"]) await say(repository, { user, texts: [text] });
      assertEquals(await contents(repository, 1), ["a", "b"]);
    });
  },
);

async function withAccount(
  database: MysqlTestDatabase,
  connections: number,
  body: (options: MysqlOptions) => Promise<void>,
): Promise<void> {
  const user = `u${crypto.randomUUID().slice(0, 8)}`;
  const { database: name } = database.options;
  await database.run(`CREATE USER '${user}'@'%'`);
  await database.run(
    `GRANT ALL ON ${name}.* TO '${user}'@'%' WITH MAX_USER_CONNECTIONS ${connections}`,
  );
  try {
    await body({ ...database.options, user, password: undefined });
  } finally {
    await database.run(`DROP USER '${user}'@'%'`);
  }
}
