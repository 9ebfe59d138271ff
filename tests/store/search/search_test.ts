// The search, against every store: the hits are those of a plain scan, and only what the reader may read.

import { assert, assertEquals } from "@std/assert";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import type { UserRecord } from "../../../lib/store/records.ts";
import type { Reader, SearchQuery } from "../../../lib/store/search/search_store.ts";
import { containsTerm } from "../../../lib/store/search/tokens.ts";
import { Random } from "../../support/random.ts";
import { openMigrated, openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import {
  createGuest,
  createRoom,
  draft,
  LOBBY,
  openInquiry,
  say,
} from "../../support/stores/store_facts.ts";

function readerOf({ id, name }: UserRecord, more: Partial<Reader> = {}): Reader {
  return { user: id, name, all: ["public"], others: [], own: ["inquiry"], joined: [], ...more };
}

/** The texts of all hits, page by page, the newest first. */
async function search(
  repository: Repository,
  query: Partial<SearchQuery> & { reader: Reader },
): Promise<readonly string[]> {
  const texts: string[] = [];
  let below: number | undefined;
  for (;;) {
    const page = await repository.search.find({
      all: [],
      none: [],
      mentionsReader: false,
      limit: 3,
      ...query,
      below,
    });
    assert(page !== undefined, "The terms are too common");
    texts.push(...page.hits.map(({ body }) => body.content));
    below = page.next;
    if (below === undefined) return texts;
  }
}

testEachStore("search: words, phrases, exclusions, the author and the time", async (database) => {
  let now = 1_000;
  await using repository = await openTestRepository(database, { now: () => now++ });
  const [ada, bob] = [await createGuest(repository, "ada"), await createGuest(repository, "bob")];
  const ops = (await createRoom(repository, "ops")).id;
  await repository.members.add({ room: LOBBY, user: ada.id, read: 0, now });
  await say(repository, { user: ada.id, texts: ["the disk is full", "disk full on db4"] });
  await repository.messages.append([
    draft(bob.id, { from: "bob", room: ops, content: "磁盘 disk full again" }),
    draft(bob.id, { from: "bob", content: "@ada the disk is ok" }),
  ]);
  const reader = readerOf(ada);
  const find = (query: Partial<SearchQuery>) => search(repository, { reader, ...query });
  assertEquals(await find({ all: ["DISK"] }), [
    "@ada the disk is ok",
    "磁盘 disk full again",
    "disk full on db4",
    "the disk is full",
  ]);
  assertEquals(await find({ all: ["disk full"] }), ["磁盘 disk full again", "disk full on db4"]);
  assertEquals(await find({ all: ["disk"], none: ["full"] }), ["@ada the disk is ok"]);
  assertEquals(await find({ all: ["the"] }), ["@ada the disk is ok", "the disk is full"]);
  assertEquals(await find({ all: ["盘"] }), ["磁盘 disk full again"]);
  assertEquals(await find({ from: "BOB", all: ["full"] }), ["磁盘 disk full again"]);
  assertEquals(await find({ from: "bob" }), ["@ada the disk is ok", "磁盘 disk full again"]);
  assertEquals(await find({ all: ["full"], room: LOBBY }), [
    "disk full on db4",
    "the disk is full",
  ]);
  assertEquals(await find({ all: ["disk"], mentionsReader: true }), ["@ada the disk is ok"]);
  assertEquals(await find({ mentionsReader: true }), ["@ada the disk is ok"]);
  assertEquals(await find({ all: ["nowhere"] }), []);
  assertEquals(await find({ all: ["…"] }), []);
  assertEquals(await find({ all: ["disk"], none: ["…"] }), await find({ all: ["disk"] }));
  const [event] = await repository.messages.after(ops, 0, 1);
  assert(event !== undefined);
  assertEquals((await find({ all: ["full"], before: event.time })).length, 2);
  assertEquals((await find({ all: ["full"], after: event.time })).length, 1);
});

testEachStore("search: user text is never part of an expression", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository, "ada");
  await say(repository, { user: ada.id, texts: ["one two", 'NOT "near" OR *'] });
  const reader = readerOf(ada);
  for (
    const term of ['one" OR "two', "one OR three", "(one", "on*", "words : one", "-one", "+", '"']
  ) {
    await search(repository, { reader, all: [term] });
  }
  assertEquals(await search(repository, { reader, all: ["near"] }), ['NOT "near" OR *']);
  assertEquals(await search(repository, { reader, all: ["on*"] }), []);
});

testEachStore("search: only rooms that the reader may read", async (database) => {
  await using repository = await openTestRepository(database);
  const [ada, bob] = [await createGuest(repository, "ada"), await createGuest(repository, "bob")];
  const { id: inquiry, room } = await openInquiry(repository, bob.id);
  await repository.messages.append([
    draft(bob.id, { room: room.id, inquiry, content: "secret question" }),
  ]);
  await say(repository, { user: bob.id, texts: ["no secret"] });
  const all = ["secret"];
  const find = (reader: Reader) => search(repository, { reader, all });
  assertEquals(await find(readerOf(ada)), ["no secret"]);
  assertEquals(await find(readerOf(bob)), ["no secret", "secret question"]);
  const operator = readerOf(ada, { all: ["public", "inquiry"], own: [] });
  assertEquals(await find(operator), ["no secret", "secret question"]);
  const member = readerOf(ada, { all: [], own: [], joined: ["inquiry"] });
  assertEquals(await find(member), []);
  await repository.members.add({ room: room.id, user: ada.id, read: 0, now: 0 });
  assertEquals(await find(member), ["secret question"]);
});

const SYLLABLES = ["db", "disk", "Full", "the", "a", "磁", "盘满", "é", "ß", "42", "カナ", "я"];
const GAPS = ["", " ", "-", ", ", "\n"];

function randomText(random: Random, most: number): string {
  return Array.from(
    { length: random.integer(1, most) },
    () => random.pick(SYLLABLES) + random.pick(GAPS),
  ).join("");
}

testEachStore("search: its hits are those of a plain scan", async (database) => {
  const random = new Random(11);
  let now = 0;
  await using repository = await openTestRepository(database, { monotonic: () => now });
  const ada = await createGuest(repository, "ada");
  const long = Array.from({ length: 200 }, (_, at) => `w${at}`).join(" ");
  const texts = Array.from(
    { length: 300 },
    (_, at) => `${randomText(random, 12)} ${at % 7 === 0 ? long : ""} no${at}`,
  );
  await say(repository, { user: ada.id, texts });
  const newest = texts.toReversed();
  await repository.search.index();
  now += 60_000;
  for (let round = 0; round < 80; round++) {
    // At first nothing is in the index, then a part, then all.
    if (round % 20 === 19) await repository.search.index();
    const all = Array.from({ length: random.integer(1, 2) }, () => randomText(random, 2));
    const none = random.chance(0.3) ? [randomText(random, 1)] : [];
    const found = await search(repository, { reader: readerOf(ada), all, none, limit: 100 });
    const expected = newest.filter((text) =>
      all.every((term) => containsTerm(text, term)) &&
      !none.some((term) => containsTerm(text, term))
    );
    assertEquals(found, expected, JSON.stringify({ all, none }));
  }
});

testEachStore(
  "search: messages of an older version are added, and it continues",
  async (database) => {
    {
      await using repository = await openTestRepository(database);
      const ada = await createGuest(repository, "ada");
      const texts = Array.from({ length: 250 }, (_, at) => `old ${at}`);
      await say(repository, { user: ada.id, texts });
    }
    const driver = await openMigrated(database);
    await driver.execute("UPDATE Meta SET value = '250' WHERE name LIKE 'search_%'");
    let now = 0;
    await using repository = await openRepository(driver, { now: () => 0, monotonic: () => now });
    const bob = await createGuest(repository, "bob");
    await say(repository, { user: bob.id, texts: ["old 250"] });
    const find = async () =>
      (await search(repository, { reader: readerOf(bob), all: ["old"], limit: 100 })).length;
    assertEquals(await find(), 1);
    await repository.search.index();
    now += 60_000;
    // The new message, then the old ones; two servers at once share them.
    for (let left = 250; left > 0;) {
      const lefts = await Promise.all([repository.search.index(), repository.search.index()]);
      left = Math.min(...lefts.map((progress) => progress.left));
      assertEquals(await find(), left > 0 ? 251 - left : 251);
    }
    assertEquals(await repository.search.index(), { isDone: true, left: 0 });
  },
);

testEachStore(
  "search: long messages are added few at a time, and all are found",
  async (database) => {
    let now = 0;
    await using repository = await openTestRepository(database, { monotonic: () => now });
    const ada = await createGuest(repository, "ada");
    const texts = Array.from({ length: 12 }, (_, at) => `long${at} ` + "word ".repeat(4_000));
    await say(repository, { user: ada.id, texts: [...texts, "short", "and short"] });
    await repository.search.index();
    now += 60_000;
    let transactions = 0;
    while (!(await repository.search.index()).isDone) transactions++;
    assert(transactions >= 5, `Only ${transactions} transactions`);
    for (const [at, text] of texts.entries()) {
      assertEquals(await search(repository, { reader: readerOf(ada), all: [`long${at}`] }), [text]);
    }
    assertEquals((await search(repository, { reader: readerOf(ada), all: ["short"] })).length, 2);
  },
);
