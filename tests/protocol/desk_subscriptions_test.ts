// Protocol 6.3: how many of its own inquiries one connection is subscribed to.

import { assertEquals } from "@std/assert";
import { startTestServer } from "../support/server.ts";
import { comeBack, greet, UNHURRIED } from "./scene.ts";

Deno.test("protocol 6.3: who asks again and again on one connection is subscribed to the newest inquiries", async () => {
  await using server = await startTestServer({
    limits: { ...UNHURRIED, rooms_joined: 1, inquiries_open_guest: 100, inquiries_burst: 100 },
  });
  const ada = await greet(server, "ada");
  const boss = await comeBack(server, server.adminToken);
  for (let asked = 1; asked <= 12; asked++) {
    assertEquals((await ada.ask({ type: "inquiry", content: `${asked}` })).inquiry, asked);
  }
  assertEquals(server.server.hub.subscriptions, 10);
  for (const inquiry of [2, 3]) await boss.ask({ type: "respond", inquiry, content: "yes" });
  assertEquals((await ada.until("response")).room, "?3");
  const again = await ada.ask({ type: "resume", rooms: [{ room: "?12", seq: 0 }] });
  assertEquals(again.rooms[0].recovered, true);
});
