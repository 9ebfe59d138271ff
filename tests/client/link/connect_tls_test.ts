// How the client recognises a server by TLS: a table of certificates and pins, each against a server that
// counts the bytes it gets.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Failure } from "../../../lib/client/exit.ts";
import { connectTls } from "../../../lib/client/link/connect_tls.ts";
import { pinOfCertificate } from "../../../lib/tls/pin.ts";
import { startTlsImpostor } from "../../support/clients/tls_impostor.ts";
import { createTestCertificate } from "../../support/tls.ts";

const OTHER_PIN = "A".repeat(22);
const YEAR_MS = 365 * 86_400_000;

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return (server.address() as AddressInfo).port;
}

const connectTo = (
  port: number,
  trust: { readonly pin?: string; readonly authority?: string; readonly hostname?: string },
) => {
  const { hostname = "127.0.0.1" } = trust;
  const server = `parley://${hostname}:${port}`;
  return connectTls({ hostname, port, server, ...trust }, new AbortController().signal);
};

/** Sends a byte and gets it back. */
async function isServed(
  port: number,
  trust: Parameters<typeof connectTo>[1],
): Promise<boolean> {
  const stream = await connectTo(port, trust);
  try {
    await stream.write(Uint8Array.of(7));
    const into = new Uint8Array(4);
    return await stream.read(into) === 1 && into[0] === 7;
  } finally {
    stream.close();
  }
}

Deno.test("connect by TLS: with the right pin neither name, nor time, nor authority counts", async () => {
  const cases = {
    usual: await createTestCertificate(),
    "for another host": await createTestCertificate({ names: ["chat.example"] }),
    expired: await createTestCertificate({ now: Date.now() - YEAR_MS, days: 30 }),
    "not valid yet": await createTestCertificate({ now: Date.now() + YEAR_MS }),
  };
  for (const [what, certificate] of Object.entries(cases)) {
    await using server = await startTlsImpostor(certificate);
    const pin = pinOfCertificate(certificate.cert);
    assertEquals(await isServed(server.port, { pin }), true, what);
  }
});

Deno.test("connect by TLS: with an authority name and time count", async () => {
  const good = await createTestCertificate();
  const otherHost = await createTestCertificate({ names: ["chat.example"] });
  const expired = await createTestCertificate({ now: Date.now() - YEAR_MS, days: 30 });
  {
    await using server = await startTlsImpostor(good);
    assertEquals(await isServed(server.port, { authority: good.cert }), true);
    assertEquals(
      await isServed(server.port, { authority: good.cert, hostname: "localhost" }),
      true,
    );
  }
  for (
    const [certificate, authority, why] of [
      [otherHost, otherHost.cert, "its certificate is for another name"],
      [expired, expired.cert, "no authority vouches for it"],
      [good, otherHost.cert, "no authority vouches for it"],
      [good, undefined, "no authority vouches for it"],
    ] as const
  ) {
    await using server = await startTlsImpostor(certificate);
    const trust = authority === undefined ? {} : { authority };
    const error = await assertRejects(() => connectTo(server.port, trust), Failure);
    assertEquals(error.exitCode, 76);
    const pin = pinOfCertificate(certificate.cert);
    assertStringIncludes(error.message, `Its pin is ${pin}`);
    assertStringIncludes(error.message, why);
    assertEquals(server.received, []);
  }
});

Deno.test("connect by TLS: another key than that of the pin gets nothing, whoever vouches for it", async () => {
  const certificate = await createTestCertificate();
  await using server = await startTlsImpostor(certificate);
  const trust = { pin: OTHER_PIN, authority: certificate.cert };
  const error = await assertRejects(() => connectTo(server.port, trust), Failure);
  assertEquals(error.exitCode, 76);
  const pin = pinOfCertificate(certificate.cert);
  assertStringIncludes(error.message, `its pin is ${pin}, not ${OTHER_PIN}`);
  assertEquals(server.received, []);
});

Deno.test("connect by TLS: a pin that differs in one character, anywhere, is another key's", async () => {
  const certificate = await createTestCertificate();
  const pin = pinOfCertificate(certificate.cert);
  await using server = await startTlsImpostor(certificate);
  for (let at = 0; at < pin.length; at++) {
    const other = pin.charAt(at) === "A" ? "Q" : "A";
    const changed = pin.slice(0, at) + other + pin.slice(at + 1);
    const error = await assertRejects(
      () => connectTo(server.port, { pin: changed }),
      Failure,
      `its pin is ${pin}, not ${changed}`,
    );
    assertEquals(error.exitCode, 76);
  }
  assertEquals(server.received, []);
});

/** The flight of a server with TLS 1.2, its ServerKeyExchange with another signature. */
function forgeSignature(
  flight: Uint8Array,
): { readonly bytes: Uint8Array; readonly isForged: boolean } {
  const bytes = new Uint8Array(flight);
  const lengthAt = (at: number) => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
  for (let at = 0; at + 5 <= bytes.length; at += 5 + lengthAt(at + 3)) {
    if (bytes[at] !== 22) continue;
    const end = at + 5 + lengthAt(at + 3);
    for (let message = at + 5; message + 4 <= end; message += 4 + lengthAt(message + 2)) {
      if (bytes[message] !== 12) continue;
      const last = message + 3 + lengthAt(message + 2);
      bytes[last] = (bytes[last] ?? 0) ^ 1;
      return { bytes, isForged: true };
    }
  }
  return { bytes, isForged: false };
}

Deno.test("connect by TLS: a certificate without its key is refused, though the pin is right", async () => {
  const certificate = await createTestCertificate();
  const pin = pinOfCertificate(certificate.cert);
  await using server = await startTlsImpostor(certificate, "TLSv1.2");
  assertEquals(await isServed(server.port, { pin }), true);
  let forged = false;
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    const inner = connect(server.port, "127.0.0.1");
    for (const each of [socket, inner]) {
      sockets.add(each).forEach((one) => one.on("error", () => {}));
    }
    socket.on("data", (bytes) => inner.write(bytes));
    inner.on("data", (flight) => {
      const { bytes, isForged } = forgeSignature(new Uint8Array(flight));
      forged ||= isForged;
      socket.write(Buffer.from(bytes));
    });
  });
  const port = await listen(proxy);
  try {
    const count = server.received.length;
    await assertRejects(() => connectTo(port, { pin }), Failure);
    assertEquals([server.received.length, forged], [count, true]);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => proxy.close(() => resolve()));
  }
});

Deno.test("connect by TLS: no listener, and a port that speaks no TLS, are unreachable", async () => {
  using plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answered = plain.accept().then(async (conn) => {
    await conn.write(new TextEncoder().encode('{"type":"error"}\n'));
    return conn;
  });
  const error = await assertRejects(() => connectTo(plain.addr.port, { pin: OTHER_PIN }), Failure);
  assertEquals(error.exitCode, 69);
  assertStringIncludes(error.message, "speaks no TLS");
  (await answered).close();
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const gone = await assertRejects(() => connectTo(port, {}), Failure, "nothing listens there");
  assertEquals(gone.exitCode, 69);
});

Deno.test("connect by TLS: a server of another protocol, and one that ends at once, in plain words", async () => {
  const { cert, keyPem } = await createTestCertificate();
  const cases = [
    { protocol: "h2", endsAtOnce: false, why: "is not a Parley server" },
    { protocol: "parley", endsAtOnce: true, why: "it has ended the connection" },
  ];
  for (const { protocol, endsAtOnce, why } of cases) {
    const server = createTlsServer({ cert, key: keyPem, ALPNProtocols: [protocol] });
    server.on("tlsClientError", () => {});
    if (endsAtOnce) server.on("connection", (socket) => socket.destroy());
    const port = await listen(server);
    const error = await assertRejects(() => connectTo(port, {}), Failure, why);
    assertEquals(error.exitCode, 69);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});

Deno.test("connect by TLS: bytes that are no TLS behind the handshake end the stream, and nothing else", async () => {
  const certificate = await createTestCertificate();
  await using server = await startTlsImpostor(certificate);
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    const inner = connect(server.port, "127.0.0.1");
    for (const each of [socket, inner]) {
      sockets.add(each).forEach((one) => one.on("error", () => {}));
    }
    socket.on("data", (bytes) => inner.write(bytes));
    inner.on("data", (bytes) => socket.write(bytes));
  });
  const port = await listen(proxy);
  try {
    const stream = await connectTo(port, { pin: pinOfCertificate(certificate.cert) });
    await stream.write(Uint8Array.of(7));
    const into = new Uint8Array(4);
    assertEquals(await stream.read(into), 1);
    const [client] = sockets;
    for (let n = 0; n < 20; n++) client?.write(Buffer.alloc(20_000, 65));
    const ended = await stream.read(into).catch((error) => error);
    assert(ended === null || ended instanceof Deno.errors.ConnectionAborted, String(ended));
    stream.close();
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => proxy.close(() => resolve()));
  }
});
