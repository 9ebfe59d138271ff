// The contract of Messages, against every store. What happens under load and faults is proved in
// group_commit_test.ts.

import { assert, assertEquals } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import type { Repository } from "../../lib/store/repository.ts";
import { roomId } from "../../lib/store/records.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import { openMigrated, openTestRepository, testEachStore } from "../support/stores/databases.ts";
import { createGuest, createRoom, draft, LOBBY, say } from "../support/stores/store_facts.ts";

/** What a message must come back as, byte by byte. */
const TEXTS = [
  "plain",
  "trailing space ",
  "  leading, and a tab\tand a line\n",
  "Ädmin ädmin admin ADMIN",
  "ß s ſ K k ı i",
  "😀 😁 👩‍👩‍👧‍👦 \u{10ffff}",
  "e\u0301 is not \u00e9",
  "\ufeffbyte order mark, \u202eright to left",
  'it\'s "quoted" `so` \\ % _ ; -- /* ? */',
  "x".repeat(32_768),
  "😀".repeat(8_192),
];

async function contents(repository: Repository, room = LOBBY): Promise<readonly string[]> {
  const events = await repository.messages.after(roomId(room), 0, 1_000);
  return events.map((event) => event.body.content);
}

testEachStore("messages: an event is read as it was written", async (database) => {
  await using repository = await openTestRepository(database, { now: () => 1_234 });
  const ada = await createGuest(repository);
  assertEquals(await repository.messages.append([draft(ada.id)]), [
    { seq: 1, time: 1_234, dup: false },
  ]);
  assertEquals(await repository.messages.after(LOBBY, 0, 10), [{
    seq: 1,
    user: ada.id,
    from: "ada",
    guest: true,
    bot: false,
    time: 1_234,
    body: { kind: "message", to: undefined, content: "hello" },
  }]);
});

testEachStore("messages: an account's message is not marked as a guest's", async (database) => {
  await using repository = await openTestRepository(database);
  const bob = await repository.users.ensureAccount({
    name: userNameOf("bob"),
    role: "member",
    now: 0,
  });
  await repository.messages.append([draft(bob.id, { from: "bob", guest: false })]);
  const [event] = await repository.messages.after(LOBBY, 0, 1);
  assertEquals([event?.from, event?.guest], ["bob", false]);
});

testEachStore("messages: no byte of a text is changed", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  await say(repository, { user: ada.id, texts: TEXTS });
  assertEquals(await contents(repository), TEXTS);
});

testEachStore("messages: a text that a store would change is refused", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  const answers = await repository.messages.append([
    draft(ada.id, { content: "cut \u0000 here" }),
    draft(ada.id, { content: "half \ud83d a pair" }),
    draft(ada.id, { content: "x".repeat(65_536) }),
    draft(ada.id, { cid: "a\u0000b" }),
    draft(ada.id, { cid: "" }),
    draft(ada.id, { cid: "é".repeat(33) }),
    draft(ada.id, { cid: "é".repeat(32), content: "good" }),
  ]);
  const refused = { refused: "internal" } as const;
  assertEquals(answers, [
    ...Array.from({ length: 6 }, () => refused),
    { seq: 1, time: 1_000, dup: false },
  ]);
  assertEquals(await contents(repository), ["good"]);
});

testEachStore("messages: pages lie above and below a seq, oldest first", async (database) => {
  await using repository = await openTestRepository(database);
  const { messages } = repository;
  const ada = await createGuest(repository);
  const other = await createRoom(repository, "other");
  await say(repository, { user: ada.id, room: other.id, texts: ["elsewhere"] });
  await say(repository, { user: ada.id, texts: ["1", "2", "3", "4", "5"] });
  const seqs = (events: readonly { seq: number }[]) => events.map((event) => event.seq);
  assertEquals(seqs(await messages.after(LOBBY, 0, 2)), [1, 2]);
  assertEquals(seqs(await messages.after(LOBBY, 3, 10)), [4, 5]);
  assertEquals(seqs(await messages.after(LOBBY, 5, 10)), []);
  assertEquals(seqs(await messages.before(LOBBY, 4, 2)), [2, 3]);
  assertEquals(seqs(await messages.before(LOBBY, 2, 10)), [1]);
  assertEquals(seqs(await messages.before(LOBBY, 1, 10)), []);
  assertEquals(seqs(await messages.before(LOBBY, Number.MAX_SAFE_INTEGER, 1)), [5]);
});

testEachStore("messages: pages begin where the oldest messages were removed", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const { messages } = repository;
  const ada = await createGuest(repository);
  await say(repository, { user: ada.id, texts: ["1", "2", "3", "4", "5"] });
  await driver.execute("DELETE FROM Messages WHERE seq < 4");
  await driver.execute("UPDATE Rooms SET first_seq = 4");
  const seqs = (events: readonly { seq: number }[]) => events.map((event) => event.seq);
  assertEquals(seqs(await messages.after(LOBBY, 0, 1)), [4]);
  assertEquals(seqs(await messages.after(LOBBY, 0, 10)), [4, 5]);
  assertEquals(seqs(await messages.before(LOBBY, 6, 10)), [4, 5]);
  assertEquals(seqs(await messages.before(LOBBY, 3, 10)), []);
  assertEquals(await messages.firstAt(LOBBY, 0), 4);
});

testEachStore("messages: the first at or after a time is found", async (database) => {
  let now = 0;
  await using repository = await openTestRepository(database, { now: () => now });
  const ada = await createGuest(repository);
  for (now of [100, 200, 200, 300, 400]) await say(repository, { user: ada.id, texts: ["x"] });
  const cases = [[0, 1], [100, 1], [101, 2], [200, 2], [201, 4], [400, 5], [
    401,
    undefined,
  ]] as const;
  for (const [time, seq] of cases) {
    assertEquals(await repository.messages.firstAt(LOBBY, time), seq, `${time}`);
  }
  assertEquals(await repository.messages.firstAt(roomId(999), 0), undefined);
});

testEachStore("messages: a time is found although the clock was wrong", async (database) => {
  let now = 0;
  await using repository = await openTestRepository(database, { now: () => now });
  const ada = await createGuest(repository);
  const minute = 60_000;
  // One message every ten minutes; the 13th and 26th in the wrong year, the 40th a day too early.
  const times = Array.from({ length: 50 }, (_, n) => 1e12 + n * 10 * minute);
  const year = 365 * 24 * 60 * minute;
  const stored = times.map((time, n) =>
    n === 12 ? time + 10 * year : n === 25 ? time + year : n === 39 ? time - 24 * 60 * minute : time
  );
  for (now of stored) await say(repository, { user: ada.id, texts: ["x"] });
  const events = await repository.messages.after(LOBBY, 0, 100);
  assertEquals(events.map((event) => event.time), stored);
  for (const n of [0, 5, 20, 30, 35, 45, 49]) {
    const time = times[n] ?? NaN;
    assertEquals(await repository.messages.firstAt(LOBBY, time), n + 1, `of the message ${n + 1}`);
    assertEquals(await repository.messages.firstAt(LOBBY, time - minute), n + 1);
  }
  assertEquals(await repository.messages.firstAt(LOBBY, now + minute), undefined);
});

testEachStore(
  "messages: time in a room follows a clock that was far ahead, and order stays",
  async (database) => {
    let now = 1_000_000;
    const driver = await openMigrated(database);
    await using repository = await openRepository(driver, { now: () => now });
    const ada = await createGuest(repository);
    const decade = 10 * 365 * 86_400_000;
    const answers = [];
    // Five minutes are a step, and one millisecond more is a clock that was wrong.
    const clock = [now, now + decade, now + 10, now + 300_010, now + 10, now + 300_012, now + 11];
    for (now of clock) {
      const [answer] = await repository.messages.append([draft(ada.id)]);
      assert(answer !== undefined && "time" in answer);
      answers.push([answer.seq, answer.time]);
    }
    const expected = [...clock];
    expected[4] = 1_300_010;
    assertEquals(answers, expected.map((time, index) => [index + 1, time]));
    const stored = await repository.messages.after(LOBBY, 0, 10);
    assertEquals(stored.map((event) => [event.seq, event.time]), answers);
    // The room's row has the same times: another server reads them there.
    const rows = await driver.query("SELECT last_seq, last_time FROM Rooms WHERE kind = 'public'");
    assertEquals(rows.map((row) => [row.last_seq, row.last_time]), [[7, 1_000_011]]);
  },
);

testEachStore(
  "messages: time in a room never decreases when the clock steps back",
  async (database) => {
    let now = 0;
    await using repository = await openTestRepository(database, { now: () => now });
    const ada = await createGuest(repository);
    const times = [];
    for (now of [1_000, 400, 1_200, 1_100]) {
      const [answer] = await repository.messages.append([draft(ada.id)]);
      assert(answer !== undefined && "time" in answer);
      times.push(answer.time);
    }
    assertEquals(times, [1_000, 1_000, 1_200, 1_200]);
    const stored = await repository.messages.after(LOBBY, 0, 10);
    assertEquals(stored.map((event) => event.time), times);
  },
);

testEachStore("messages: the same cid again is answered with the first seq", async (database) => {
  let now = 100;
  await using repository = await openTestRepository(database, { now: () => now });
  const [ada, bob] = [await createGuest(repository), await createGuest(repository, "bob")];
  const first = draft(ada.id, { cid: "c-1" });
  await repository.messages.append([first, draft(ada.id, { cid: "c-2" })]);
  now = 200;
  assertEquals(await repository.messages.append([first, draft(bob.id, { cid: "c-1" })]), [
    { seq: 1, time: 100, dup: true },
    { seq: 3, time: 200, dup: false },
  ]);
});

testEachStore("messages: a cid of another room or content is a conflict", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  const other = await createRoom(repository, "other");
  await repository.messages.append([draft(ada.id, { cid: "c", content: "text" })]);
  const answers = await repository.messages.append([
    draft(ada.id, { cid: "c", content: "text", room: other.id }),
    draft(ada.id, { cid: "c", content: "text " }),
    draft(ada.id, { cid: "c", content: "Text" }),
    draft(ada.id, { cid: "c", content: "text" }),
  ]);
  const conflict = { refused: "cid_conflict" } as const;
  assertEquals(answers, [conflict, conflict, conflict, { seq: 1, time: 1_000, dup: true }]);
});

testEachStore("messages: cids that differ in a byte are different messages", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  const cids = ["admin", "ADMIN", "ädmin", "admin ", "😀", "😁", "e\u0301", "\u00e9", "0", "00"];
  const drafts = cids.map((cid) => draft(ada.id, { cid }));
  for (const dup of [false, true]) {
    const answers = await repository.messages.append(drafts);
    assertEquals(answers, cids.map((_, index) => ({ seq: index + 1, time: 1_000, dup })));
  }
});

testEachStore("messages: a cid twice in one batch is stored once", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  const answers = await repository.messages.append([
    draft(ada.id, { cid: "c" }),
    draft(ada.id, { cid: "c" }),
    draft(ada.id, { cid: "c", content: "other" }),
    draft(ada.id),
  ]);
  assertEquals(answers, [
    { seq: 1, time: 1_000, dup: false },
    { seq: 1, time: 1_000, dup: true },
    { refused: "cid_conflict" },
    { seq: 2, time: 1_000, dup: false },
  ]);
  assertEquals((await contents(repository)).length, 2);
});

testEachStore("messages: a draft of an unknown room or user is refused alone", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  const answers = await repository.messages.append([
    draft(ada.id, { content: "1", cid: "c1" }),
    draft(ada.id, { content: "no such room", room: roomId(999) }),
    draft(ada.id, { content: "2" }),
    draft(999, { content: "no such user", cid: "c1" }),
    draft(ada.id, { content: "3" }),
  ]);
  assertEquals(answers.map((answer) => "seq" in answer ? answer.seq : answer.refused), [
    1,
    "internal",
    2,
    "internal",
    3,
  ]);
  assertEquals(await contents(repository), ["1", "2", "3"]);
});

testEachStore("messages: no drafts, no answers", async (database) => {
  await using repository = await openTestRepository(database);
  assertEquals(await repository.messages.append([]), []);
  assertEquals(repository.messages.pending, 0);
});
