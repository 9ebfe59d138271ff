// What somebody on the network sees of a chat: everything that passes is recorded, and nothing that was
// written or that identifies anyone may be in it.

import { assertEquals } from "@std/assert";
import { RawClient } from "../../support/clients/raw_client.ts";
import {
  assertHidden,
  assertReadable,
  type Capture,
  RecordingRelay,
} from "../../support/clients/recording_relay.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { connectTls, openTestTls } from "../../support/tls.ts";

const NAMES = ["canary-ann", "canary-bob"] as const;
const ROOM = "canary-room";
const CONTENT = "canary: the password of db3 is in the safe";
const PASSWORD = "canary horse battery staple";
const CHOICES = ["canary-yes", "canary-no"];

/**
 * Two users join by a code, log in by password and by token, chat, ask, decide and read their history, over a
 * relay that records.
 */
async function capture(how: "plain" | "tls"): Promise<Capture> {
  await using stack = new AsyncDisposableStack();
  const tls = stack.use(await openTestTls());
  const server = stack.use(await startTestServer({ endpoints: [tls.endpoint] }));
  const relay = stack.use(new RecordingRelay(how === "tls" ? tls.port : server.port));
  const { port } = relay;
  const connect = () =>
    how === "tls"
      ? connectTls({ port, cert: tls.written.cert })
      : RawClient.connect({ hostname: "127.0.0.1", port });
  const code = await createCode(server);
  const tokens: string[] = [];
  const logIn = async (auth: object) => {
    const client = await connect();
    const { type, token } = await client.ask({ type: "hello", version: 1, auth });
    assertEquals(type, "welcome");
    if (token !== undefined) tokens.push(token);
    return client;
  };
  for (const name of NAMES) {
    {
      using looking = await connect();
      assertEquals((await looking.ask({ type: "look", code })).type, "code");
    }
    using joined = await logIn({ method: "code", code, name, password: PASSWORD });
    await joined.ask({ type: "join", room: ROOM, create: true });
    await joined.ask({ type: "message", room: ROOM, content: CONTENT });
    using again = await logIn({ method: "password", name, password: PASSWORD });
    assertEquals((await again.ask({ type: "history", room: ROOM })).type, "page");
  }
  using ann = await logIn({ method: "token", token: tokens[0] });
  using operator = await logIn({ method: "token", token: server.adminToken });
  const question = { type: "inquiry", content: `${CONTENT}?`, choices: CHOICES };
  const { inquiry } = await ann.ask(question);
  await operator.ask({ type: "decide", inquiry, choice: CHOICES[0], content: CONTENT });
  assertEquals((await ann.until("decision")).choice, CHOICES[0]);
  const both = [...NAMES, ROOM, CONTENT, ...CHOICES];
  const owned = stack.move();
  return {
    relay,
    secrets: {
      "to server": [...both, code, PASSWORD, tokens[0] ?? "", server.adminToken, "hello"],
      "to client": [...both, ...tokens, "welcome", "message"],
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A code that two may use. */
async function createCode({ connect, adminToken: token }: TestServer): Promise<string> {
  const admin = await connect();
  await admin.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  return (await admin.ask({ type: "code", kind: "join", uses: 2 })).code;
}

Deno.test("tls wire: a recorded chat holds no text, name, room, code, password or token", async () => {
  await using captured = await capture("tls");
  assertHidden(captured);
});

Deno.test("tls wire: the same recording of the plain port holds all of it", async () => {
  await using captured = await capture("plain");
  assertReadable(captured);
});
