// What somebody on the network sees of a chat: everything that passes is recorded, and nothing that was
// written or that identifies anyone may be in it.

import { assert, assertEquals, assertGreater } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { RawClient } from "../../support/clients/raw_client.ts";
import { type Direction, Relay } from "../../support/clients/relay.ts";
import { startTestServer } from "../../support/server.ts";
import { connectTls, openTestTls } from "../../support/tls.ts";

const NAMES = ["canary-ann", "canary-bob"] as const;
const ROOM = "canary-room";
const CONTENT = "canary: the password of db3 is in the safe";

interface Captured {
  /** All bytes of every connection, one after the other. */
  readonly bytes: Readonly<Record<Direction, Uint8Array>>;
  /** What must not be seen. */
  readonly secrets: readonly string[];
}

/** Two people log in, chat, read their history and come back by token, over a relay that records. */
async function capture(how: "plain" | "tls"): Promise<Captured> {
  const recorded: Record<Direction, Uint8Array[]> = { "to server": [], "to client": [] };
  await using tls = await openTestTls();
  await using server = await startTestServer({ endpoints: [tls.endpoint] });
  await using relay = new Relay({
    target: how === "tls" ? tls.port : server.port,
    filter(bytes, { direction }): boolean {
      recorded[direction].push(bytes.slice());
      return true;
    },
  });
  const { port } = relay;
  const connect = () =>
    how === "tls"
      ? connectTls({ port, cert: tls.written.cert })
      : RawClient.connect({ hostname: "127.0.0.1", port });
  const tokens: string[] = [];
  for (const name of NAMES) {
    using client = await connect();
    tokens.push((await client.hello(name)).token);
    await client.ask({ type: "join", room: ROOM, create: true });
    await client.ask({ type: "message", room: ROOM, content: CONTENT });
    await client.ask({ type: "inquiry", content: `${CONTENT}?` });
  }
  using back = await connect();
  const auth = { method: "token", token: tokens[0] };
  assertEquals((await back.ask({ type: "hello", version: 1, auth })).type, "welcome");
  await back.ask({ type: "join", room: ROOM });
  assertEquals((await back.ask({ type: "history", room: ROOM })).type, "page");
  return {
    bytes: {
      "to server": concat(recorded["to server"]),
      "to client": concat(recorded["to client"]),
    },
    secrets: [...NAMES, ROOM, CONTENT, ...tokens, "welcome", "message"],
  };
}

/** The secrets that stand in these bytes, as text or as a part of base64 or hexadecimal. */
function findIn(bytes: Uint8Array, secrets: readonly string[]): string[] {
  const text = new TextDecoder("latin1").decode(bytes);
  const encoder = new TextEncoder();
  return secrets.filter((secret) => {
    const secretBytes = encoder.encode(secret);
    return [secret, secretBytes.toHex(), secretBytes.toBase64().slice(0, -4)]
      .some((form) => form.length > 3 && text.includes(form));
  });
}

Deno.test("tls wire: a recorded chat holds no text, name, room or token", async () => {
  const { bytes, secrets } = await capture("tls");
  for (const direction of ["to server", "to client"] as const) {
    assertGreater(bytes[direction].length, 1_000);
    assertEquals(findIn(bytes[direction], secrets), [], direction);
  }
});

Deno.test("tls wire: the same recording of the plain port holds all of it", async () => {
  const { bytes, secrets } = await capture("plain");
  assert(findIn(bytes["to client"], secrets).length === secrets.length);
  assert(findIn(bytes["to server"], secrets).length >= secrets.length - 2);
});
