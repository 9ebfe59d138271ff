// Which inquiries a report counts, and what has become of each, against every store.

import { assertEquals } from "@std/assert";
import type { AskedInquiry } from "../../../lib/store/desk/records.ts";
import type { SqlDriver, SqlValue } from "../../../lib/store/sql.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { openMigrated, testEachStore } from "../../support/stores/databases.ts";
import { createGuest } from "../../support/stores/store_facts.ts";

/** A row of Inquiries, as far as a report reads it. */
interface AskedRow {
  readonly opened: number;
  /** Its question is not stored. */
  readonly isUnasked?: boolean;
  readonly state?: string;
  readonly waiting?: number;
  readonly answered?: number;
  readonly closed?: number;
}

async function insert(
  driver: SqlDriver,
  { asker, rows }: { asker: number; rows: readonly AskedRow[] },
): Promise<void> {
  const values = rows.flatMap((row): SqlValue[] => [
    asker,
    row.opened,
    row.isUnasked ? null : 1,
    row.state ?? "open",
    row.waiting ?? null,
    row.answered ?? null,
    row.closed ?? null,
  ]);
  const places = rows.map(() => "(?, ?, ?, ?, ?, ?, ?)").join(", ");
  await driver.execute(
    "INSERT INTO Inquiries (asker_id, opened, asked_seq, state, waiting_since, first_answered, " +
      `closed) VALUES ${places}`,
    values,
  );
}

function fieldsOf(
  { outcome, opened, firstAnswered, closed }: AskedInquiry,
): readonly (string | number | undefined)[] {
  return [outcome, opened, firstAnswered, closed];
}

testEachStore("a report: what has become of each inquiry of the period", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const { id: asker } = await createGuest(repository);
  const { inquiries } = repository;
  assertEquals(await inquiries.askedSince(0), { inquiries: [], more: false });
  const rows = [
    { opened: 1_999, waiting: 1_999 },
    { opened: 2_000, isUnasked: true },
    { opened: 2_000, state: "claimed", answered: 5 },
    { opened: 2_001, state: "claimed", answered: 5, waiting: 6 },
    { opened: 2_002, state: "decided", answered: 5, closed: 5 },
    { opened: 2_003, state: "withdrawn", closed: 6 },
    { opened: 2_004, state: "expired", closed: 7 },
    { opened: 2_005, state: "resolved", closed: 8 },
    { opened: 2_006, waiting: 2_006 },
  ];
  await insert(driver, { asker, rows });
  const counted = await inquiries.askedSince(2_000);
  assertEquals(counted.more, false);
  assertEquals(counted.inquiries.map(fieldsOf), [
    ["waiting", 2_006, undefined, undefined],
    ["resolved", 2_005, undefined, 8],
    ["expired", 2_004, undefined, 7],
    ["withdrawn", 2_003, undefined, 6],
    ["decided", 2_002, 5, 5],
    ["waiting", 2_001, 5, undefined],
    ["answered", 2_000, 5, undefined],
  ]);
  assertEquals((await inquiries.askedSince(2_007)).inquiries, []);
});

testEachStore("a report: only the newest 2,000 are counted, which it says", async (database) => {
  const driver = await openMigrated(database);
  await using repository = await openRepository(driver, { now: () => 1_000 });
  const { id: asker } = await createGuest(repository);
  const { inquiries } = repository;
  for (const from of [1, 1_001]) {
    const rows = Array.from({ length: 1_000 }, (_, at) => ({ opened: from + at, waiting: 1 }));
    await insert(driver, { asker, rows });
  }
  const counted = async (since: number) => {
    const { inquiries: found, more } = await inquiries.askedSince(since);
    return [found.length, found.at(-1)?.opened, more];
  };
  assertEquals(await counted(0), [2_000, 1, false]);
  await insert(driver, { asker, rows: [{ opened: 2_001, waiting: 1 }] });
  assertEquals(await counted(0), [2_000, 2, true]);
  assertEquals(await counted(2), [2_000, 2, false]);
});
