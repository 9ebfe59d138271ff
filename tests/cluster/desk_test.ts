// The desk between two servers of one store: one of many who claim an inquiry has it, a snooze is over once,
// and each change is read everywhere.

import { assertEquals } from "@std/assert";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { openMigrated, testEachStore } from "../support/stores/databases.ts";
import { startTestServer } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";
import { greet, JumpingClock, operator, UNHURRIED } from "../protocol/scene.ts";

const LIMITS = { ...UNHURRIED, inquiries_burst: 1_000, inquiries_open_guest: 1_000 };
const OPERATORS = 20;

/** What the desk has of an inquiry. */
async function changesOf(client: RawClient, inquiry: number): Promise<readonly string[]> {
  const { events } = await client.ask({ type: "history", room: "desk", limit: 100 });
  return events.filter((event: Frame) => event.inquiry === inquiry)
    .map(({ change, from }: Frame) => `${change} ${from}`);
}

testEachStore(
  "two servers: of 20 who claim on both one has the inquiry, round after round",
  async (database) => {
    const net = new MemoryNet();
    const driver = await openMigrated(database);
    await using one = await startTestServer({ bus: net.join(), limits: LIMITS, driver });
    await using other = await startTestServer({ bus: net.join(), beside: one, limits: LIMITS });
    const ann = await greet(one, "ann");
    const operators: RawClient[] = [];
    for (let n = 0; n < OPERATORS; n++) {
      operators.push(await operator(n % 2 === 0 ? one : other, `op-${n}`));
    }
    for (let inquiry = 1; inquiry <= 10; inquiry++) {
      await ann.ask({ type: "inquiry", content: "Who?" });
      const replies = await Promise.all(operators.map((op) => op.ask({ type: "claim", inquiry })));
      const [winner, ...more] = replies.filter(({ type }) => type === "ok");
      assertEquals([winner?.state, more.length], ["claimed", 0]);
      for (const { type, code, assignee } of replies) {
        if (type !== "ok") assertEquals([code, assignee], ["already_claimed", winner?.assignee]);
      }
      const [first] = operators as [RawClient];
      // The other server's change is delivered by its notice.
      const changes = await eventually(() => changesOf(first, inquiry), ({ length }) => length > 1);
      assertEquals(changes, ["opened ann", `claimed ${winner?.assignee}`]);
    }
  },
);

Deno.test("two servers: what one's operator does is sent to the asker at the other", async () => {
  const net = new MemoryNet();
  await using one = await startTestServer({ bus: net.join(), limits: LIMITS });
  await using other = await startTestServer({ bus: net.join(), beside: one, limits: LIMITS });
  const [ann, bob] = [await greet(one, "ann"), await operator(other, "bob")];
  await ann.ask({ type: "inquiry", content: "May I?" });
  assertEquals((await bob.question()).content, "May I?");
  await bob.ask({ type: "claim", inquiry: 1 });
  const { change, assignee } = await ann.until("progress");
  assertEquals([change, assignee], ["claimed", "bob"]);
});

Deno.test("two servers: a snooze that is over is one event, also of a server that was started since", async () => {
  const net = new MemoryNet();
  const clock = new JumpingClock();
  const start = (more: object) =>
    startTestServer({ bus: net.join(), limits: LIMITS, clock, ...more });
  await using one = await start({});
  const [ann, bob] = [await greet(one, "ann"), await operator(one, "bob")];
  await ann.ask({ type: "inquiry", content: "May I?" });
  await bob.ask({ type: "snooze", inquiry: 1, for_ms: 60_000 });
  await using other = await start({ beside: one });
  const snoozes = [one, other].map(({ server }) => server.hub.desk.snoozes);
  const wake = () => Promise.all(snoozes.map((each) => each.wakeSome()));
  await wake();
  assertEquals((await bob.ask({ type: "queue" })).inquiries, []);
  clock.jump(60_000);
  await wake();
  assertEquals(await changesOf(bob, 1), ["opened ann", "snoozed bob", "reopened ann"]);
  assertEquals((await bob.ask({ type: "queue" })).inquiries.length, 1);
});
