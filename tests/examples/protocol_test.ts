// A test of the protocol: raw lines to a real server. The name begins with the paragraph of docs/protocol.md.

import { assertEquals } from "@std/assert";
import { enter, say } from "../protocol/scene.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("protocol 4.2: a message arrives at the other members of its room", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await enter(server, "ada"), await enter(server, "bob")];
  // Ada joined first and is sent the event.
  assertEquals((await ada.next()).type, "joined");
  await say(bob, { texts: ["hello"] });
  const { type, from, content } = await ada.next();
  assertEquals([type, from, content], ["message", "bob", "hello"]);
  await ada.quiet();
});
