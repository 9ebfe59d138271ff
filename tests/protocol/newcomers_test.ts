// Protocol 8.3 and 11: a crowd that does not log in keeps nobody out, and how this machine is counted.

import { assert, assertEquals } from "@std/assert";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";
import type { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { greet } from "./scene.ts";

const CROWD = DEFAULT_LIMITS.unauthenticated;
const LOGINS = 20;
const bytes = (text: string) => new TextEncoder().encode(text);

async function crowd(server: TestServer, beginning: string): Promise<readonly RawClient[]> {
  const clients: RawClient[] = [];
  for (let n = 0; n < CROWD; n++) {
    const client = await server.connect();
    await client.write(bytes(beginning));
    clients.push(client);
  }
  return clients;
}

/** How many of the logins succeed, each on a connection of its own that stays. */
async function logInAll(
  server: TestServer,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  let welcomed = 0;
  for (let n = 0; n < LOGINS; n++) {
    const client = await server.connect();
    await meanwhile();
    const reply = await client.hello(`guest-${n}x`).catch(() => undefined);
    if (reply?.type === "welcome") welcomed++;
  }
  return welcomed;
}

for (
  const [what, beginning] of [
    ["one byte each", "{"],
    ["a blank each", "\n"],
    ["a ping each", '{"type":"ping"}\n'],
    ["a hello without a login each", '{"type":"hello","version":1}\n'],
    ["nonsense each", "nonsense\n"],
  ] as const
) {
  Deno.test(`protocol 8.3: ${CROWD} connections of ${what} keep nobody out`, async () => {
    await using server = await startTestServer();
    await crowd(server, beginning);
    assertEquals(await logInAll(server), LOGINS);
    const { connections, sessions } = server.server.counters();
    assertEquals(sessions, LOGINS);
    assert((connections ?? NaN) <= CROWD + LOGINS);
  });
}

Deno.test(`protocol 8.3: ${CROWD} connections that trickle bytes keep nobody out`, async () => {
  await using server = await startTestServer();
  const trickling = await crowd(server, '{"type":"hello","padding":"');
  const trickle = async () => {
    // Those that have made room by then take no more.
    for (const client of trickling) await client.write(bytes("x")).catch(() => {});
  };
  assertEquals(await logInAll(server, trickle), LOGINS);
});

Deno.test("protocol 11: this machine is exempt from the limits of an address, or limited like others", async () => {
  const limits = { unauthenticated_per_ip: 2, connections_per_ip: 3 };
  {
    await using server = await startTestServer({ limits });
    for (let n = 0; n < 5; n++) await greet(server, `ada-${n}x`);
  }
  await using server = await startTestServer({ limits, loopback: "limited" });
  const [first, second] = [await server.connect(), await server.connect()];
  assertEquals((await (await server.connect()).next()).code, "too_many");
  await first.hello("ada");
  await second.hello("bob");
  const third = await server.connect();
  const hello = { type: "hello", version: 1, auth: { method: "guest", name: "cy" } };
  const welcome = await third.ask({ ...hello, idle_ms: 0 });
  assertEquals(welcome.limits.idle_ms, DEFAULT_LIMITS.idle_ms);
  assertEquals((await (await server.connect()).next()).code, "too_many");
});
