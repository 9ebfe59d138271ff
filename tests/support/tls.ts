// The server's TLS listener for a test, with a certificate of its own on a free port, and clients of it.

import { createLog, formatLogLine } from "../../lib/log.ts";
import { type SocketEndpoint, SocketServer } from "../../lib/server/endpoint/socket_server.ts";
import type { LoopbackRule } from "../../lib/server/endpoint/tcp_endpoint.ts";
import { LiveCertificate } from "../../lib/server/tls/live_certificate.ts";
import { openTls, type TlsListener } from "../../lib/server/tls/open_tls.ts";
import type { CertificatePaths } from "../../lib/server/tls/server_certificate.ts";
import { createServerKey, type ServerKey, signCertificate } from "../../lib/tls/self_signed.ts";
import { parseSubjectName } from "../../lib/tls/subject_name.ts";
import type { Timers } from "../../lib/time.ts";
import { DEFAULT_LIMITS, type Limits } from "../../lib/wire/limits.ts";
import { RawClient } from "./clients/raw_client.ts";
import { temporaryDirectory } from "./temporary.ts";

export interface TestCertificate {
  readonly cert: string;
  /** PKCS #8, PEM. */
  readonly keyPem: string;
  readonly key: ServerKey;
}

interface TestCertificateOptions {
  readonly names?: readonly string[];
  readonly days?: number;
  /** When it was written, milliseconds since 1970. */
  readonly now?: number;
  /** The key of another certificate, for a renewal. */
  readonly of?: TestCertificate;
}

/** A certificate of its own key, for this machine unless given. */
export async function createTestCertificate(
  { names = ["localhost", "127.0.0.1"], days = 90, now = Date.now(), of }: TestCertificateOptions =
    {},
): Promise<TestCertificate> {
  const { key, pem } = of === undefined ? await createServerKey() : { key: of.key, pem: of.keyPem };
  const parsed = names.map(parseSubjectName).filter((name) => name !== undefined);
  return { cert: await signCertificate(key, { names: parsed, days, now }), keyPem: pem, key };
}

/** Writes both files, the key for its owner alone. */
export async function writeCertificateFiles(
  { certificatePath, keyPath }: CertificatePaths,
  { cert, keyPem }: Pick<TestCertificate, "cert" | "keyPem">,
): Promise<void> {
  await Deno.writeTextFile(certificatePath, cert);
  await Deno.writeTextFile(keyPath, keyPem, { mode: 0o600 });
}

export interface TestTls extends TlsListener {
  readonly port: number;
  readonly paths: CertificatePaths;
  /** What is in the files at the start. */
  readonly written: TestCertificate;
  /** What was logged, a line of JSON each. */
  readonly logged: readonly string[];
  /** A client that trusts this certificate. */
  connect(cert?: string): Promise<RawClient>;
}

export async function openTestTls(
  { limits, certificate, loopback = "exempt", wrap = (sockets) => sockets, timers }: {
    readonly limits?: Partial<Limits>;
    readonly certificate?: TestCertificate;
    readonly loopback?: LoopbackRule;
    /** What is put between the listening socket and TLS. */
    readonly wrap?: (sockets: SocketEndpoint) => SocketEndpoint;
    /** Those of the handshakes. */
    readonly timers?: Timers;
  } = {},
): Promise<TestTls> {
  const directory = await temporaryDirectory();
  const paths = {
    certificatePath: `${directory.path}/cert.pem`,
    keyPath: `${directory.path}/key.pem`,
  };
  const written = certificate ?? await createTestCertificate();
  await writeCertificateFiles(paths, written);
  const sockets = await SocketServer.listen({ hostname: "127.0.0.1", port: 0 }, { loopback });
  const logged: string[] = [];
  const log = createLog("info", (entry) => logged.push(formatLogLine(entry)));
  const tls = openTls({
    certificate: await LiveCertificate.open(paths, { log, now: Date.now }),
    sockets: wrap(sockets),
    limits: { ...DEFAULT_LIMITS, ...limits },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log,
    timers,
  });
  const { port } = sockets.address;
  return {
    ...tls,
    port,
    paths,
    written,
    logged,
    connect: (cert = written.cert) => connectTls({ port, cert }),
    async [Symbol.asyncDispose](): Promise<void> {
      await tls[Symbol.asyncDispose]();
      sockets[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

interface TlsTarget {
  readonly port: number;
  /** The certificate to trust. */
  readonly cert: string;
  readonly hostname?: string;
}

/** A client that trusts a certificate. @throws when the handshake fails */
export async function connectTls(target: TlsTarget): Promise<RawClient> {
  return RawClient.over(await openTlsConn(target));
}

/** The connection alone. @throws when the handshake fails */
export async function openTlsConn(
  { port, cert, hostname = "localhost" }: TlsTarget,
): Promise<Deno.TlsConn> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  tcp.setNoDelay(true);
  const conn = await Deno.startTls(tcp, {
    hostname,
    caCerts: [cert],
    alpnProtocols: ["parley"],
  });
  try {
    await conn.handshake();
    return conn;
  } catch (error) {
    conn.close();
    throw error;
  }
}
