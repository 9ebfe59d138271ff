// The room `desk` in the store: there is one, also where a room had its name before, and its events show the
// questions as they are now.

import { assertEquals } from "@std/assert";
import { openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import { createGuest, draft, openInquiry, say } from "../../support/stores/store_facts.ts";

testEachStore(
  "desk: a room that had its name before gets another, and keeps what is in it",
  async (database) => {
    let former: number;
    {
      const driver = await database.open();
      await using repository = await openTestRepository({
        ...database,
        open: () => Promise.resolve(driver),
      });
      const ada = await createGuest(repository);
      former = repository.desk.id;
      // As an older version has left it.
      await driver.execute("UPDATE Rooms SET kind = 'public' WHERE room_id = ?", [former]);
      await repository.members.add({ room: repository.desk.id, user: ada.id, read: 0, now: 0 });
      await say(repository, { user: ada.id, room: former, texts: ["kept"] });
    }
    for (let time = 0; time < 2; time++) {
      await using repository = await openTestRepository(database);
      const { rooms, messages, desk } = repository;
      assertEquals([desk.name, desk.kind, desk.last], ["desk", "desk", 0]);
      assertEquals((await rooms.find("desk"))?.id, desk.id);
      const room = await rooms.find(`desk-${former}`);
      assertEquals([room?.id, room?.name, room?.kind], [former, `desk-${former}`, "public"]);
      const events = room === undefined ? [] : await messages.after(room.id, 0, 10);
      assertEquals(events.map(({ body }) => body.content), ["kept"]);
    }
  },
);

testEachStore(
  "desk: its events show a question as it is now, and its text is stored once",
  async (database) => {
    const driver = await database.open();
    await using repository = await openTestRepository({
      ...database,
      open: () => Promise.resolve(driver),
    });
    const { messages, desk } = repository;
    const ada = await createGuest(repository);
    const { id: inquiry, room } = await openInquiry(repository, ada.id);
    const of = { room: room.id, inquiry };
    const shown = async () =>
      (await messages.after(desk.id, 0, 10)).map(({ body }) => body.content);
    await messages.append([draft(ada.id, { ...of, content: "May I reboot db3?" })]);
    assertEquals(await shown(), ["May I reboot db3?"]);
    const stored = "SELECT content FROM Messages WHERE room_id = ?";
    assertEquals((await driver.query(stored, [desk.id])).map((row) => row.content), [""]);
    await messages.append([
      draft(ada.id, { ...of, kind: "edit", of: 1, content: "May I reboot db4?" }),
    ]);
    assertEquals(await shown(), ["May I reboot db4?", "May I reboot db4?"]);
    await messages.append([draft(ada.id, { ...of, kind: "delete", of: 1, content: "" })]);
    assertEquals(await shown(), ["", "", ""]);
  },
);
