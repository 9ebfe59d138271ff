import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryEndpoint } from "../../../lib/server/endpoint/memory_endpoint.ts";
import { startTestServer } from "../../support/server.ts";
import { until } from "../../support/waiting.ts";
import { RawClient } from "../../support/clients/raw_client.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

Deno.test("memory endpoint: its peer is local, chats with those of the port, and is sent a bye at the end", async () => {
  const endpoint = new MemoryEndpoint();
  await using server = await startTestServer({ endpoints: [endpoint] });
  const local = RawClient.over(endpoint.connect());
  const auth = { method: "token", token: server.adminToken };
  const welcome = await local.ask({ type: "hello", version: 1, auth, idle_ms: 0 });
  // Only a local peer may be silent without limit.
  assertEquals(welcome.limits.idle_ms, 0);
  await local.ask({ type: "join", room: "lobby" });

  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "join", room: "lobby" });
  await ann.ask({ type: "message", room: "lobby", content: "hello console" });
  assertEquals((await local.until("message")).content, "hello console");

  const stopped = server.server.stop("shutdown");
  assertEquals((await local.until("bye")).code, "shutdown");
  local.close();
  await stopped;
  assertThrows(() => endpoint.connect(), Deno.errors.ConnectionRefused);
});

Deno.test("memory endpoint: a full server accepts its own process, which takes no one's place", async () => {
  const endpoint = new MemoryEndpoint();
  await using server = await startTestServer({
    endpoints: [endpoint],
    limits: { connections: 1, unauthenticated: 1 },
  });
  const hello = {
    type: "hello",
    version: 1,
    auth: { method: "token", token: server.adminToken },
  };
  // Before login it is neither counted nor ended for another connection.
  const first = RawClient.over(endpoint.connect());
  const ann = await server.connect();
  await ann.hello("ann");
  assertEquals((await first.ask(hello)).type, "welcome");
  const second = RawClient.over(endpoint.connect());
  assertEquals((await second.ask(hello)).type, "welcome");
  assertEquals((await ann.ask({ type: "ping" })).type, "pong");
  first.close();
  await until(() => server.server.counters().connections === 2);
  const ben = await server.connect();
  assertEquals((await ben.next()).code, "too_many");
  second.close();
});

Deno.test("memory endpoint: connections wait in order to be accepted, and are closed with the endpoint", async () => {
  const endpoint = new MemoryEndpoint();
  const streams = [endpoint.connect(), endpoint.connect()];
  await streams[0]?.write(encoder.encode("first"));
  const buffer = new Uint8Array(16);
  const { stream } = await endpoint.accept();
  assertEquals(decoder.decode(buffer.subarray(0, await stream.read(buffer) ?? 0)), "first");
  endpoint.close();
  assertEquals(await streams[1]?.read(buffer), null);
  await assertRejects(() => endpoint.accept(), Deno.errors.BadResource);
  stream.close();
  for (const one of streams) one.close();
});
