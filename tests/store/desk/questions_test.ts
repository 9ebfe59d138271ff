// Decisions against every store: who wins is decided in the transaction that stores the event.

import { assertEquals } from "@std/assert";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import type {
  Appended,
  Draft,
  InquiryRecord,
  UserId,
  UserRecord,
} from "../../../lib/store/records.ts";
import { createMysqlDatabase, isMysqlMissing } from "../../support/stores/mysql.ts";
import { openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import { createGuest, draft } from "../../support/stores/store_facts.ts";

const TERMS = { choices: ["approve", "deny"] };

function createOperator({ users }: Repository, name: string): Promise<UserRecord> {
  return users.ensureAccount({ name: userNameOf(name), role: "operator", now: 0 });
}

/** A question of the asker's that is stored. */
async function ask(
  { inquiries, messages }: Repository,
  asker: UserId,
  asked: InquiryRecord["terms"] | "text" = TERMS,
): Promise<InquiryRecord> {
  const terms = asked === "text" ? undefined : asked;
  const opening = await inquiries.open({ asker, terms, mostOpen: 1_000, now: 0 });
  if ("refused" in opening) throw new Error(opening.refused);
  const { id: inquiry, room } = opening.inquiry;
  await messages.append([draft(asker, { room: room.id, inquiry })]);
  return opening.inquiry;
}

function choose(
  { id: inquiry, room }: InquiryRecord,
  { by, choice = "approve", cid }: { by: UserRecord; choice?: string; cid?: string },
): Draft {
  const body = { kind: "decision", content: "", choice } as const;
  return { room: room.id, user: by.id, from: by.name, guest: false, body, cid, inquiry };
}

function expire({ id: inquiry, room, asker }: InquiryRecord): Draft {
  const body = { kind: "closed", content: "", state: "expired" } as const;
  return { room: room.id, user: asker.id, from: asker.name, guest: true, body, inquiry };
}

/** `decided`, `pending`, `expired`, `dup`, or why it was refused. */
function outcomeOf(appended: Appended | undefined): string {
  if (appended === undefined) return "none";
  if ("refused" in appended) return appended.refused;
  return appended.dup ? "dup" : appended.body?.state ?? "stored";
}

/** What the room's log holds after the question. */
async function statesIn({ messages }: Repository, { room }: InquiryRecord): Promise<unknown[]> {
  return (await messages.after(room.id, 1, 100)).map(({ body }) => body.state);
}

testEachStore("questions: of the decisions of one batch the first wins", async (database) => {
  await using repository = await openTestRepository(database);
  const ann = await createGuest(repository, "ann");
  const operators = await Promise.all(
    Array.from({ length: 5 }, (_, n) => createOperator(repository, `op-${n}`)),
  );
  const inquiry = await ask(repository, ann.id);
  const drafts = operators.map((by, n) =>
    choose(inquiry, { by, choice: TERMS.choices[n % 2] ?? "" })
  );
  const answers = await repository.messages.append([...drafts, expire(inquiry)]);
  assertEquals(answers.map(outcomeOf), ["decided", ...Array(5).fill("already_decided")]);
  const prior = answers.map((answer) => "refused" in answer ? answer.prior?.from : undefined);
  assertEquals(prior, [undefined, ...Array(5).fill("op-0")]);
  assertEquals(await statesIn(repository, inquiry), ["decided"]);
  const stored = await repository.inquiries.find(inquiry.id);
  assertEquals([stored?.state, stored?.outcomeSeq, stored?.waitingSince], [
    "decided",
    2,
    undefined,
  ]);
});

testEachStore("questions: a decision after the closing changes nothing", async (database) => {
  await using repository = await openTestRepository(database);
  const ann = await createGuest(repository, "ann");
  const bob = await createOperator(repository, "bob");
  const inquiry = await ask(repository, ann.id);
  const answers = await repository.messages.append([
    expire(inquiry),
    choose(inquiry, { by: bob }),
    expire(inquiry),
  ]);
  assertEquals(answers.map(outcomeOf), ["expired", "expired", "dup"]);
  const late = await repository.messages.append([choose(inquiry, { by: bob })]);
  assertEquals(late.map(outcomeOf), ["expired"]);
  assertEquals(await statesIn(repository, inquiry), ["expired"]);
  assertEquals((await repository.inquiries.find(inquiry.id))?.state, "expired");
});

testEachStore(
  "questions: a decision is stored by operators only, of others than their own questions",
  async (database) => {
    await using repository = await openTestRepository(database);
    const ann = await createGuest(repository, "ann");
    const bob = await createOperator(repository, "bob");
    const own = await ask(repository, bob.id);
    const inquiry = await ask(repository, ann.id);
    const text = await ask(repository, ann.id, "text");
    const eve = await createGuest(repository, "eve");
    const answers = await repository.messages.append([
      choose(own, { by: bob }),
      choose(inquiry, { by: eve }),
      choose(inquiry, { by: ann }),
      choose(inquiry, { by: bob, choice: "perhaps" }),
      choose(text, { by: bob }),
    ]);
    assertEquals(answers.map(outcomeOf), [
      "forbidden",
      "forbidden",
      "forbidden",
      "bad_field",
      "bad_state",
    ]);
    assertEquals(await statesIn(repository, inquiry), []);
  },
);

testEachStore(
  "questions: a decision sent again by its cid is answered as before, whatever came later",
  async (database) => {
    await using repository = await openTestRepository(database);
    const ann = await createGuest(repository, "ann");
    const bob = await createOperator(repository, "bob");
    const inquiry = await ask(repository, ann.id);
    const sent = choose(inquiry, { by: bob, cid: "d" });
    const answers = await repository.messages.append([sent, sent]);
    assertEquals(answers.map(outcomeOf), ["decided", "dup"]);
    const [again] = await repository.messages.append([sent]);
    assertEquals([again].map(outcomeOf), ["dup"]);
    const other = await repository.messages.append([
      choose(inquiry, { by: bob, cid: "d", choice: "deny" }),
    ]);
    assertEquals(other.map(outcomeOf), ["cid_conflict"]);
  },
);

testEachStore(
  "questions: two operators decide what needs two, and one of them alone does not",
  async (database) => {
    await using repository = await openTestRepository(database);
    const ann = await createGuest(repository, "ann");
    const [bob, carol] = [
      await createOperator(repository, "bob"),
      await createOperator(repository, "carol"),
    ];
    const inquiry = await ask(repository, ann.id, { ...TERMS, needs: 2 });
    const answers = await repository.messages.append([
      choose(inquiry, { by: bob }),
      choose(inquiry, { by: bob }),
      choose(inquiry, { by: bob, choice: "deny" }),
      choose(inquiry, { by: bob }),
      choose(inquiry, { by: carol }),
    ]);
    assertEquals(answers.map(outcomeOf), [
      "pending",
      "already_decided",
      "pending",
      "pending",
      "decided",
    ]);
    assertEquals((await repository.inquiries.find(inquiry.id))?.state, "decided");
  },
);

testEachStore(
  "questions: the open ones that expire are found, those that expire first",
  async (database) => {
    await using repository = await openTestRepository(database);
    const ann = await createGuest(repository, "ann");
    const bob = await createOperator(repository, "bob");
    const late = await ask(repository, ann.id, { ...TERMS, expires: 2_000 });
    const soon = await ask(repository, ann.id, { ...TERMS, expires: 1_000 });
    await ask(repository, ann.id);
    const decided = await ask(repository, ann.id, { ...TERMS, expires: 500 });
    await repository.messages.append([choose(decided, { by: bob })]);
    // What was opened and not asked yet waits for its question.
    await repository.inquiries.open({
      asker: ann.id,
      terms: { ...TERMS, expires: 1 },
      mostOpen: 99,
      now: 0,
    });
    assertEquals(await repository.inquiries.expiring({ limit: 10 }), [
      { inquiry: soon.id, expires: 1_000 },
      { inquiry: late.id, expires: 2_000 },
    ]);
  },
);

Deno.test({
  name: "questions: of 20 deciders over two servers of one MySQL one wins, also against the clock",
  ignore: isMysqlMissing(),
  async fn(): Promise<void> {
    await using database = await createMysqlDatabase();
    await using one = await openTestRepository(database);
    await using other = await openTestRepository(database);
    const ann = await createGuest(one, "ann");
    const operators = await Promise.all(
      Array.from({ length: 10 }, (_, n) => createOperator(one, `op-${n}`)),
    );
    for (let round = 0; round < 20; round++) {
      const inquiry = await ask(one, ann.id);
      const drafts = operators.map((by, n) =>
        choose(inquiry, { by, choice: TERMS.choices[n % 2] ?? "" })
      );
      const answers = await Promise.all(
        [one, other].flatMap(({ messages }) =>
          [...drafts, expire(inquiry)].map((one) => messages.append([one]))
        ),
      );
      const outcomes = answers.flat().map(outcomeOf);
      const won = outcomes.filter((outcome) => outcome === "decided");
      const closed = answers.flat().filter((answer) =>
        !("refused" in answer) && !answer.dup && answer.body?.state === "expired"
      );
      assertEquals(won.length + closed.length, 1, outcomes.join(" "));
      assertEquals((await statesIn(other, inquiry)).length, 1);
    }
  },
});
