// The TLS endpoint: a chat over it, and handshakes that fail.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DEFAULT_LIMITS } from "../../../lib/wire/limits.ts";
import { recordClientHello } from "../../faults/floods/handshakes.ts";
import { FakeTimers } from "../../support/fakes/fake_timers.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { openTestTls, type TestTls } from "../../support/tls.ts";
import { until, within } from "../../support/waiting.ts";

interface Scene {
  readonly server: TestServer;
  readonly tls: TestTls;
}

type Options = Parameters<typeof openTestTls>[0];

/** A server that also listens for TLS; at the end nothing is left of its connections. */
async function onTlsServer(
  body: (scene: Scene) => Promise<void>,
  { firstByteMs = 300, ...options }: Options & { firstByteMs?: number } = {},
): Promise<void> {
  await using tls = await openTestTls(options);
  await using server = await startTestServer({
    endpoints: [tls.endpoint],
    limits: { first_byte_ms: firstByteMs },
    pace: 5,
  });
  await body({ server, tls });
  await until(() => server.server.counters().connections === 0);
  assertEquals(server.logged, []);
  assertEquals(tls.counters().tls_handshakes, 0);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The beginning of a ClientHello of 200 bytes. */
const CUT_HELLO = new Uint8Array([0x16, 3, 1, 0, 0xc8, 1, 0, 0, 0xc4, 3, 3]);

async function readAll(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  for (;;) {
    const count = await conn.read(buffer).catch(() => null);
    if (count === null) return text;
    text += decoder.decode(buffer.subarray(0, count));
  }
}

Deno.test("tls: a chat over TLS beside one over TCP", () =>
  onTlsServer(async ({ server, tls }) => {
    using ann = await tls.connect();
    await ann.hello("ann");
    await ann.ask({ type: "join", room: "lobby" });
    const bob = await server.connect();
    await bob.hello("bob");
    await bob.ask({ type: "join", room: "lobby" });
    await bob.ask({ type: "message", room: "lobby", content: "by TCP" });
    assertEquals((await ann.until("message")).content, "by TCP");
    await ann.ask({ type: "message", room: "lobby", content: "by TLS" });
    let content: string;
    do content = (await bob.until("message")).content; while (content === "by TCP");
    assertEquals(content, "by TLS");
    ann.close();
    bob.close();
  }));

Deno.test("tls: long texts arrive whole in both directions, and a peer's end gets its answers", () =>
  onTlsServer(async ({ tls }) => {
    using ann = await tls.connect();
    await ann.hello("ann");
    await ann.ask({ type: "join", room: "lobby" });
    const content = "ü".repeat(16_000);
    await ann.ask({ type: "message", room: "lobby", content });
    assertEquals((await ann.until("message")).content, content);
    // The old dialect's client ends its side and then reads.
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: tls.port });
    const conn = await Deno.startTls(tcp, { hostname: "localhost", caCerts: [tls.written.cert] });
    await conn.write(encoder.encode('{"type":"ping","id":7}\n'));
    await conn.closeWrite();
    assert((await within(5_000, readAll(conn), "no answer")).includes('"re":7'));
    conn.close();
    ann.close();
  }));

Deno.test("tls: a handshake that fails is an ordinary end, whatever the peer sent", () =>
  onTlsServer(async ({ server, tls }) => {
    let tried = 0;
    /** Sends, and closes the connection at once or when the server has ended its session. */
    const send = async (bytes: Uint8Array<ArrayBuffer>, then: "cut" | "wait") => {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port: tls.port });
      if (bytes.length > 0) await conn.write(bytes);
      tried++;
      if (then === "cut") return;
      await until(() => {
        const { accepted, connections } = server.server.counters();
        return accepted === tried && connections === 0;
      });
    };
    const noise = CUT_HELLO.with(3, 0).with(4, 6);
    for (const bytes of [new Uint8Array(), CUT_HELLO, CUT_HELLO.subarray(0, 3), noise]) {
      await send(bytes, "cut");
      await send(bytes, "wait");
    }
    // A client that does not trust the certificate.
    const untrusting = await Deno.connectTls({ hostname: "localhost", port: tls.port });
    await assertRejects(() => untrusting.handshake());
    untrusting.close();
    await until(() => server.server.counters().connections === 0);
    // One that wants another protocol.
    const other = await Deno.connectTls({
      hostname: "localhost",
      port: tls.port,
      caCerts: [tls.written.cert],
      alpnProtocols: ["http/1.1"],
    });
    await assertRejects(() => other.handshake());
    other.close();
    await until(() => server.server.counters().connections === 0);

    using ann = await tls.connect();
    assertEquals((await ann.hello("ann")).type, "welcome");
    ann.close();
  }));

Deno.test("tls: plain text on its port gets one line that says so, and no chat", () =>
  onTlsServer(async ({ tls }) => {
    for (
      const text of [
        '{"type":"hello","version":1}\n',
        "GET / HTTP/1.1\r\n\r\n",
        "SSH-2.0-x\r\n",
        "\n",
      ]
    ) {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port: tls.port });
      await conn.write(encoder.encode(text));
      const answer = JSON.parse(await within(5_000, readAll(conn), "no end"));
      assertEquals([answer.type, answer.code, answer.reconnect], ["bye", "protocol", false]);
      assertEquals(answer.message, "This port of a Parley chat server speaks TLS, not plain text");
    }
  }));

Deno.test("tls: TLS on the plain port gets its line, too", () =>
  onTlsServer(async ({ server }) => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await conn.write(CUT_HELLO);
    const answer = JSON.parse(await within(5_000, readAll(conn), "no end"));
    assertEquals([answer.code, answer.reconnect], ["protocol", false]);
  }));

Deno.test("tls: a handshake that is not done in time ends, silent ones and cut ones", () => {
  const timers = new FakeTimers();
  const { handshake_ms: handshakeMs } = DEFAULT_LIMITS;
  return onTlsServer(async ({ server, tls }) => {
    using silent = await Deno.connect({ hostname: "127.0.0.1", port: tls.port });
    using cut = await Deno.connect({ hostname: "127.0.0.1", port: tls.port });
    await cut.write(CUT_HELLO);
    await until(() => server.server.counters().accepted === 2);
    await timers.advance(handshakeMs);
    assertEquals(await within(5_000, readAll(silent), "no end"), "");
    assertEquals(await within(5_000, readAll(cut), "no end"), "");
    // One that has got the server's part, and does not answer.
    using begun = await Deno.connect({ hostname: "127.0.0.1", port: tls.port });
    await begun.write(await recordClientHello());
    const first = new Uint8Array(1);
    await begun.read(first);
    assertEquals(first[0], 0x16);
    await timers.advance(handshakeMs);
    await within(5_000, readAll(begun), "no end");
  }, { timers, firstByteMs: 900_000 });
});

Deno.test("tls: a server that stops tells its clients, and ends handshakes that are not done", async () => {
  await using tls = await openTestTls();
  await using server = await startTestServer({ endpoints: [tls.endpoint] });
  using ann = await tls.connect();
  await ann.hello("ann");
  using silent = await Deno.connect({ hostname: "127.0.0.1", port: tls.port });
  using begun = await Deno.connect({ hostname: "127.0.0.1", port: tls.port });
  await begun.write(await recordClientHello());
  await until(() => server.server.counters().accepted === 3);
  const stopping = server.server.stop("restarting");
  const bye = await ann.until("bye");
  assertEquals([bye.code, bye.reconnect], ["restarting", true]);
  assertEquals(await within(5_000, readAll(silent), "no end"), "");
  await within(5_000, readAll(begun), "no end");
  ann.close();
  await within(5_000, stopping, "no end");
});

Deno.test("tls: a peer that reads nothing stops the server's writing, and is cut as too slow", async () => {
  await using tls = await openTestTls();
  await using server = await startTestServer({
    endpoints: [tls.endpoint],
    limits: {
      stall_ms: 300,
      messages_burst: 10_000,
      bytes_burst: 1e9,
      history_burst: 1e6,
      page: 100,
    },
    pace: 5,
  });
  using ann = await tls.connect();
  await ann.hello("ann");
  await ann.ask({ type: "join", room: "lobby" });
  const content = "x".repeat(30_000);
  const bob = await server.connect();
  await bob.hello("bob");
  await bob.ask({ type: "join", room: "lobby" });
  let sent = 0;
  // The buffers of the system are some megabytes: then the queue of the server is full.
  while (server.server.counters().connections === 2 && sent < 2_000) {
    await bob.ask({ type: "message", room: "lobby", content });
    sent++;
  }
  await until(() => server.server.counters().connections === 1);
  ann.close();
});
