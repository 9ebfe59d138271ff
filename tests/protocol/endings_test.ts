// Protocol 8.4: how a connection ends, and what is answered before.

import { assert, assertEquals } from "@std/assert";
import { startTestServer } from "../support/server.ts";
import { byeCode, enter, greet, holdCommits } from "./scene.ts";
import { eventually } from "../support/waiting.ts";

Deno.test("protocol 8.4: a client that has ended its side is answered what it asked", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada");
  const held = holdCommits(server.repository);
  await ada.send(
    { type: "message", id: 1, room: "lobby", content: "last words" },
    { type: "members", id: 2, room: "lobby" },
  );
  await ada.closeWrite();
  await eventually(() => held.waiting, (waiting) => waiting === 1);
  held.release();
  const frames = await ada.untilEnd();
  assertEquals(frames.filter((frame) => frame.re !== undefined).map(({ re, type }) => [re, type]), [
    [1, "ok"],
    [2, "members"],
  ]);
});

Deno.test("protocol 8.4: a last line without its newline is no frame", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  await ada.write(new TextEncoder().encode('{"type":"ping","id":1}\n{"type":"ping","id":2}'));
  await ada.closeWrite();
  assertEquals((await ada.untilEnd()).map((frame) => frame.re), [1]);
});

Deno.test("protocol 8.4: a server that stops says bye to everyone and ends its side", async () => {
  const server = await startTestServer();
  {
    await using _server = server;
    const clients = [await server.connect(), await greet(server, "ada"), await enter(server, "b2")];
    const stopping = server.server.stop("restarting");
    for (const client of clients) {
      const [bye, ...others] = await client.untilEnd();
      assertEquals([bye?.type, bye?.code, bye?.reconnect], ["bye", "restarting", true]);
      assert(bye?.after_ms >= 0 && bye?.after_ms < 5_000);
      assertEquals(others, []);
      client.close();
    }
    assertEquals(await stopping, true);
  }
});

Deno.test("protocol 8.4: a server that stops answers what it has begun, then says bye", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada");
  const held = holdCommits(server.repository);
  await ada.send(
    { type: "message", id: 1, room: "lobby", content: "one" },
    { type: "message", id: 2, room: "lobby", content: "two" },
    { type: "join", id: 3, room: "after", create: true },
  );
  await eventually(() => held.waiting, (waiting) => waiting === 2);
  const bystander = await greet(server, "bob");
  const stopping = server.server.stop("shutdown");
  assertEquals(await byeCode(bystander), "shutdown");
  held.release();
  const frames = (await ada.untilEnd()).filter(({ type }) => type !== "message");
  assertEquals(frames.map(({ re, type, code }) => [re, code ?? type]), [
    [1, "ok"],
    [2, "ok"],
    [undefined, "shutdown"],
  ]);
  await stopping;
  // What was not answered was not begun.
  assertEquals(await server.repository.rooms.find("after"), undefined);
});

Deno.test("protocol 8.4: a message that waits for its rate when the server stops is not stored", async () => {
  const limits = { messages_burst: 1, messages_per_s: 0.2 };
  await using server = await startTestServer({ limits });
  const ada = await greet(server, "ada");
  await ada.send(
    { type: "message", id: 1, room: "lobby", content: "one" },
    { type: "message", id: 2, room: "lobby", content: "two" },
  );
  assertEquals((await ada.next()).re, 1);
  const stopping = server.server.stop("shutdown");
  assertEquals(await byeCode(ada), "shutdown");
  await stopping;
  const [lobby] = await server.repository.rooms.list({ limit: 1 });
  assertEquals(lobby?.last, 1);
});

Deno.test("protocol 8.4: who does not go in time is cut", async () => {
  await using server = await startTestServer({ limits: { drain_ms: 50 } });
  const ada = await enter(server, "ada");
  holdCommits(server.repository);
  await ada.send({ type: "message", id: 1, room: "lobby", content: "never answered" });
  await ada.send({ type: "ping", id: 2 });
  await ada.next();
  assertEquals(await server.server.stop("shutdown"), false);
  assertEquals(await ada.untilEnd(), []);
});
