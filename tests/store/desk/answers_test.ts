// Answers against every store: of two operators who answer at once one wins, on whatever servers.

import { assertEquals } from "@std/assert";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import type { Appended, Draft, InquiryRecord, UserRecord } from "../../../lib/store/records.ts";
import { createMysqlDatabase, isMysqlMissing } from "../../support/stores/mysql.ts";
import { openTestRepository, testEachStore } from "../../support/stores/databases.ts";
import { createGuest, draft, openInquiry } from "../../support/stores/store_facts.ts";

function createOperator({ users }: Repository, name: string): Promise<UserRecord> {
  return users.ensureAccount({ name: userNameOf(name), role: "operator", now: 0 });
}

/** An inquiry with one question of ann's. */
async function ask(repository: Repository): Promise<InquiryRecord> {
  const ann = await createGuest(repository, "ann");
  const inquiry = await openInquiry(repository, ann.id);
  await repository.messages.append([
    draft(ann.id, { room: inquiry.room.id, inquiry: inquiry.id }),
  ]);
  return inquiry;
}

function answer(
  { id: inquiry, room }: InquiryRecord,
  { by, to = 1, anyway, cid }: { by: UserRecord; to?: number; anyway?: boolean; cid?: string },
): Draft {
  const body = { kind: "response", content: `by ${by.name}`, to } as const;
  return { room: room.id, user: by.id, from: by.name, guest: false, body, cid, inquiry, anyway };
}

/** `stored`, `dup`, or why it was refused, and by which answer. */
function outcomeOf(appended: Appended | undefined): string {
  if (appended === undefined) return "none";
  if (!("refused" in appended)) return appended.dup ? "dup" : "stored";
  return `${appended.refused} ${appended.prior?.from} ${appended.prior?.seq}`;
}

testEachStore(
  "answers: another operator's within 60 s is refused with the one before, unless it is sent anyway",
  async (database) => {
    let now = 1_000_000;
    await using repository = await openTestRepository(database, { now: () => now });
    const [bob, eve] = [
      await createOperator(repository, "bob"),
      await createOperator(repository, "eve"),
    ];
    const inquiry = await ask(repository);
    const send = async (...drafts: readonly Draft[]) =>
      (await repository.messages.append(drafts)).map(outcomeOf);
    // In one batch as in several.
    assertEquals(
      await send(answer(inquiry, { by: bob, cid: "b1" }), answer(inquiry, { by: eve })),
      ["stored", "answered_meanwhile bob 2"],
    );
    assertEquals(await send(answer(inquiry, { by: eve })), ["answered_meanwhile bob 2"]);
    assertEquals(await send(answer(inquiry, { by: bob, cid: "b1" })), ["dup"]);
    assertEquals(await send(answer(inquiry, { by: bob })), ["stored"]);
    now += 59_999;
    assertEquals(await send(answer(inquiry, { by: eve })), ["answered_meanwhile bob 3"]);
    assertEquals(await send(answer(inquiry, { by: eve, anyway: true, cid: "e1" })), ["stored"]);
    // A resend is the same answer, whatever was answered since.
    assertEquals(await send(answer(inquiry, { by: bob, cid: "b1" })), ["dup"]);
    assertEquals(await send(answer(inquiry, { by: eve, cid: "e1" })), ["dup"]);
    assertEquals(await send(answer(inquiry, { by: bob })), ["answered_meanwhile eve 4"]);
    now += 60_000;
    assertEquals(await send(answer(inquiry, { by: bob })), ["stored"]);
    // The asker has written after that answer: the next one is to another question.
    const more = draft(inquiry.asker.id, { room: inquiry.room.id, inquiry: inquiry.id });
    assertEquals(await send(more, answer(inquiry, { by: eve, to: 6 })), ["stored", "stored"]);
    assertEquals(await send(answer(inquiry, { by: bob, to: 6 })), ["answered_meanwhile eve 7"]);
  },
);

Deno.test({
  name: "answers: of 20 operators on two servers one answers, and every other reads that answer",
  ignore: isMysqlMissing(),
  async fn(): Promise<void> {
    await using database = await createMysqlDatabase();
    await using one = await openTestRepository(database);
    await using other = await openTestRepository(database);
    const operators = await Promise.all(
      Array.from({ length: 20 }, (_, n) => createOperator(one, `op-${n}`)),
    );
    const inquiry = await ask(one);
    const outcomes = await Promise.all(operators.map(async (by, n) => {
      const [appended] = await (n % 2 === 0 ? one : other).messages.append([
        answer(inquiry, { by }),
      ]);
      return outcomeOf(appended);
    }));
    const stored = await one.messages.after(inquiry.room.id, 1, 100);
    assertEquals(stored.length, 1);
    const refused = outcomes.filter((outcome) => outcome !== "stored");
    assertEquals(refused, Array(19).fill(`answered_meanwhile ${stored[0]?.from} 2`));
  },
});
