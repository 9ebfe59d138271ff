// Decisions between two servers of one store: one wins, and everyone reads the same events.

import { assertEquals } from "@std/assert";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";
import { greet, JumpingClock, operator, UNHURRIED } from "../protocol/scene.ts";

const LIMITS = { ...UNHURRIED, inquiries_burst: 1_000, inquiries_open_guest: 1_000 };
const APPROVAL = { type: "inquiry", content: "Run it?", choices: ["approve", "deny"] };

Deno.test("two servers: a decision on one is read by the asker on the other, and operators of both are counted", async () => {
  const net = new MemoryNet();
  await using one = await startTestServer({ bus: net.join(), limits: LIMITS });
  await using other = await startTestServer({ bus: net.join(), beside: one, limits: LIMITS });
  const [ann, bob] = [await greet(one, "ann"), await operator(other, "bob")];
  await eventually(() => ann.ask({ type: "whois", user: "bob" }), ({ here }) => here === true);
  const asked = await ann.ask(APPROVAL);
  assertEquals(asked.operators, 1);
  const question = await bob.question();
  assertEquals([question.inquiry, question.choices], [1, APPROVAL.choices]);
  const { state } = await bob.ask({ type: "decide", inquiry: 1, choice: "deny" });
  assertEquals(state, "decided");
  const decision = await ann.until("decision");
  assertEquals([decision.from, decision.choice, decision.seq], ["bob", "deny", 2]);
});

Deno.test("two servers: of 20 deciders on both one wins, round after round", async () => {
  const net = new MemoryNet();
  await using one = await startTestServer({ bus: net.join(), limits: LIMITS });
  await using other = await startTestServer({ bus: net.join(), beside: one, limits: LIMITS });
  const ann = await greet(one, "ann");
  const operators: RawClient[] = [];
  for (let n = 0; n < 20; n++) operators.push(await operator(n % 2 === 0 ? one : other, `op-${n}`));
  for (let inquiry = 1; inquiry <= 10; inquiry++) {
    await ann.ask(APPROVAL);
    const replies = await Promise.all(
      operators.map((op, n) =>
        op.ask({ type: "decide", inquiry, choice: APPROVAL.choices[n % 3 % 2] })
      ),
    );
    assertEquals(replies.filter(({ state }) => state === "decided").length, 1);
    const { events } = await ann.ask({ type: "history", room: `?${inquiry}`, after: 1 });
    for (const { type, event } of replies) if (type !== "ok") assertEquals(event, events[0]);
    assertEquals(events.length, 1);
  }
});

Deno.test("two servers: a question that expires is closed by one event", async () => {
  const net = new MemoryNet();
  const clock = new JumpingClock();
  await using one = await startTestServer({ bus: net.join(), limits: LIMITS, clock });
  await using other = await startTestServer({
    bus: net.join(),
    beside: one,
    limits: LIMITS,
    clock,
  });
  const ann = await greet(one, "ann");
  const servers = [one, other].map(({ server }) => server.hub.desk.decisions);
  for (let inquiry = 1; inquiry <= 5; inquiry++) {
    await ann.ask({ ...APPROVAL, expires_ms: 1_000 });
    await Promise.all(servers.map((decisions) => decisions.expireSome()));
    clock.jump(1_000);
    await Promise.all(servers.map((decisions) => decisions.expireSome()));
    const { events } = await ann.ask({ type: "history", room: `?${inquiry}`, after: 1 });
    assertEquals(events.map(({ type, state }: Frame) => [type, state]), [["closed", "expired"]]);
  }
});
