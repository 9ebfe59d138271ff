// A test of a guarantee: the real server as a process of its own, with the flags of its task, and a real fault.

import { assertEquals } from "@std/assert";
import type { Peer } from "../support/clients/peer.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { temporaryDirectory } from "../support/temporary.ts";

async function enter(server: ChildServer): Promise<Peer> {
  const peer = await server.connect();
  const auth = { method: "guest", name: "ada" };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  return peer;
}

Deno.test("crash: an acknowledged message is there after the server was killed", async () => {
  await using home = await temporaryDirectory();
  {
    await using server = await ChildServer.start({ directory: home.path });
    using ada = await enter(server);
    const message = { type: "message", id: "1", room: "lobby", content: "hello" };
    assertEquals((await ada.ask(message))?.type, "ok");
    await server.kill();
  }
  await using server = await ChildServer.start({ directory: home.path });
  using admin = await server.connect();
  const token = Deno.readTextFileSync(`${home.path}/data/admin.token`).trim();
  const auth = { method: "token", token };
  await admin.ask({ type: "hello", id: "hello", version: 1, auth });
  const page = await admin.ask({ type: "history", id: "2", room: "lobby" });
  assertEquals(page?.events.map(({ content }: { content: string }) => content), ["hello"]);
});
