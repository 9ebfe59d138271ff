import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryEndpoint } from "../../../lib/server/endpoint/memory_endpoint.ts";
import { startTestServer } from "../../support/server.ts";
import type { ByteStream } from "../../../lib/wire/byte_stream.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Reads frames until one has this type. */
async function readUntil(stream: ByteStream, type: string): Promise<Record<string, unknown>> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (;;) {
    for (const line of text.split("\n").slice(0, -1)) {
      const frame = JSON.parse(line) as Record<string, unknown>;
      if (frame.type === type) return frame;
    }
    const length = await stream.read(buffer);
    if (length === null) throw new Error(`The server closed the connection after: ${text}`);
    text += decoder.decode(buffer.subarray(0, length));
  }
}

Deno.test("memory endpoint: a chat beside the port, whose peer is local and is shown out at the end", async () => {
  const endpoint = new MemoryEndpoint();
  await using server = await startTestServer({ endpoints: [endpoint] });
  const stream = endpoint.connect();
  const auth = { method: "token", token: server.adminToken };
  const hello = { type: "hello", version: 1, auth, idle_ms: 0 };
  await stream.write(encoder.encode(`${JSON.stringify(hello)}\n`));
  const welcome = await readUntil(stream, "welcome");
  // Only a local peer may be silent without limit.
  assertEquals((welcome.limits as Record<string, number>).idle_ms, 0);
  await stream.write(encoder.encode('{"type":"join","room":"lobby"}\n'));
  await readUntil(stream, "room");

  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "join", room: "lobby" });
  await ann.ask({ type: "message", room: "lobby", content: "hello console" });
  assertEquals((await readUntil(stream, "message")).content, "hello console");

  const stopped = server.server.stop("shutdown");
  assertEquals((await readUntil(stream, "bye")).code, "shutdown");
  stream.close();
  await stopped;
  assertThrows(() => endpoint.connect(), Deno.errors.ConnectionRefused);
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
