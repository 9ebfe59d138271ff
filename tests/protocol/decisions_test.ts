// Protocol 10.5 to 10.7: questions with choices, their decisions, and how they close without one.

import { assertEquals, assertMatch } from "@std/assert";
import { openSqlite } from "../../lib/store/sqlite/driver.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";
import { byToken, comeBack, greet, hello, JumpingClock, operator, UNHURRIED } from "./scene.ts";

const LIMITS = { ...UNHURRIED, inquiries_burst: 1_000, inquiries_open_guest: 100 };
const APPROVAL = { content: "Run migration 42 on db3?", choices: ["approve", "deny"] };
const HOUR_MS = 3_600_000;
/** A clock that jumps ends no connection. */
const NEVER_IDLE = { idle_ms: 1_000 * HOUR_MS };

function ask(client: RawClient, more: object = {}): Promise<Frame> {
  return client.ask({ type: "inquiry", ...APPROVAL, ...more });
}

function decide(client: RawClient, inquiry: number, more: object = {}): Promise<Frame> {
  return client.ask({ type: "decide", inquiry, choice: "approve", ...more });
}

/** What a log holds besides its question: kind, author, choice and state of each event. */
async function logOf(client: RawClient, inquiry: number): Promise<unknown[]> {
  const { events } = await client.ask({ type: "history", room: `?${inquiry}` });
  return events.slice(1).map((event: Frame) => [event.type, event.from, event.choice, event.state]);
}

Deno.test("protocol 10.5: a question with choices is decided by an operator, and its asker reads by whom and why", async () => {
  await using server = await startTestServer();
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  const asked = await ask(ann, { expires_ms: 600_000, cid: "deploy-4711" });
  assertEquals([asked.type, asked.inquiry, asked.operators, asked.position], ["ok", 1, 1, 1]);
  assertEquals(asked.expires > Date.now() + 590_000 && asked.expires < Date.now() + 610_000, true);
  const question = await ann.until("message");
  assertEquals([question.choices, question.expires], [APPROVAL.choices, asked.expires]);
  const reported = await bob.question();
  assertEquals([reported.choices, reported.expires], [APPROVAL.choices, asked.expires]);
  const { inquiries } = await bob.ask({ type: "queue" });
  assertEquals([inquiries[0].choices, inquiries[0].state], [APPROVAL.choices, "open"]);

  const decided = await decide(bob, 1, { content: "drained, go" });
  assertEquals([decided.type, decided.room, decided.seq, decided.inquiry, decided.state], [
    "ok",
    "?1",
    2,
    1,
    "decided",
  ]);
  const { time: _, ...decision } = await ann.until("decision");
  const { you } = await hello(await server.connect(), byToken(server.adminToken));
  assertEquals(decision, {
    type: "decision",
    room: "?1",
    seq: 2,
    of: 1,
    user: decision.user,
    from: "bob",
    choice: "approve",
    state: "decided",
    content: "drained, go",
  });
  assertEquals(you.role, "admin");
  assertEquals((await bob.ask({ type: "queue" })).inquiries, []);
  assertEquals((await ask(ann, { cid: "deploy-4711" })).dup, true);
});

Deno.test("protocol 10.5: one of twenty operators decides, the others read who, what and when", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const ann = await greet(server, "ann");
  const operators = [];
  for (let n = 0; n < 20; n++) operators.push(await operator(server, `op-${n}`));
  for (let inquiry = 1; inquiry <= 5; inquiry++) {
    await ask(ann);
    const replies = await Promise.all(
      operators.map((op, n) => decide(op, inquiry, { choice: APPROVAL.choices[n % 2] })),
    );
    const winners = replies.filter(({ type }) => type === "ok");
    assertEquals(winners.length, 1);
    const [decision] = (await ann.ask({ type: "history", room: `?${inquiry}`, after: 1 })).events;
    for (const { type, code, event, message } of replies) {
      if (type === "ok") continue;
      assertEquals([code, event], ["already_decided", decision]);
      assertMatch(message, new RegExp(`^${event.from} decided "${event.choice}" at 20`));
    }
    assertEquals((await logOf(ann, inquiry)).length, 1);
  }
});

Deno.test("protocol 10.5: a decision sent again is the same decision, and another one under its cid is refused", async () => {
  await using server = await startTestServer();
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  await ask(ann);
  const first = await decide(bob, 1, { cid: "d1" });
  const again = await decide(bob, 1, { cid: "d1" });
  assertEquals([again.seq, again.dup, again.state], [first.seq, true, "decided"]);
  assertEquals((await decide(bob, 1, { cid: "d1", choice: "deny" })).code, "cid_conflict");
  assertEquals((await decide(bob, 1)).code, "already_decided");
  assertEquals((await logOf(ann, 1)).length, 1);
});

Deno.test("protocol 10.5: nobody decides a question of their own, and no guest, member or former operator decides one", async () => {
  await using server = await startTestServer();
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  await ask(ann);
  await ask(bob);
  assertEquals((await decide(ann, 1)).code, "forbidden");
  assertEquals((await decide(ann, 2)).code, "no_such_inquiry");
  assertEquals((await decide(bob, 2)).code, "forbidden");
  assertEquals(await logOf(ann, 1), []);
});

Deno.test("protocol 10.5: the right to decide is looked up in the store at that moment", async () => {
  const directory = await Deno.makeTempDir();
  const driver = await openSqlite({ path: `${directory}/parley.db` });
  try {
    await using server = await startTestServer({ driver });
    const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
    await ask(ann);
    // Another server has taken the role away, and this one has not noticed.
    await driver.execute("UPDATE Users SET role = 'member' WHERE username = 'bob'");
    assertEquals((await decide(bob, 1)).code, "forbidden");
    await driver.execute("UPDATE Users SET role = 'operator', is_bot = 1 WHERE username = 'bob'");
    assertEquals((await decide(bob, 1)).code, "forbidden");
    const suspend = "UPDATE Users SET is_bot = 0, state = 'suspended' WHERE username = 'bob'";
    await driver.execute(suspend);
    assertEquals((await decide(bob, 1)).code, "forbidden");
    await driver.execute("UPDATE Users SET state = 'active' WHERE username = 'bob'");
    assertEquals((await decide(bob, 1)).state, "decided");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("protocol 10.5: a text never decides, whatever it says", async () => {
  await using server = await startTestServer();
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  await ask(ann);
  await bob.ask({ type: "respond", inquiry: 1, content: "approve" });
  await ann.ask({ type: "message", room: "?1", content: "approve" });
  const { state, event } = await ann.ask({ type: "question", inquiry: 1 });
  assertEquals([state, event], ["open", undefined]);
  const { inquiries } = await bob.ask({ type: "queue" });
  assertEquals(inquiries.map((one: Frame) => [one.inquiry, one.seq]), [[1, 1]]);
  assertEquals((await decide(bob, 1)).state, "decided");
  // Nor does a text open it again.
  await ann.ask({ type: "message", room: "?1", content: "and now?" });
  assertEquals((await bob.ask({ type: "queue" })).inquiries, []);
});

Deno.test("protocol 10.5: a question that needs two is decided by two different operators with the same choice", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, carol, dan] = [
    await operator(server, "bob"),
    await operator(server, "carol"),
    await operator(server, "dan"),
  ];
  const ann = await greet(server, "ann");
  await ask(ann, { needs: 2 });
  assertEquals((await ann.until("message")).needs, 2);
  assertEquals((await decide(bob, 1)).state, "pending");
  const again = await decide(bob, 1);
  assertEquals([again.code, again.event.from, again.event.state], [
    "already_decided",
    "bob",
    "pending",
  ]);
  assertEquals((await ann.ask({ type: "question", inquiry: 1 })).state, "pending");
  assertEquals((await bob.ask({ type: "queue" })).inquiries[0].state, "pending");
  assertEquals((await decide(carol, 1, { choice: "deny" })).state, "pending");
  // An operator may choose again: the latest choice counts.
  assertEquals((await decide(bob, 1, { choice: "deny" })).state, "decided");
  assertEquals((await decide(dan, 1)).code, "already_decided");
  assertEquals(await logOf(ann, 1), [
    ["decision", "bob", "approve", "pending"],
    ["decision", "carol", "deny", "pending"],
    ["decision", "bob", "deny", "decided"],
  ]);
});

Deno.test("protocol 10.5: twenty operators at once decide a question that needs three, by exactly three", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const ann = await greet(server, "ann");
  const operators = [];
  for (let n = 0; n < 20; n++) operators.push(await operator(server, `op-${n}`));
  await ask(ann, { needs: 3 });
  const replies = await Promise.all(operators.map((op) => decide(op, 1)));
  assertEquals(replies.map(({ state, code }) => state ?? code).toSorted(), [
    ...Array(17).fill("already_decided"),
    "decided",
    "pending",
    "pending",
  ]);
});

Deno.test("protocol 10.6: the asker withdraws a question, once, and no one decides it after that", async () => {
  await using server = await startTestServer();
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  await ask(ann);
  assertEquals((await bob.ask({ type: "withdraw", inquiry: 1 })).code, "forbidden");
  const closed = await ann.ask({ type: "withdraw", inquiry: 1 });
  assertEquals([closed.seq, closed.state, closed.dup], [2, "withdrawn", undefined]);
  const event = await ann.until("closed");
  assertEquals([event.of, event.from, event.state, event.seq], [1, "ann", "withdrawn", 2]);
  const again = await ann.ask({ type: "withdraw", inquiry: 1 });
  assertEquals([again.seq, again.dup], [2, true]);
  const late = await decide(bob, 1);
  assertEquals([late.code, late.event], ["expired", event]);
  assertEquals((await bob.ask({ type: "queue" })).inquiries, []);

  await ask(ann);
  await decide(bob, 2);
  const lost = await ann.ask({ type: "withdraw", inquiry: 2 });
  assertEquals([lost.code, lost.event.from, lost.event.choice], [
    "already_decided",
    "bob",
    "approve",
  ]);
});

Deno.test("protocol 10.6: a question expires by itself, at its time and not before, and never as approved", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ clock, pace: 50, limits: NEVER_IDLE });
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  await ask(ann, { expires_ms: 60_000 });
  await ask(ann, { expires_ms: 90_000 });
  await ask(ann);
  clock.jump(59_000);
  assertEquals((await ann.ask({ type: "question", inquiry: 1 })).state, "open");
  clock.jump(2_000);
  const event = await ann.until("closed");
  assertEquals([event.room, event.of, event.from, event.state], ["?1", 1, "ann", "expired"]);
  const late = await decide(bob, 1);
  assertEquals([late.code, late.event], ["expired", event]);
  // It is decided in its last second, or never.
  clock.jump(28_000);
  assertEquals((await decide(bob, 2)).state, "decided");
  clock.jump(HOUR_MS);
  assertEquals((await decide(bob, 3)).state, "decided");
  assertEquals(await logOf(ann, 1), [["closed", "ann", undefined, "expired"]]);
});

Deno.test("protocol 10.6: a decision after the time is refused, also before the server has closed the question", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ clock, pace: 0.001, limits: NEVER_IDLE });
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  await ask(ann, { expires_ms: 1_000 });
  clock.jump(1_000);
  const late = await decide(bob, 1);
  assertEquals([late.code, late.event.state], ["expired", "expired"]);
  assertEquals(await logOf(ann, 1), [["closed", "ann", undefined, "expired"]]);
});

Deno.test("protocol 10.6: a clock that is set closes no question too early or too late", async () => {
  for (const set of [-HOUR_MS, HOUR_MS, 24 * HOUR_MS]) {
    const clock = new JumpingClock();
    await using server = await startTestServer({ clock, pace: 50, limits: NEVER_IDLE });
    const ann = await greet(server, "ann");
    await ask(ann, { expires_ms: 60_000 });
    clock.setWall(Date.now() + set);
    clock.jump(30_000);
    await server.server.hub.desk.decisions.expireSome();
    assertEquals((await ann.ask({ type: "question", inquiry: 1 })).state, "open");
    clock.jump(30_000);
    assertEquals((await ann.until("closed")).state, "expired");
  }
});

Deno.test("protocol 10.6: a question expires after a restart of the server, too", async () => {
  const directory = await Deno.makeTempDir();
  try {
    let token = "";
    {
      await using server = await startTestServer({ directory });
      const ann = await server.connect();
      token = (await ann.hello("ann")).token;
      await ask(ann, { expires_ms: 60_000, cid: "k" });
    }
    const clock = new JumpingClock();
    clock.setWall(Date.now() + 30_000);
    await using server = await startTestServer({ directory, clock, pace: 50 });
    const ann = await comeBack(server, token);
    await server.server.hub.desk.decisions.expireSome();
    assertEquals((await ann.ask({ type: "question", cid: "k" })).state, "open");
    clock.jump(31_000);
    const { event } = await eventually(
      () => ann.ask({ type: "question", cid: "k" }),
      ({ state }) => state !== "open",
    );
    assertEquals([event.type, event.state], ["closed", "expired"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("protocol 10.7: what has become of a question is answered by number or by cid", async () => {
  await using server = await startTestServer();
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  const asked = await ask(ann, { cid: "deploy", expires_ms: 60_000 });
  const question = await ann.ask({ type: "question", cid: "deploy" });
  const { re: _, ...fields } = question;
  assertEquals(fields, {
    type: "question",
    inquiry: 1,
    room: "?1",
    seq: 1,
    from: "ann",
    content: APPROVAL.content,
    choices: APPROVAL.choices,
    expires: asked.expires,
    state: "open",
  });
  assertEquals((await bob.ask({ type: "question", cid: "deploy" })).code, "no_such_inquiry");
  assertEquals((await ann.ask({ type: "question", cid: "other" })).code, "no_such_inquiry");
  await decide(bob, 1);
  const decided = await bob.ask({ type: "question", inquiry: 1 });
  assertEquals([decided.state, decided.event.type, decided.event.choice], [
    "decided",
    "decision",
    "approve",
  ]);
  await ann.ask({ type: "inquiry", content: "Which one?", cid: "text" });
  assertEquals((await ann.ask({ type: "question", cid: "text" })).state, "open");
  await bob.ask({ type: "respond", inquiry: 2, content: "db3" });
  assertEquals((await ann.ask({ type: "question", cid: "text" })).state, "answered");
});

Deno.test("protocol 10.7: a question that was edited or deleted says so", async () => {
  await using server = await startTestServer();
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  const { room } = await ann.ask({ type: "inquiry", content: "Which one?" });
  const look = async () => {
    const { content, edited, deleted } = await bob.ask({ type: "question", inquiry: 1 });
    return [content, edited, deleted];
  };
  assertEquals(await look(), ["Which one?", undefined, undefined]);
  await ann.ask({ type: "edit", room, seq: 1, content: "Which of them?" });
  assertEquals(await look(), ["Which of them?", 2, undefined]);
  await ann.ask({ type: "delete", room, seq: 1 });
  assertEquals(await look(), ["", 2, 3]);
});

Deno.test("protocol 10.5: a reason that names somebody counts as no mention, and a decision as no message", async () => {
  await using server = await startTestServer();
  const bob = await operator(server, "bob");
  const ann = await server.connect();
  const { token } = await ann.hello("ann");
  await ask(ann);
  await decide(bob, 1, { content: "@ann go" });
  const { rooms } = await hello(await server.connect(), byToken(token));
  assertEquals(rooms.map(({ unread, mentions }: Frame) => [unread, mentions]), [[0, 0]]);
});

Deno.test("protocol 10.7: an inquiry whose question was not stored, as by a kill, is found and asked again", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ clock, limits: NEVER_IDLE });
  const [bob, ann] = [await operator(server, "bob"), await server.connect()];
  const { you } = await ann.hello("ann");
  const { opening, decisions } = server.server.hub.desk;
  const terms = { choices: APPROVAL.choices, expiresMs: 1_000 };
  await opening.open({ user: you.user, name: "ann", role: "guest" }, { cid: "k", terms });
  const { state, seq } = await ann.ask({ type: "question", cid: "k" });
  assertEquals([state, seq], ["open", undefined]);
  assertEquals((await decide(bob, 1)).code, "bad_state");
  assertEquals((await ann.ask({ type: "withdraw", inquiry: 1 })).code, "bad_state");
  const asked = await ask(ann, { cid: "k", expires_ms: 5_000 });
  assertEquals([asked.inquiry, asked.seq, asked.dup], [1, 1, undefined]);
  clock.jump(1_000);
  await decisions.expireSome();
  assertEquals((await ann.ask({ type: "question", cid: "k" })).state, "expired");
});

Deno.test("protocol 10.5: the asker who was away gets the decision by resume, and no unread message by it", async () => {
  await using server = await startTestServer();
  const bob = await operator(server, "bob");
  const ann = await server.connect();
  const { token, epoch } = await ann.hello("ann");
  await ask(ann);
  ann.close();
  await decide(bob, 1);
  const again = await server.connect();
  const { rooms, features } = await hello(again, byToken(token));
  assertEquals(rooms.map(({ room, last, unread }: Frame) => [room, last, unread]), [["?1", 2, 0]]);
  assertEquals(features.includes("decisions"), true);
  await again.send({ type: "resume", epoch, rooms: [{ room: "?1", seq: 1 }] });
  assertEquals((await again.until("decision")).choice, "approve");
});

Deno.test("protocol 10.5: choices are 2 to 8 different words of at most 32 bytes, and nothing expires or needs without them", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const ann = await greet(server, "ann");
  const words = (n: number) => Array.from({ length: n }, (_, at) => `w${at}`);
  const refused: [object, string][] = [
    [{ choices: ["a"] }, "choices"],
    [{ choices: words(9) }, "choices"],
    [{ choices: "a,b" }, "choices"],
    [{ choices: ["a", "a"] }, "choices"],
    [{ choices: ["a", ""] }, "choices.1"],
    [{ choices: ["a", "b c"] }, "choices.1"],
    [{ choices: ["a", "b\u202e"] }, "choices.1"],
    [{ choices: ["a", "ä".repeat(17)] }, "choices.1"],
    [{ choices: ["a", 7] }, "choices.1"],
    [{ needs: 0 }, "needs"],
    [{ needs: 11 }, "needs"],
    [{ expires_ms: 0 }, "expires_ms"],
    [{ expires_ms: 31 * 24 * HOUR_MS }, "expires_ms"],
    [{ choices: undefined, expires_ms: 1_000 }, "expires_ms"],
    [{ choices: undefined, needs: 2 }, "needs"],
  ];
  for (const [more, field] of refused) {
    const reply = await ask(ann, more);
    assertEquals([reply.code, reply.field], ["bad_field", field], JSON.stringify(more));
  }
  assertEquals((await ask(ann, { choices: words(8) })).type, "ok");
  assertEquals((await ask(ann, { choices: ["ä".repeat(16), "b"] })).type, "ok");
  const bob = await operator(server, "bob");
  assertEquals((await decide(bob, 1, { choice: "approve" })).field, "choice");
  await ann.ask({ type: "inquiry", content: "Which?" });
  assertEquals((await decide(bob, 3)).code, "bad_state");
});

Deno.test("protocol 10.1: a question sent again under its cid keeps its choices, and with others it is refused", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const ann = await greet(server, "ann");
  await ask(ann, { cid: "k", expires_ms: 60_000 });
  const again = await ask(ann, { cid: "k", expires_ms: 90_000 });
  assertEquals([again.dup, again.inquiry], [true, 1]);
  assertEquals((await ask(ann, { cid: "k", choices: ["yes", "no"] })).code, "cid_conflict");
  assertEquals((await ask(ann, { cid: "k", needs: 2 })).code, "cid_conflict");
  assertEquals((await ask(ann, { cid: "k", needs: 1 })).dup, true);
  assertEquals((await ask(ann, { cid: "k", choices: undefined })).code, "cid_conflict");
  await ann.ask({ type: "inquiry", content: "A text?", cid: "t" });
  assertEquals((await ask(ann, { cid: "t", content: "A text?" })).code, "cid_conflict");
});

Deno.test("protocol 10.1: the asker reads how many operators are there, without themselves", async () => {
  await using server = await startTestServer();
  const ann = await greet(server, "ann");
  assertEquals((await ask(ann)).operators, 0);
  const bob = await operator(server, "bob");
  assertEquals((await ask(ann)).operators, 1);
  assertEquals((await ask(bob)).operators, 0);
  bob.close();
  const { names } = server.server.hub;
  await eventually(
    () => names.connectedUsers(),
    (users) => !users.some(({ name }) => name === "bob"),
  );
  assertEquals((await ask(ann)).operators, 0);
});
