// Protocol 10.9 to 10.11: the room `desk`, and the work of the operators.

import { assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { comeBack, greet, JumpingClock, operator, UNHURRIED } from "./scene.ts";

const LIMITS = { ...UNHURRIED, inquiries_burst: 1_000, inquiries_open_guest: 100 };

/** All events of the desk so far. */
async function deskOf(client: RawClient): Promise<readonly Frame[]> {
  return (await client.ask({ type: "history", room: "desk", limit: 100 })).events;
}

/** What an event of the desk says, without what every event has. */
function changeIn({ change, inquiry, from, state, assignee, content }: Frame): unknown[] {
  return [
    change,
    inquiry,
    from,
    state,
    ...(assignee ? [assignee] : []),
    ...(content ? [content] : []),
  ];
}

Deno.test("protocol 10.9: each change of an inquiry is an event of the room desk, numbered without gaps", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  const resumed = await bob.ask({ type: "resume", rooms: [{ room: "desk", seq: 0 }] });
  assertEquals(resumed.rooms, [{ room: "desk", missed: 0, recovered: true, last: 0 }]);
  const { room } = await ann.ask({ type: "inquiry", content: "May I?" });
  await ann.ask({ type: "message", room, content: "Please" });
  assertEquals((await bob.ask({ type: "claim", inquiry: 1 })).state, "claimed");
  await bob.ask({ type: "respond", inquiry: 1, content: "Yes" });
  await bob.ask({ type: "resolve", inquiry: 1 });
  const events = await bob.received("desk", 5);
  assertEquals(events.map(({ room, seq }) => [room, seq]), [1, 2, 3, 4, 5].map((n) => ["desk", n]));
  assertEquals(events.map(changeIn), [
    ["opened", 1, "ann", "open", "May I?"],
    ["asked", 1, "ann", "open", "Please"],
    ["claimed", 1, "bob", "claimed", "bob"],
    ["answered", 1, "bob", "claimed", "bob", "Yes"],
    ["resolved", 1, "bob", "resolved", "bob"],
  ]);
  assertEquals(await deskOf(bob), events);
});

Deno.test("protocol 10.9: a question with choices has its terms in the room desk, and its end is there", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  const choices = ["yes", "no"];
  await ann.ask({ type: "inquiry", content: "Run it?", choices });
  await ann.ask({ type: "inquiry", content: "Stop it?", choices });
  await bob.ask({ type: "decide", inquiry: 1, choice: "yes" });
  await ann.ask({ type: "withdraw", inquiry: 2 });
  const events = await deskOf(bob);
  assertEquals(events.map(changeIn), [
    ["opened", 1, "ann", "open", "Run it?"],
    ["opened", 2, "ann", "open", "Stop it?"],
    ["decided", 1, "bob", "decided", "bob"],
    ["withdrawn", 2, "ann", "withdrawn"],
  ]);
  assertEquals(events.map(({ choices, of, choice }) => [choices, of, choice]), [
    [choices, 1, undefined],
    [choices, 1, undefined],
    [undefined, 1, "yes"],
    [undefined, 1, undefined],
  ]);
});

Deno.test("protocol 10.10: of twenty who claim an inquiry one has it, and the others read who", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const ann = await greet(server, "ann");
  const operators = [];
  for (let n = 0; n < 20; n++) operators.push(await operator(server, `op-${n}`));
  for (let inquiry = 1; inquiry <= 5; inquiry++) {
    await ann.ask({ type: "inquiry", content: "Who?" });
    const replies = await Promise.all(operators.map((op) => op.ask({ type: "claim", inquiry })));
    const [winner, ...more] = replies.filter(({ type }) => type === "ok");
    assertEquals([more.length, winner?.state], [0, "claimed"]);
    for (const { type, code, assignee } of replies) {
      if (type !== "ok") assertEquals([code, assignee], ["already_claimed", winner?.assignee]);
    }
  }
  const [op] = operators as [RawClient];
  const claims = (await deskOf(op)).filter(({ change }) => change === "claimed");
  assertEquals(claims.map(({ inquiry }) => inquiry), [1, 2, 3, 4, 5]);
});

Deno.test("protocol 10.10: a change is refused where the inquiry is not as expected, with what it is", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, eve] = [await operator(server, "bob"), await operator(server, "eve")];
  const ann = await greet(server, "ann");
  await ann.ask({ type: "inquiry", content: "May I?" });
  await bob.ask({ type: "claim", inquiry: 1 });
  const assign = (more: object) => eve.ask({ type: "assign", inquiry: 1, user: "eve", ...more });
  const { code, state, assignee } = await assign({ expect: { assignee: null } });
  assertEquals([code, state, assignee], ["already_claimed", "claimed", "bob"]);
  assertEquals((await assign({ expect: { assignee: "bob" } })).assignee, "eve");
  const late = await eve.ask({ type: "resolve", inquiry: 1, expect: { state: "open" } });
  assertEquals([late.code, late.state], ["bad_state", "claimed"]);
});

Deno.test("protocol 10.11: an inquiry is seen once, by an operator", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, eve] = [await operator(server, "bob"), await operator(server, "eve")];
  const ann = await greet(server, "ann");
  await ann.ask({ type: "inquiry", content: "May I?" });
  assertEquals((await ann.ask({ type: "seen", inquiry: 1 })).code, "forbidden");
  assertEquals((await bob.ask({ type: "seen", inquiry: 1 })).dup, undefined);
  assertEquals((await eve.ask({ type: "seen", inquiry: 1 })).dup, true);
  assertEquals((await deskOf(eve)).map(changeIn), [
    ["opened", 1, "ann", "open", "May I?"],
    ["seen", 1, "bob", "open"],
  ]);
});

Deno.test("protocol 10.10: a snoozed inquiry is out of the queue until its time is over, whatever the clocks do", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ limits: LIMITS, clock });
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  const { snoozes } = server.server.hub.desk;
  const queued = async () => (await bob.ask({ type: "queue" })).inquiries.length;
  const { room } = await ann.ask({ type: "inquiry", content: "May I?" });
  await bob.ask({ type: "snooze", inquiry: 1, for_ms: 60_000 });
  assertEquals(await queued(), 0);
  clock.setWall(clock.now() + 3_600_000);
  await snoozes.wakeSome();
  assertEquals(await queued(), 0);
  clock.jump(60_000);
  await snoozes.wakeSome();
  await snoozes.wakeSome();
  assertEquals(await queued(), 1);
  await bob.ask({ type: "snooze", inquiry: 1, for_ms: 60_000 });
  await ann.ask({ type: "message", room, content: "Please" });
  assertEquals(await queued(), 1);
  await bob.ask({ type: "snooze", inquiry: 1, for_ms: 60_000 });
  await bob.ask({ type: "reopen", inquiry: 1 });
  clock.jump(60_000);
  await snoozes.wakeSome();
  const changes = (await deskOf(bob)).map(({ change, from }) => `${change} ${from}`);
  assertEquals(changes, [
    "opened ann",
    "snoozed bob",
    "reopened ann",
    "snoozed bob",
    "asked ann",
    "snoozed bob",
    "reopened bob",
  ]);
});

Deno.test("protocol 10.10: a resolved inquiry is reopened by its asker within seven days, and not later", async () => {
  const clock = new JumpingClock();
  await using server = await startTestServer({ limits: LIMITS, clock });
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  const { room } = await ann.ask({ type: "inquiry", content: "May I?" });
  await bob.ask({ type: "respond", inquiry: 1, content: "Yes" });
  await bob.ask({ type: "resolve", inquiry: 1 });
  assertEquals((await ann.ask({ type: "question", inquiry: 1 })).state, "resolved");
  clock.setWall(Date.now() + 6 * 86_400_000);
  assertEquals((await ann.ask({ type: "message", room, content: "And now?" })).type, "ok");
  const { inquiries: [{ state, assignee }] } = await bob.ask({ type: "queue" });
  assertEquals([state, assignee], ["open", undefined]);
  await bob.ask({ type: "resolve", inquiry: 1 });
  clock.setWall(clock.now() + 7 * 86_400_000 + 1);
  const late = await ann.ask({ type: "message", room, content: "And later?" });
  assertEquals([late.code, late.state], ["bad_state", "resolved"]);
  assertEquals((await bob.ask({ type: "reopen", inquiry: 1 })).state, "open");
});

Deno.test("protocol 10.2: an asker is sent what is done about an inquiry, and by whom", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  await operator(server, "eve");
  await ann.ask({ type: "inquiry", content: "May I?" });
  await bob.ask({ type: "seen", inquiry: 1 });
  await bob.ask({ type: "claim", inquiry: 1 });
  await bob.ask({ type: "assign", inquiry: 1, user: "eve" });
  await bob.ask({ type: "snooze", inquiry: 1, for_ms: 1_000 });
  const sent = await ann.received("progress", 3);
  assertEquals(sent.map(({ change, from, assignee }) => [change, from, assignee]), [
    ["seen", "bob", undefined],
    ["claimed", "bob", "bob"],
    ["assigned", "bob", "eve"],
  ]);
  assertEquals(sent.some(({ seq }) => seq !== undefined), false);
});

Deno.test("protocol 10.9: an operator who is one no more gets nothing more of the desk, and a new one does", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  const admin = await comeBack(server, server.adminToken);
  await bob.ask({ type: "resume", rooms: [{ room: "desk", seq: 0 }] });
  await admin.ask({ type: "account", name: "bob", role: "member" });
  await ann.ask({ type: "inquiry", content: "one" });
  await bob.quiet();
  const { rooms } = await bob.ask({ type: "resume", rooms: [{ room: "desk", seq: 0 }] });
  assertEquals(rooms, [{ room: "desk", error: "no_such_room" }]);
  await admin.ask({ type: "account", name: "bob", role: "operator" });
  await ann.ask({ type: "inquiry", content: "two" });
  assertEquals((await bob.until("desk")).content, "two");
});

/** The inquiry 1 of ann, on which bob works. */
async function claimedByBob(
  server: TestServer,
): Promise<Record<"bob" | "cid" | "ann" | "boss", RawClient>> {
  const bob = await operator(server, "bob");
  const cid = await operator(server, "cid");
  const ann = await greet(server, "ann");
  const boss = await comeBack(server, server.adminToken);
  await ann.ask({ type: "inquiry", content: "May I?" });
  await bob.ask({ type: "claim", inquiry: 1 });
  return { bob, cid, ann, boss };
}

Deno.test("protocol 10.10: what an operator works on who is one no more is claimed by another", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const { cid, boss } = await claimedByBob(server);
  assertEquals((await cid.ask({ type: "claim", inquiry: 1 })).code, "already_claimed");
  await boss.ask({ type: "account", name: "bob", role: "member" });
  const { type, state, assignee } = await cid.ask({ type: "claim", inquiry: 1 });
  assertEquals([type, state, assignee], ["ok", "claimed", "cid"]);
  assertEquals((await boss.ask({ type: "claim", inquiry: 1 })).code, "already_claimed");
});

Deno.test("protocol 10.10: what an operator works on who is one no more is released by another", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const { bob, cid, ann, boss } = await claimedByBob(server);
  assertEquals((await cid.ask({ type: "release", inquiry: 1 })).code, "already_claimed");
  await boss.ask({ type: "account", name: "bob", role: "member" });
  assertEquals((await bob.ask({ type: "release", inquiry: 1 })).type, "error");
  const { type, state, assignee, dup } = await cid.ask({ type: "release", inquiry: 1 });
  assertEquals([type, state, assignee, dup], ["ok", "open", undefined, undefined]);
  const { change, from } = await ann.until("progress").then(() => ann.until("progress"));
  assertEquals([change, from], ["released", "cid"]);
  assertEquals((await cid.ask({ type: "claim", inquiry: 1 })).assignee, "cid");
});

Deno.test("protocol 10.10: what waits for no answer is not put off", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, ann] = [await operator(server, "bob"), await greet(server, "ann")];
  const { room } = await ann.ask({ type: "inquiry", content: "May I?" });
  const snooze = { type: "snooze", inquiry: 1, for_ms: 60_000 };
  assertEquals((await bob.ask(snooze)).type, "ok");
  await bob.ask({ type: "respond", inquiry: 1, content: "Yes" });
  const { code, state, assignee, message } = await bob.ask(snooze);
  assertEquals([code, state, assignee], ["bad_state", "claimed", "bob"]);
  assertEquals(
    message.endsWith("only an inquiry that waits for an answer can be put off"),
    true,
    message,
  );
  await ann.ask({ type: "message", room, content: "And db4?" });
  assertEquals((await bob.ask(snooze)).type, "ok");
});
