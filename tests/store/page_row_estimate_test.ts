// How many rows are read at once follows from how long the texts of a room were.

import { assertEquals } from "@std/assert";
import { MAX_PAGE_UNITS, PageRowEstimate } from "../../lib/store/page_row_estimate.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import { type Asked, overhear } from "../support/stores/recording_driver.ts";
import { createGuest, LOBBY, say } from "../support/stores/store_facts.ts";
import { openMigrated, testEachStore } from "../support/stores/databases.ts";
import { roomId } from "../../lib/store/records.ts";

Deno.test("text sizes: short texts are read a page at once, long ones as many as fill it", () => {
  const sizes = new PageRowEstimate();
  assertEquals(sizes.rowsFor(roomId(1), MAX_PAGE_UNITS), 50);
  sizes.record(roomId(1), { rows: 50, units: 4_000 });
  assertEquals(sizes.rowsFor(roomId(1), MAX_PAGE_UNITS), 100);
  sizes.record(roomId(1), { rows: 2, units: 65_536 });
  assertEquals(sizes.rowsFor(roomId(1), MAX_PAGE_UNITS), 2);
  assertEquals(sizes.rowsFor(roomId(1), 1), 1);
  // Among long texts a few short ones change little.
  sizes.record(roomId(1), { rows: 2, units: 10 });
  assertEquals(sizes.rowsFor(roomId(1), MAX_PAGE_UNITS), 3);
  assertEquals(sizes.rowsFor(roomId(2), MAX_PAGE_UNITS), 50);
});

testEachStore("messages: a page of long texts ends where a frame is full", async (database) => {
  const driver = await openMigrated(database);
  const asked: Asked[] = [];
  await using repository = await openRepository(overhear(driver, asked), { now: () => 1_000 });
  const { messages } = repository;
  const { id: user } = await createGuest(repository);
  await say(repository, { user, texts: Array.from({ length: 60 }, (_, n) => `${n}`) });
  await say(repository, { user, texts: Array.from({ length: 60 }, () => "x".repeat(32_000)) });
  await messages.before(LOBBY, 121, 100);
  asked.length = 0;
  const seqs = (events: readonly { seq: number }[]) => events.map(({ seq }) => seq);
  assertEquals(seqs(await messages.before(LOBBY, 121, 100)), [118, 119, 120]);
  assertEquals(seqs(await messages.after(LOBBY, 60, 100)), [61, 62, 63]);
  assertEquals(asked.length, 2);
  // Short ones before them: as many as there are, and on into the long ones.
  const mixed = seqs(await messages.after(LOBBY, 40, 100));
  assertEquals(mixed, Array.from({ length: mixed.length }, (_, n) => 41 + n));
  assertEquals(mixed.length >= 23 && mixed.length <= 26, true, `${mixed.length}`);
  const across = seqs(await messages.before(LOBBY, 63, 100));
  assertEquals(across, Array.from({ length: 62 }, (_, n) => 1 + n));
});
