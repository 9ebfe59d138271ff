// What becomes of the messages of a room whose row another transaction holds, and of all others.

import { assertEquals } from "@std/assert";
import { BlockedRooms } from "../../../lib/store/append/blocked_rooms.ts";
import { AppendQueue, type QueuedDraft } from "../../../lib/store/append/append_queue.ts";
import { FULL_TEXT } from "../../../lib/store/search/indexes.ts";
import { APPEND_LIMITS, GroupCommit } from "../../../lib/store/append/group_commit.ts";
import { type Appended, type Draft, roomId } from "../../../lib/store/records.ts";
import { ScriptedWriter, type Step } from "../../support/stores/scripted_writer.ts";
import {
  openMigrated,
  openTestRepository,
  type TestDatabase,
  testEachStore,
} from "../../support/stores/databases.ts";
import {
  createGuest,
  createRoom,
  draft,
  LOBBY,
  NO_DESK,
} from "../../support/stores/store_facts.ts";

const NOW = 1_000;
const UNAVAILABLE: Appended = { refused: "unavailable" };
const OTHER_CLASSES = LOBBY + 1;

interface Bench extends AsyncDisposable {
  readonly commit: GroupCommit;
  readonly other: number;
  draft(content: string, room?: number): Draft;
  contents(room?: number): Promise<readonly string[]>;
}

/** Its writer fails on cue; what is stored apart does not. */
async function openBench(database: TestDatabase, script: readonly Step[]): Promise<Bench> {
  const driver = await openMigrated(database);
  const repository = await openTestRepository({ ...database, open: () => Promise.resolve(driver) });
  const { id: user } = await createGuest(repository);
  const { id: other } = await createRoom(repository, "other");
  const commit = new GroupCommit(new ScriptedWriter(driver.writer, script), {
    desk: NO_DESK,
    apart: driver.writer,
    now: () => NOW,
    fullText: FULL_TEXT[driver.dialect],
    limits: APPEND_LIMITS,
    log: () => {},
  });
  return {
    commit,
    other,
    draft: (content, room = LOBBY) => draft(user, { content, room: roomId(room) }),
    async contents(room = LOBBY): Promise<readonly string[]> {
      const events = await repository.messages.after(roomId(room), 0, 1_000);
      return events.map(({ body }) => body.content);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await commit[Symbol.asyncDispose]();
      await repository[Symbol.asyncDispose]();
    },
  };
}

/** One draft, waiting apart. */
function wait(queue: AppendQueue): readonly QueuedDraft[] {
  void queue.add([draft(1, { content: "waits", room: LOBBY })]);
  return queue.setApart(queue.take());
}

Deno.test("blocked rooms: a room that was held when its drafts gave up stays blocked", async () => {
  using queue = new AppendQueue(APPEND_LIMITS);
  const changes: (readonly [room: number, isHeld: boolean])[] = [];
  let isLocked = true;
  const blocked = new BlockedRooms({
    store(drafts): Promise<readonly QueuedDraft[]> {
      // Time is up during the try.
      const answer = isLocked ? UNAVAILABLE : { seq: 1, time: NOW, dup: false };
      for (const queued of drafts) queue.settle(queued, answer);
      return Promise.resolve(isLocked ? drafts : []);
    },
    onChange: (room, isHeld) => changes.push([room, isHeld]),
  });
  assertEquals(blocked.has(draft(1)), false);
  for (let time = 0; time < 2; time++) {
    blocked.add(wait(queue));
    await blocked.whenSettled();
    const inOther = draft(1, { room: roomId(OTHER_CLASSES) });
    assertEquals([blocked.has(draft(1)), blocked.has(inOther)], [true, false]);
  }
  assertEquals(changes, [[LOBBY, true]]);
  isLocked = false;
  blocked.add(wait(queue));
  await blocked.whenSettled();
  assertEquals(blocked.isEmpty, true);
  assertEquals(changes, [[LOBBY, true], [LOBBY, false]]);
});

Deno.test("blocked rooms: a draft that comes just as the last one is stored is stored, too", async () => {
  for (let turns = 0; turns < 12; turns++) {
    using queue = new AppendQueue(APPEND_LIMITS);
    const stored: string[] = [];
    const blocked = new BlockedRooms({
      store(drafts): Promise<readonly QueuedDraft[]> {
        for (const queued of drafts) {
          stored.push(queued.draft.body.content);
          queue.settle(queued, { seq: stored.length, time: NOW, dup: false });
        }
        return Promise.resolve([]);
      },
      onChange: () => {},
    });
    blocked.add(wait(queue));
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    blocked.add(wait(queue));
    await blocked.whenSettled();
    assertEquals(stored.length, 2, `after ${turns} turns`);
  }
});

testEachStore(
  "blocked rooms: a lock released between two drafts of a room does not change their order",
  async (database) => {
    // They are tried one by one, and only the first meets the lock.
    await using bench = await openBench(database, ["refused", "locked"]);
    const drafts = [bench.draft("1"), bench.draft("2"), bench.draft("free", bench.other)];
    assertEquals(await bench.commit.append([...drafts, bench.draft("3")]), [
      { seq: 1, time: NOW, dup: false },
      { seq: 2, time: NOW, dup: false },
      { seq: 1, time: NOW, dup: false },
      { seq: 3, time: NOW, dup: false },
    ]);
    assertEquals(await bench.contents(), ["1", "2", "3"]);
  },
);

testEachStore(
  "blocked rooms: of the batch that meets the lock, however large, the drafts of free rooms are stored",
  async (database) => {
    await using bench = await openBench(database, ["locked"]);
    const texts = Array.from({ length: APPEND_LIMITS.batch }, (_, n) => `${n}`);
    const answers = await bench.commit.append(texts.map((text) => bench.draft(text)));
    assertEquals(answers, texts.map((_, n) => ({ seq: n + 1, time: NOW, dup: false })));
    assertEquals(await bench.contents(), texts);
  },
);
