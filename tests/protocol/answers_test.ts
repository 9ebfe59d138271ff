// Protocol 10.4: two operators who answer the same question.

import { assertEquals } from "@std/assert";
import { startTestServer } from "../support/server.ts";
import { greet, operator } from "./scene.ts";

Deno.test("protocol 10.4: a second operator's answer is refused with the first one, and sent anyway", async () => {
  await using server = await startTestServer();
  const [bob, eve] = [await operator(server, "bob"), await operator(server, "eve")];
  const ann = await greet(server, "ann");
  await ann.ask({ type: "inquiry", content: "May I?" });
  assertEquals((await bob.ask({ type: "respond", inquiry: 1, content: "Yes" })).type, "ok");
  const refused = await eve.ask({ type: "respond", inquiry: 1, content: "No", cid: "e1" });
  const { code, event: { type, room, seq, from, content, to } } = refused;
  assertEquals([code, type, room, seq, from, content, to], [
    ...["answered_meanwhile", "response", "?1", 2, "bob", "Yes", 1],
  ]);
  assertEquals((await ann.until("response")).content, "Yes");
  await ann.quiet();
  const sent = { type: "respond", inquiry: 1, content: "No", cid: "e1", anyway: true };
  assertEquals((await eve.ask(sent)).seq, 3);
  assertEquals((await ann.until("response")).content, "No");
  assertEquals((await eve.ask({ ...sent, anyway: 1 })).field, "anyway");
});
