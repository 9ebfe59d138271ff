// Notes, queues and alarms against every store.

import { assertEquals } from "@std/assert";
import { openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import { createGuest, draft, openInquiry } from "../../support/stores/store_facts.ts";

testEachStore(
  "desk notes: the room of the notes is created once, and is its asker's",
  async (database) => {
    await using repository = await openTestRepository(database);
    const ann = await createGuest(repository, "ann");
    const inquiry = await openInquiry(repository, ann.id);
    assertEquals((await repository.inquiries.find(inquiry.id))?.notes, undefined);
    const rooms = await Promise.all(
      Array.from({ length: 5 }, () => repository.inquiries.openNotes(inquiry, { now: 0 })),
    );
    assertEquals(new Set(rooms.map(({ id }) => id)).size, 1);
    const [room] = rooms;
    assertEquals([room?.name, room?.kind, room?.owner], ["?1!", "notes", ann.id]);
    const body = { kind: "draft", content: "Yes", of: 1 } as const;
    const note = { ...draft(ann.id, { room: rooms[0]?.id }), body };
    const [appended] = await repository.messages.append([note]);
    assertEquals(appended !== undefined && "seq" in appended, true);
    assertEquals((await repository.inquiries.find(inquiry.id))?.notes, { room: room?.id, last: 1 });
    const [stored] = await repository.messages.after(note.room, 0, 1);
    assertEquals([stored?.body.kind, stored?.body.of], ["draft", 1]);
  },
);

testEachStore(
  "desk queues: what waits is listed by queue, and until its alarms were given",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { inquiries, messages } = repository;
    const ann = await createGuest(repository, "ann");
    const open = async (queue?: string) => {
      const opening = await inquiries.open({ asker: ann.id, queue, mostOpen: 9, now: 0 });
      if ("refused" in opening) throw new Error(opening.refused);
      const { id: inquiry, room } = opening.inquiry;
      await messages.append([draft(ann.id, { room: room.id, inquiry })]);
      return inquiry;
    };
    const [one, two] = [await open("billing"), await open()];
    const listed = async (queue?: string) =>
      (await inquiries.waiting({ limit: 9, queue })).map(({ id, queue }) => [id, queue]);
    assertEquals(await listed(), [[one, "billing"], [two, undefined]]);
    assertEquals(await listed("billing"), [[one, "billing"]]);

    const alarm = async (inquiry: number, change: "unseen" | "unanswered") => {
      const body = { kind: "desk", content: "", inquiry, change } as const;
      const post = { ...draft(ann.id, { room: repository.desk.id }), body, inquiry };
      const [appended] = await messages.append([post]);
      return appended !== undefined && "dup" in appended && appended.dup ? "same" : "stored";
    };
    const unalarmed = async () =>
      (await inquiries.unalarmed({ limit: 9 })).map((
        { inquiry, queue, unseenAt, unansweredAt },
      ) => [
        ...[inquiry, queue, unseenAt !== undefined, unansweredAt !== undefined],
      ]);
    assertEquals(await unalarmed(), [[one, "billing", false, false], [
      two,
      undefined,
      false,
      false,
    ]]);
    assertEquals(await alarm(one, "unseen"), "stored");
    assertEquals(await alarm(one, "unseen"), "same");
    assertEquals((await unalarmed())[0], [one, "billing", true, false]);
    assertEquals(await alarm(one, "unanswered"), "stored");
    assertEquals(await alarm(one, "unanswered"), "same");
    assertEquals(await unalarmed(), [[two, undefined, false, false]]);
  },
);
