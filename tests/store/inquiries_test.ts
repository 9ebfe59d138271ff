// The contract of Inquiries as far as clocks go, against every store.

import { assertEquals } from "@std/assert";
import { openTestRepository, testEachStore } from "../support/stores.ts";
import { draft, makeGuest } from "../support/store_facts.ts";

testEachStore(
  "inquiries: no wait is expected to be negative after the clock was set back",
  async (database) => {
    let now = 1e12;
    await using repository = await openTestRepository(database, { now: () => now });
    const { inquiries, messages } = repository;
    const ada = await makeGuest(repository);
    const opening = await inquiries.open({ asker: ada.id, mostOpen: 9, now });
    if (!("inquiry" in opening)) throw new Error("Not opened");
    const { room } = opening.inquiry;
    await messages.append([draft(ada.id, { room: room.id })]);
    now -= 3_600_000;
    await messages.append([draft(ada.id, { room: room.id, kind: "response", content: "yes" })]);
    assertEquals(await inquiries.expectedMs(), 0);
  },
);
