// A draft that is recognised where it is stored, and otherwise leaves nothing behind.

import { assertEquals } from "@std/assert";
import { openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import { createGuest, draft, LOBBY } from "../../support/stores/store_facts.ts";

testEachStore(
  "append: a draft that may only be recognised is answered as before, or refused and not stored",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { id } = await createGuest(repository);
    const { messages, rooms } = repository;
    const [first] = await messages.append([draft(id, { cid: "c1" })]);
    const again = { cid: "c1", resendOnly: true };
    const answers = await messages.append([
      draft(id, again),
      draft(id, { cid: "c2", resendOnly: true }),
      draft(id, { resendOnly: true }),
      draft(id, { ...again, content: "other" }),
      draft(id, { cid: "c3", content: "two" }),
      draft(id, { cid: "c3", content: "two", resendOnly: true }),
    ]);
    assertEquals(answers[0], { ...first, dup: true } as typeof first);
    assertEquals(answers.map((answer) => "refused" in answer ? answer.refused : answer.seq), [
      1,
      "forbidden",
      "forbidden",
      "cid_conflict",
      2,
      2,
    ]);
    assertEquals((await rooms.lastSeqs([LOBBY])).get(LOBBY), 2);
    const [alone] = await messages.append([draft(id, { cid: "c4", resendOnly: true })]);
    assertEquals(alone, { refused: "forbidden" });
    // The cid is free.
    const [stored] = await messages.append([draft(id, { cid: "c4" })]);
    assertEquals(stored !== undefined && "seq" in stored ? stored.seq : stored, 3);
  },
);
