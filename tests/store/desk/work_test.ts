// The work at the desk against every store: who may, and what is stored, is decided in the transaction that
// stores it, with its event in the room `desk`.

import { assertEquals } from "@std/assert";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import type { Appended, Draft, InquiryRecord, UserRecord } from "../../../lib/store/records.ts";
import type { EventBody } from "../../../lib/wire/event.ts";
import { openMigrated, openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import { createGuest, draft, openInquiry } from "../../support/stores/store_facts.ts";

function createOperator({ users }: Repository, name: string): Promise<UserRecord> {
  return users.ensureAccount({ name: userNameOf(name), role: "operator", now: 0 });
}

/** An inquiry of a guest's that has a question. */
async function ask(repository: Repository, asker: UserRecord): Promise<InquiryRecord> {
  const opened = await openInquiry(repository, asker.id);
  await repository.messages.append([draft(asker.id, { room: opened.room.id, inquiry: opened.id })]);
  return opened;
}

function work(
  { desk }: Repository,
  { by, inquiry, ...fields }:
    & { by: UserRecord; inquiry: InquiryRecord; expect?: Draft["expect"] }
    & Pick<EventBody, "change" | "to" | "until">,
): Draft {
  const { expect, ...body } = fields;
  return {
    room: desk.id,
    user: by.id,
    from: by.name,
    guest: by.role === "guest",
    body: { kind: "desk", content: "", inquiry: inquiry.id, ...body },
    inquiry: inquiry.id,
    expect,
  };
}

/** The state after it, `dup`, or why it was refused. */
function outcomeOf(appended: Appended): string {
  if ("refused" in appended) return appended.refused;
  return appended.dup ? "dup" : appended.body?.state ?? "stored";
}

async function changesIn({ messages, desk }: Repository): Promise<readonly unknown[]> {
  const events = await messages.after(desk.id, 0, 100);
  return events.map(({ seq, from, body }) => `${seq} ${body.change} ${from}`);
}

testEachStore(
  "desk: of many who claim in one batch one has it, and nothing else is stored",
  async (database) => {
    await using repository = await openTestRepository(database);
    const [ann, bob, eve] = [
      await createGuest(repository),
      await createOperator(repository, "bob"),
      await createOperator(repository, "eve"),
    ];
    const inquiry = await ask(repository, ann);
    const answers = await repository.messages.append([
      work(repository, { by: ann, inquiry, change: "claimed" }),
      work(repository, { by: bob, inquiry, change: "claimed" }),
      work(repository, { by: eve, inquiry, change: "claimed" }),
      work(repository, { by: bob, inquiry, change: "claimed" }),
      work(repository, { by: eve, inquiry, change: "released" }),
      work(repository, { by: eve, inquiry, change: "assigned", to: ann.id }),
      work(repository, {
        by: eve,
        inquiry,
        change: "assigned",
        to: eve.id,
        expect: { assignee: null },
      }),
      work(repository, { by: eve, inquiry, change: "assigned", to: eve.id }),
    ]);
    assertEquals(answers.map(outcomeOf), [
      "forbidden",
      "claimed",
      "already_claimed",
      "dup",
      "already_claimed",
      "bad_field",
      "already_claimed",
      "claimed",
    ]);
    assertEquals(await changesIn(repository), ["1 opened ada", "2 claimed bob", "3 assigned eve"]);
    const found = await repository.inquiries.find(inquiry.id);
    assertEquals([found?.state, found?.assignee?.name], ["claimed", "eve"]);
  },
);

testEachStore(
  "desk: an operator who is one no more changes nothing, whatever a server believes",
  async (database) => {
    const driver = await openMigrated(database);
    await using repository = await openTestRepository({
      ...database,
      open: () => Promise.resolve(driver),
    });
    const [ann, bob] = [await createGuest(repository), await createOperator(repository, "bob")];
    const inquiry = await ask(repository, ann);
    await driver.execute("UPDATE Users SET role = 'member' WHERE user_id = ?", [bob.id]);
    const changes = ["seen", "claimed", "released", "resolved", "reopened"] as const;
    const drafts = changes.map((change) => work(repository, { by: bob, inquiry, change }));
    const answers = await repository.messages.append(drafts);
    assertEquals(answers.map(outcomeOf), changes.map(() => "forbidden"));
    assertEquals(await changesIn(repository), ["1 opened ada"]);
  },
);

testEachStore(
  "desk: a program answers until a person has claimed, and claims nothing",
  async (database) => {
    await using repository = await openTestRepository(database);
    const [ann, bob] = [await createGuest(repository), await createOperator(repository, "bob")];
    const inquiry = await ask(repository, ann);
    const { room, id } = inquiry;
    const answer = (bot: boolean): Draft => ({
      ...draft(bob.id, { room: room.id, kind: "response", content: "yes", to: 1, inquiry: id }),
      from: "bob",
      bot,
    });
    const states = [];
    for (const bot of [true, false, true]) {
      const [appended] = await repository.messages.append([answer(bot)]);
      const found = await repository.inquiries.find(id);
      states.push([outcomeOf(appended as Appended), found?.state, found?.waitingSince]);
    }
    assertEquals(states, [
      ["stored", "open", undefined],
      ["stored", "claimed", undefined],
      ["forbidden", "claimed", undefined],
    ]);
  },
);

testEachStore(
  "desk: what is refused in an inquiry's room leaves the desk without a gap",
  async (database) => {
    await using repository = await openTestRepository(database);
    const ann = await createGuest(repository);
    const first = await ask(repository, ann);
    const again = draft(ann.id, { room: first.room.id, inquiry: first.id, cid: "a" });
    const answers = await repository.messages.append([
      again,
      { ...again, body: { ...again.body, content: "another" } },
      again,
      draft(ann.id, { room: first.room.id, inquiry: 999 }),
      draft(ann.id, { room: first.room.id }),
    ]);
    assertEquals(answers.map(outcomeOf), [
      "stored",
      "cid_conflict",
      "dup",
      "no_such_inquiry",
      "internal",
    ]);
    await ask(repository, ann);
    assertEquals(await changesIn(repository), ["1 opened ada", "2 asked ada", "3 opened ada"]);
  },
);

testEachStore(
  "desk: who has claimed an inquiry by an answer keeps it, also in one batch",
  async (database) => {
    await using repository = await openTestRepository(database);
    const [ann, bob, eve] = [
      await createGuest(repository),
      await createOperator(repository, "bob"),
      await createOperator(repository, "eve"),
    ];
    const inquiry = await ask(repository, ann);
    const { room, id } = inquiry;
    const answer = { room: room.id, kind: "response", content: "yes", to: 1, inquiry: id } as const;
    const answers = await repository.messages.append([
      { ...draft(bob.id, answer), from: "bob" },
      work(repository, { by: eve, inquiry, change: "claimed" }),
    ]);
    assertEquals(answers.map(outcomeOf), ["stored", "already_claimed"]);
  },
);
