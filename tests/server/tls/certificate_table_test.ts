// Certificates of every kind, as a table: whether the server accepts the files, and what a client of the
// runtime (rustls) makes of the connection.

import { assertEquals, assertMatch } from "@std/assert";
import { CertificateError, readCertificate } from "../../../lib/server/tls/server_certificate.ts";
import { LiveCertificate } from "../../../lib/server/tls/live_certificate.ts";
import { createLog } from "../../../lib/log.ts";
import {
  isOpensslMissing,
  runOpenssl,
  TestAuthority,
} from "../../support/processes/certificates.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import {
  connectTls,
  createTestCertificate,
  openTestTls,
  writeCertificateFiles,
} from "../../support/tls.ts";
import { startTestServer } from "../../support/server.ts";

interface Files {
  readonly cert: string;
  readonly keyPem: string;
  /** What the client trusts; the certificate itself when missing. */
  readonly trusted?: string;
}

interface Row {
  readonly kind: string;
  /** Makes the files; the directory is empty and temporary. */
  create(directory: string): Promise<Files>;
  /** What the server reports; undefined: it accepts them. */
  readonly refusal?: RegExp;
  /** What the client reports; undefined: it connects. */
  readonly clientError?: RegExp;
  readonly needsOpenssl?: true;
}

const DAY_MS = 86_400_000;
const P256 = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

async function read(...paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map((path) => Deno.readTextFile(path)))).join("");
}

/** As a person writes one with openssl, with these further arguments. */
async function byOpenssl(directory: string, ...args: readonly string[]): Promise<Files> {
  const [keyPath, certPath] = [`${directory}/k`, `${directory}/c`];
  await runOpenssl("req", "-x509", "-keyout", keyPath, "-out", certPath, "-days", "9", ...[
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
    ...args,
  ]);
  return { cert: await read(certPath), keyPem: await read(keyPath) };
}

/** A server's certificate by an intermediate authority. */
async function createChain(
  directory: string,
): Promise<Record<"leaf" | "key" | "root" | "middle", string>> {
  const root = await TestAuthority.create(directory, "root");
  const middle = await root.issueAuthority("middle");
  const { certificate, key } = await middle.issue("server", { names: "DNS:localhost" });
  return {
    leaf: await read(certificate),
    key: await read(key),
    root: await read(root.path),
    middle: await read(middle.path),
  };
}

const NOT_A_CA = ["-addext", "basicConstraints=critical,CA:FALSE"];

const TABLE: readonly Row[] = [
  { kind: "its own", create: () => createTestCertificate() },
  {
    kind: "expired",
    create: () => createTestCertificate({ now: Date.now() - 3 * DAY_MS, days: 1 }),
    clientError: /expired/,
  },
  {
    kind: "not valid yet",
    create: () => createTestCertificate({ now: Date.now() + 3 * DAY_MS }),
    clientError: /not valid yet/,
  },
  {
    kind: "of another host",
    create: () => createTestCertificate({ names: ["chat.example"] }),
    clientError: /not valid for name/,
  },
  {
    kind: "not the one that the client trusts",
    create: async () => ({
      ...await createTestCertificate(),
      trusted: (await createTestCertificate()).cert,
    }),
    clientError: /UnknownIssuer|BadSignature/i,
  },
  {
    kind: "with another key",
    create: async () => ({
      cert: (await createTestCertificate()).cert,
      keyPem: (await createTestCertificate()).keyPem,
    }),
    refusal: /key\.pem is not the key of the first certificate in .*cert\.pem/,
  },
  {
    kind: "truncated",
    create: async () => {
      const pair = await createTestCertificate();
      return { cert: pair.cert.slice(0, -60), keyPem: pair.keyPem };
    },
    refusal: /cert\.pem holds no whole certificate in PEM/,
  },
  {
    kind: "damaged",
    create: async () => {
      const pair = await createTestCertificate();
      return { cert: pair.cert.replace(/\n.{40}/, `\n${"A".repeat(40)}`), keyPem: pair.keyPem };
    },
    refusal: /cert\.pem holds no whole certificate in PEM/,
  },
  {
    kind: "with a truncated key",
    create: async () => {
      const pair = await createTestCertificate();
      return { cert: pair.cert, keyPem: pair.keyPem.slice(0, 100) };
    },
    refusal: /key\.pem holds no whole private key/,
  },
  {
    kind: "in the file of the key, and the other way round",
    create: async () => {
      const pair = await createTestCertificate();
      return { cert: pair.keyPem, keyPem: pair.cert };
    },
    refusal: /cert\.pem holds no whole certificate/,
  },
  {
    kind: "empty",
    create: () => Promise.resolve({ cert: "", keyPem: "" }),
    refusal: /holds no whole certificate/,
  },
  {
    kind: "openssl's default, of a CA",
    create: (directory) => byOpenssl(directory, ...P256),
    refusal: /is the certificate of a CA.*basicConstraints=critical,CA:FALSE/,
    needsOpenssl: true,
  },
  {
    kind: "openssl's, of no CA",
    create: (directory) => byOpenssl(directory, ...P256, ...NOT_A_CA),
    needsOpenssl: true,
  },
  {
    kind: "RSA",
    create: (directory) => byOpenssl(directory, "-newkey", "rsa:2048", "-nodes", ...NOT_A_CA),
    needsOpenssl: true,
  },
  {
    kind: "Ed25519",
    create: (directory) => byOpenssl(directory, "-newkey", "ed25519", "-nodes", ...NOT_A_CA),
    needsOpenssl: true,
  },
  {
    kind: "with a key behind a password",
    create: (directory) =>
      byOpenssl(directory, "-newkey", "rsa:2048", "-passout", "pass:secret", ...NOT_A_CA),
    refusal: /without a password/,
    needsOpenssl: true,
  },
  {
    kind: "with its chain",
    create: async (directory) => {
      const { leaf, key, root, middle } = await createChain(directory);
      return { cert: leaf + middle, keyPem: key, trusted: root };
    },
    needsOpenssl: true,
  },
  {
    kind: "without its chain",
    create: async (directory) => {
      const { leaf, key, root } = await createChain(directory);
      return { cert: leaf, keyPem: key, trusted: root };
    },
    clientError: /UnknownIssuer/,
    needsOpenssl: true,
  },
  {
    kind: "behind its chain",
    create: async (directory) => {
      const { leaf, key, middle } = await createChain(directory);
      return { cert: middle + leaf, keyPem: key };
    },
    refusal: /is the certificate of a CA/,
    needsOpenssl: true,
  },
];

for (const { kind, create, refusal, clientError, needsOpenssl } of TABLE) {
  Deno.test({
    name: `certificate: ${kind}`,
    ignore: needsOpenssl === true && isOpensslMissing(),
    fn: async () => {
      await using directory = await temporaryDirectory();
      const files = await create(directory.path);
      const paths = {
        certificatePath: `${directory.path}/cert.pem`,
        keyPath: `${directory.path}/key.pem`,
      };
      await writeCertificateFiles(paths, files);
      const error = await readCertificate(paths).then(() => undefined, (error) => error);
      if (refusal !== undefined) {
        assertEquals(error instanceof CertificateError, true, String(error));
        return assertMatch(error.message, refusal);
      }
      assertEquals(error, undefined);
      assertMatch(await tryConnect(files), clientError ?? /^connected$/);
      // While the server runs: in place of another one, live.
      assertMatch(await tryConnect(files, { isLive: true }), clientError ?? /^connected$/);
    },
  });
}

/** What a client makes of a server with these files, from the start or exchanged while it runs. */
async function tryConnect(files: Files, { isLive = false } = {}): Promise<string> {
  const first = await createTestCertificate(
    isLive ? { now: Date.now() - 3 * DAY_MS, days: 1 } : {},
  );
  const certificate = isLive ? first : { ...first, ...files };
  await using tls = await openTestTls({ certificate });
  await using _server = await startTestServer({ endpoints: [tls.endpoint] });
  if (isLive) {
    await writeCertificateFiles(tls.paths, files);
    await tls.certificate.exchange();
  }
  try {
    using client = await connectTls({ port: tls.port, cert: files.trusted ?? files.cert });
    return (await client.hello("ann")).type === "welcome" ? "connected" : "no chat";
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("certificate: a key that every user of the machine can read is refused", async () => {
  await using directory = await temporaryDirectory();
  const paths = { certificatePath: `${directory.path}/c`, keyPath: `${directory.path}/k` };
  await writeCertificateFiles(paths, await createTestCertificate());
  const log = createLog("off", () => {});
  const open = () =>
    LiveCertificate.open(paths, { log, now: Date.now }).then(() => "opened", (e) => e.message);
  for (
    const [mode, outcome] of [[0o600, /^opened$/], [0o640, /^opened$/], [
      0o644,
      /chmod 600/,
    ]] as const
  ) {
    await Deno.chmod(paths.keyPath, mode);
    assertMatch(await open(), outcome);
  }
  await Deno.remove(paths.keyPath);
  assertMatch(await open(), /^TLS: .*\/k cannot be read: No such file/);
});
