// The contract of Inquiries as far as clocks go, against every store.

import { assertEquals } from "@std/assert";
import { openTestRepository, testEachStore } from "../support/stores/databases.ts";
import { createGuest, draft } from "../support/stores/store_facts.ts";

testEachStore(
  "inquiries: no wait is expected to be negative after the clock was set back",
  async (database) => {
    let now = 1e12;
    await using repository = await openTestRepository(database, { now: () => now });
    const { inquiries, messages } = repository;
    const ada = await createGuest(repository);
    const opening = await inquiries.open({ asker: ada.id, mostOpen: 9, now });
    if (!("inquiry" in opening)) throw new Error("Not opened");
    const { id: inquiry, room } = opening.inquiry;
    await messages.append([draft(ada.id, { room: room.id, inquiry })]);
    now -= 3_600_000;
    await messages.append([
      draft(ada.id, { room: room.id, inquiry, kind: "response", content: "yes" }),
    ]);
    assertEquals(await inquiries.expectedMs(), 0);
  },
);

testEachStore(
  "inquiries: an inquiry that begins to wait is the last in the queue",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { inquiries, messages } = repository;
    const ada = await createGuest(repository);
    for (const place of [1, 2]) {
      assertEquals(await inquiries.nextPosition(), place);
      const opening = await inquiries.open({ asker: ada.id, mostOpen: 9, now: 0 });
      if (!("inquiry" in opening)) throw new Error("Not opened");
      // Only what was asked waits.
      assertEquals(await inquiries.nextPosition(), place);
      const { id: inquiry, room } = opening.inquiry;
      await messages.append([draft(ada.id, { room: room.id, inquiry })]);
      assertEquals(await inquiries.position(inquiry), place);
    }
  },
);

testEachStore(
  "inquiries: the same request again opens none, also at the limit",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { inquiries } = repository;
    const ada = await createGuest(repository);
    for (const mostOpen of [2, 2, 1]) {
      const opening = await inquiries.open({ asker: ada.id, cid: "a", mostOpen, now: 0 });
      if (!("inquiry" in opening)) throw new Error("Not opened");
      assertEquals(opening.inquiry, await inquiries.find(1));
    }
    const refused = await inquiries.open({ asker: ada.id, cid: "b", mostOpen: 1, now: 0 });
    assertEquals(refused, { refused: "too_many" });
  },
);
