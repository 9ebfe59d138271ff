// A test of the store: it runs on a new database of every kind.

import { assertEquals } from "@std/assert";
import { openTestRepository, testEachStore } from "../support/stores/databases.ts";
import { createGuest, LOBBY, say } from "../support/stores/store_facts.ts";

testEachStore("messages: the log of a room is read in order", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  await say(repository, { user: ada.id, texts: ["one", "two"] });
  const events = await repository.messages.after(LOBBY, 0, 10);
  assertEquals(events.map(({ body }) => body.content), ["one", "two"]);
});
