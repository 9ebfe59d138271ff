// Protocol 2.4: the server stops reading; it does not punish.

import { assertEquals } from "@std/assert";
import { startTestServer } from "../support/server.ts";

Deno.test("protocol 2.4: a thousand bad lines in one write, before login, are each answered", async () => {
  await using server = await startTestServer({ limits: { refusals_per_min: 10_000 } });
  const client = await server.connect();
  await client.write(new TextEncoder().encode("nonsense\n".repeat(1_000)));
  for (let n = 0; n < 1_000; n++) assertEquals((await client.next()).code, "bad_json");
  await client.quiet();
});

Deno.test("protocol 2.4: forty history pages asked for at once all come, whole and in order", async () => {
  await using server = await startTestServer({
    limits: {
      history_burst: 100,
      messages_burst: 100,
      bytes_burst: 10_000_000,
      unread_bytes: 100_000,
    },
  });
  const client = await server.connect();
  await client.hello("ada");
  await client.ask({ type: "join", room: "lobby" });
  for (let n = 0; n < 4; n++) {
    await client.ask({ type: "message", room: "lobby", content: "x".repeat(15_000) });
  }
  const ids = Array.from({ length: 40 }, (_, n) => n);
  await client.send(...ids.map((id) => ({ type: "history", id, room: "lobby" })));
  for (const id of ids) {
    let frame = await client.next();
    while (frame.type === "message") frame = await client.next();
    assertEquals([frame.re, frame.events.length], [id, 4]);
  }
});
