// TLS fits the port of endpoints: a chat over it, and handshakes that fail.

import { assertEquals } from "@std/assert";
import type { AcceptedConnection, Endpoint } from "../../../lib/server/endpoint/endpoint.ts";
import { isOpensslMissing, TestAuthority } from "../../support/processes/certificates.ts";
import { RawClient } from "../../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { until } from "../../support/waiting.ts";

interface Scene {
  readonly server: TestServer;
  readonly port: number;
  /** Trusts the server's certificate. */
  readonly caCerts: string[];
}

function listenTls(options: { cert: string; key: string }): { endpoint: Endpoint; port: number } {
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...options });
  const endpoint: Endpoint = {
    async accept(): Promise<AcceptedConnection> {
      const stream = await listener.accept();
      return { stream, address: stream.remoteAddr.hostname, isLocal: true };
    },
    close: () => listener.close(),
  };
  return { endpoint, port: listener.addr.port };
}

/** A server that also listens for TLS; at the end nothing is left of its connections. */
async function onTlsServer(body: (scene: Scene) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-tls-" });
  try {
    const authority = await TestAuthority.create(directory, "authority");
    const { certificate, key } = await authority.issue("server", { names: "DNS:localhost" });
    const { endpoint, port } = listenTls({
      cert: await Deno.readTextFile(certificate),
      key: await Deno.readTextFile(key),
    });
    await using server = await startTestServer({
      endpoints: [endpoint],
      limits: { first_byte_ms: 300 },
      pace: 5,
    });
    await body({ server, port, caCerts: [await Deno.readTextFile(authority.path)] });
    await until(() => server.server.counters().connections === 0);
    assertEquals(server.logged, []);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const ignore = isOpensslMissing();

Deno.test({
  name: "tls: a chat over TLS beside one over TCP",
  ignore,
  fn: () =>
    onTlsServer(async ({ server, port, caCerts }) => {
      const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts });
      const ann = RawClient.over(conn);
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
    }),
});

Deno.test({
  name: "tls: a handshake that fails is an ordinary end, whatever the peer sent",
  ignore,
  fn: () =>
    onTlsServer(async ({ server, port, caCerts }) => {
      let tried = 0;
      /** Sends, and closes the connection at once or when the server has ended its session. */
      const send = async (bytes: string | Uint8Array<ArrayBuffer>, then: "cut" | "wait") => {
        using conn = await Deno.connect({ hostname: "127.0.0.1", port });
        await conn.write(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
        tried++;
        if (then === "cut") return;
        await until(() => {
          const { accepted, connections } = server.server.counters();
          return accepted === tried && connections === 0;
        });
      };
      // Plain text, what port scans send, silence, and the beginning of a ClientHello.
      const clientHello = new Uint8Array([0x16, 3, 1, 0, 0xc8, 1, 0, 0, 0xc4, 3, 3]);
      await send('{"type":"hello","version":1}\n', "wait");
      await send("GET / HTTP/1.1\r\n\r\n", "wait");
      await send("SSH-2.0-scan\r\n", "cut");
      await send("", "cut");
      // `Deno.TlsConn.close` keeps the socket of an open handshake until its peer ends: the session ends.
      await send("", "wait");
      await send(clientHello, "cut");
      await send(clientHello, "wait");
      // A client that does not trust the certificate.
      const untrusting = await Deno.connectTls({ hostname: "localhost", port });
      await untrusting.handshake().catch(() => {});
      untrusting.close();
      await until(() => server.server.counters().connections === 0);

      const ann = RawClient.over(await Deno.connectTls({ hostname: "localhost", port, caCerts }));
      assertEquals((await ann.hello("ann")).type, "welcome");
      ann.close();
    }),
});
