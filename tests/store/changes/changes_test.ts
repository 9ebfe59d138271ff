// Messages are changed, against every store: whose it is, what is left of it, and whom it calls.

import { assertEquals } from "@std/assert";
import type { Repository } from "../../../lib/store/repository.ts";
import type { Appended, Draft, StoredEvent, UserRecord } from "../../../lib/store/records.ts";
import { openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import { createGuest, createRoom, draft, LOBBY, say } from "../../support/stores/store_facts.ts";

async function store(repository: Repository, ...drafts: Draft[]): Promise<readonly Appended[]> {
  return await repository.messages.append(drafts);
}

/** The outcome of one draft: its seq, with a mark when it was stored before, or why it was refused. */
async function outcome(repository: Repository, one: Draft): Promise<string | number> {
  const [answer] = await store(repository, one);
  if (answer === undefined || "refused" in answer) return answer?.refused ?? "none";
  return answer.dup ? `${answer.seq} again` : answer.seq;
}

function edit({ id }: UserRecord, of: number, content: string, more: Partial<Draft> = {}): Draft {
  return draft(id, { kind: "edit", of, content, ...more });
}

function remove({ id }: UserRecord, of: number, more: Partial<Draft> = {}): Draft {
  return draft(id, { kind: "delete", of, content: "", ...more });
}

/** `1 message one`, with what has changed it. */
function format({ seq, body: { kind, content, of, edited, deleted } }: StoredEvent): string {
  const facts = { of, edited, deleted };
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return [seq, kind, content, ...known.map(([name, value]) => `${name}:${value}`)]
    .filter((part) => part !== "").join(" ");
}

async function log(repository: Repository, room = LOBBY): Promise<readonly string[]> {
  return (await repository.messages.after(room, 0, 100)).map(format);
}

testEachStore(
  "changes: an edit and a delete are rows, and change the message",
  async (database) => {
    await using repository = await openTestRepository(database);
    const ada = await createGuest(repository);
    await say(repository, { user: ada.id, texts: ["one", "two"] });
    assertEquals(await outcome(repository, edit(ada, 1, "uno")), 3);
    assertEquals(await log(repository), [
      "1 message uno edited:3",
      "2 message two",
      "3 edit uno of:1",
    ]);
    assertEquals(await outcome(repository, edit(ada, 1, "eins")), 4);
    assertEquals(await outcome(repository, remove(ada, 2)), 5);
    assertEquals(await log(repository), [
      "1 message eins edited:4",
      "2 message deleted:5",
      "3 edit of:1",
      "4 edit eins of:1",
      "5 delete of:2",
    ]);
    assertEquals(await outcome(repository, remove(ada, 1)), 6);
    assertEquals((await log(repository)).slice(0, 4), [
      "1 message edited:4 deleted:6",
      "2 message deleted:5",
      "3 edit of:1",
      "4 edit of:1",
    ]);
  },
);

testEachStore("changes: in one batch each counts for those after it", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  const bob = await createGuest(repository, "bob");
  const answers = await store(
    repository,
    draft(ada.id, { content: "one" }),
    edit(ada, 1, "two"),
    edit(ada, 1, "three"),
    draft(bob.id, { content: "which?", to: 1 }),
    remove(ada, 1),
    edit(ada, 1, "four"),
    remove(bob, 4),
  );
  // What is delivered has no text that does not hold any more.
  assertEquals(answers.map((one) => "refused" in one ? undefined : one.body), [
    { kind: "message", content: "", to: undefined, edited: 3, deleted: 5 },
    { kind: "edit", content: "", of: 1 },
    { kind: "edit", content: "", of: 1 },
    { kind: "message", content: "", to: 1, deleted: 6 },
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(answers.map((one) => "refused" in one ? one.refused : one.seq), [
    1,
    2,
    3,
    4,
    5,
    "bad_state",
    6,
  ]);
  assertEquals(await log(repository), [
    "1 message edited:3 deleted:5",
    "2 edit of:1",
    "3 edit of:1",
    "4 message deleted:6",
    "5 delete of:1",
    "6 delete of:4",
  ]);
});

testEachStore("changes: one edits one's own, and moderators delete", async (database) => {
  await using repository = await openTestRepository(database);
  const [ada, bob] = [await createGuest(repository), await createGuest(repository, "bob")];
  const other = (await createRoom(repository, "other")).id;
  await say(repository, { user: ada.id, texts: ["one"] });
  await say(repository, { user: bob.id, room: other, texts: ["in the other", "and again"] });
  const moderator = { isModerator: true };
  assertEquals(await outcome(repository, edit(bob, 1, "mine")), "forbidden");
  assertEquals(await outcome(repository, edit(bob, 1, "mine", moderator)), "forbidden");
  assertEquals(await outcome(repository, remove(bob, 1)), "forbidden");
  // The row of the room that is named counts, whatever stands under this seq in another.
  assertEquals(await outcome(repository, edit(ada, 1, "mine", { room: other })), "forbidden");
  assertEquals(await outcome(repository, remove(ada, 2, moderator)), "bad_field");
  assertEquals(await outcome(repository, edit(ada, 2, "none")), "bad_field");
  assertEquals(await outcome(repository, draft(ada.id, { to: 2 })), "bad_field");
  assertEquals(await outcome(repository, remove(bob, 1, moderator)), 2);
  assertEquals(await outcome(repository, remove(ada, 1)), "2 again");
  assertEquals(await outcome(repository, edit(ada, 1, "back")), "bad_state");
  assertEquals(await outcome(repository, edit(ada, 2, "a delete")), "bad_field");
  assertEquals(await outcome(repository, draft(bob.id, { to: 1 })), 3);
  assertEquals(await log(repository, other), ["1 message in the other", "2 message and again"]);
});

testEachStore("changes: what is sent again is stored once", async (database) => {
  await using repository = await openTestRepository(database);
  const ada = await createGuest(repository);
  const first = draft(ada.id, { content: "one", cid: "c1" });
  const edited = edit(ada, 1, "two", { cid: "c2" });
  for (
    const [one, seq] of [[first, 1], [edited, 2], [first, "1 again"], [edited, "2 again"]] as const
  ) {
    assertEquals(await outcome(repository, one), seq);
  }
  assertEquals(await outcome(repository, edit(ada, 1, "other", { cid: "c2" })), "cid_conflict");
  assertEquals(await outcome(repository, edit(ada, 1, "three")), 3);
  assertEquals(await outcome(repository, edited), "2 again");
  assertEquals(
    await outcome(repository, { ...edited, body: { ...edited.body, of: 2 } }),
    "cid_conflict",
  );
  assertEquals(await outcome(repository, remove(ada, 1)), 4);
  assertEquals(await outcome(repository, first), "1 again");
  assertEquals(await outcome(repository, edited), "2 again");
  const reply = draft(ada.id, { content: "yes", to: 1, cid: "c3" });
  assertEquals(await outcome(repository, reply), 5);
  assertEquals(
    await outcome(repository, draft(ada.id, { content: "yes", cid: "c3" })),
    "cid_conflict",
  );
});

testEachStore(
  "changes: an edit calls those it names first, a reply whom it answers",
  async (database) => {
    await using repository = await openTestRepository(database);
    const [ada, bob, kim] = [
      await createGuest(repository),
      await createGuest(repository, "bob"),
      await createGuest(repository, "kim"),
    ];
    for (const { id } of [ada, bob, kim]) {
      await repository.members.add({ room: LOBBY, user: id, read: 0, now: 1 });
    }
    const unread = async ({ id }: UserRecord) => {
      const own = (await repository.members.among(id, [LOBBY])).get(LOBBY);
      return `${own?.unread} ${own?.mentions}`;
    };
    await store(repository, draft(ada.id, { content: "hello @bob" }));
    await repository.members.markRead({ room: LOBBY, user: bob.id, seq: 1 });
    assertEquals([await unread(bob), await unread(kim)], ["0 0", "1 0"]);
    await store(repository, edit(ada, 1, "hello @bob and @kim"));
    assertEquals([await unread(ada), await unread(bob), await unread(kim)], ["0 0", "0 0", "1 1"]);
    await store(repository, edit(ada, 1, "hello"), edit(ada, 1, "hello @bob and @kim and @ada"));
    assertEquals([await unread(ada), await unread(bob), await unread(kim)], ["0 0", "0 0", "1 1"]);
    await store(repository, draft(bob.id, { content: "hello", to: 1 }));
    assertEquals([await unread(ada), await unread(kim)], ["1 1", "2 1"]);
    // What was counted stays counted until it is read.
    await store(repository, remove(ada, 1), remove(bob, 5));
    assertEquals([await unread(ada), await unread(kim)], ["1 1", "2 1"]);
  },
);
