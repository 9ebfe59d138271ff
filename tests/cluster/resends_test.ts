// A message that one of two servers has stored, sent again to the other by a user who may not send it any more.

import { assertEquals } from "@std/assert";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { startTestServer } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";
import { byToken, enter, hello, join, UNHURRIED } from "../protocol/scene.ts";

for (const bus of ["with", "without"] as const) {
  Deno.test(`two servers ${bus} a bus: what one has stored is acknowledged by the other to a user who is muted since`, async () => {
    const net = new MemoryNet();
    // Without notices each server looks at the store often.
    const pace = bus === "with" ? 0.01 : 20;
    if (bus === "without") net.loses = () => true;
    await using one = await startTestServer({ bus: net.join(), pace, limits: UNHURRIED });
    await using other = await startTestServer({
      bus: net.join(),
      beside: one,
      pace,
      limits: UNHURRIED,
    });
    const ann = await enter(one, "ann", "ops");
    const bob = await one.connect();
    const { token } = await bob.hello("bob");
    await join(bob, "ops");
    const sent = { type: "message", room: "ops", content: "one", cid: "c1" };
    const { seq, time } = await bob.ask(sent);
    bob.close();
    const back = await other.connect();
    await hello(back, byToken(token));
    await join(back, "ops");
    await ann.ask({ type: "standing", room: "ops", user: "bob", standing: "muted" });
    const refused = { ...sent, cid: undefined };
    await eventually(async () => (await back.ask(refused)).code, (code) => code === "muted");
    const again = await back.ask(sent);
    assertEquals([again.type, again.seq, again.time, again.dup], ["ok", seq, time, true]);
  });
}
