// TLS handshakes that are begun and never completed: each costs the server a signature, and the peer the
// replay of bytes that a real client has sent once.

import { inParallel } from "../support/parallel.ts";
import type { Address } from "../../support/clients/peer.ts";
import {
  connectTls,
  createTestCertificate,
  type TestCertificate,
  writeCertificateFiles,
} from "../../support/tls.ts";

const PARALLEL = 200;

/** Writes the files that a `ChildServer` with `hasTls` uses. */
export async function writeTlsFiles(directory: string): Promise<TestCertificate> {
  const certificate = await createTestCertificate();
  await Deno.mkdir(`${directory}/data`, { recursive: true });
  const paths = {
    certificatePath: `${directory}/data/cert.pem`,
    keyPath: `${directory}/data/key.pem`,
  };
  await writeCertificateFiles(paths, certificate);
  return certificate;
}

/** The first record of a client of the runtime. */
export async function recordClientHello(): Promise<Uint8Array<ArrayBuffer>> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const tls = await Deno.startTls(conn, { hostname: "localhost", alpnProtocols: ["parley"] });
  const handshake = tls.handshake().catch(() => {});
  using accepted = await listener.accept();
  const buffer = new Uint8Array(16_384);
  const count = await accepted.read(buffer) ?? 0;
  tls.close();
  await handshake;
  return buffer.slice(0, count);
}

export interface HandshakeFlood {
  /** How many peers got the server's part of the handshake. */
  readonly answered: number;
  /** How long other clients took to connect and get a word, the slowest, in milliseconds. */
  readonly slowestMs: number;
  /** How many of these clients there were. */
  readonly newcomers: number;
}

/** Begins so many handshakes, some at a time, while others connect in earnest, one after the other. */
export async function floodHandshakes(
  address: Address,
  { count, cert }: { readonly count: number; readonly cert: string },
): Promise<HandshakeFlood> {
  const hello = await recordClientHello();
  let answered = 0;
  let isOver = false;
  const flood = inParallel(PARALLEL, Array.from({ length: count }, (_, n) => n), async () => {
    using conn = await Deno.connect(address);
    await conn.write(hello);
    // The server may have cut it: others wait.
    const received = await conn.read(new Uint8Array(4096)).catch(() => null);
    if (received !== null) answered++;
  }).finally(() => isOver = true);
  let slowestMs = 0;
  let newcomers = 0;
  while (!isOver) {
    const started = performance.now();
    using peer = await connectTls({ port: address.port, cert });
    await peer.ask({ type: "ping" });
    slowestMs = Math.max(slowestMs, performance.now() - started);
    newcomers++;
  }
  await flood;
  return { answered, slowestMs, newcomers };
}
