// Reads and checks the certificate and key of the TLS listener. Knows no socket.

import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { messageOf } from "../../error_message.ts";
import { pinOfCertificate, pinOfKey } from "../../tls/pin.ts";

export interface CertificatePaths {
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** A certificate that fits its key. */
export interface ServerCertificate {
  readonly context: SecureContext;
  readonly pin: string;
  /** The last moment at which it is valid, milliseconds since 1970. */
  readonly expiresAt: number;
  readonly beginsAt: number;
  /** As the certificate lists them. */
  readonly names: string;
}

/** The files cannot be used; the message says which and why, and what to do. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** A chain of certificates has some thousand bytes. */
const MOST_BYTES = 1024 * 1024;

/** Others may belong to the group that renews certificates; everyone may not read a key. */
const EVERYONE = 0o007;

/**
 * Reads both files, the certificate with its chain behind it.
 * @throws {CertificateError} when they do not fit together or no client would accept them
 */
export async function readCertificate(paths: CertificatePaths): Promise<ServerCertificate> {
  const { certificatePath, keyPath } = paths;
  const cert = await readText(certificatePath);
  const key = await readText(keyPath);
  await checkMode(keyPath);
  const leaf = parseCertificate(cert, certificatePath);
  if (leaf.ca) {
    throw new CertificateError(
      `${certificatePath} is the certificate of a CA, which clients refuse as a server's: write one ` +
        'with "server.ts cert", or give openssl -addext basicConstraints=critical,CA:FALSE',
    );
  }
  if (pinOfPrivateKey(key, keyPath) !== pinOfCertificate(cert)) {
    throw new CertificateError(
      `${keyPath} is not the key of the first certificate in ${certificatePath}`,
    );
  }
  return {
    context: createContext({ cert, key }, paths),
    pin: pinOfCertificate(cert),
    beginsAt: Date.parse(leaf.validFrom),
    expiresAt: Date.parse(leaf.validTo),
    names: leaf.subjectAltName ?? "",
  };
}

/** Reading what is no file, such as a pipe, may never end. */
async function readText(path: string): Promise<string> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new Error("it is not a file");
    if (size > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES} bytes`);
    return await Deno.readTextFile(path);
  } catch (error) {
    const why = messageOf(error).replace(/ \(os error \d+\).*$/s, "");
    throw new CertificateError(`${path} cannot be read: ${why}`);
  }
}

async function checkMode(path: string): Promise<void> {
  const { mode } = await Deno.stat(path);
  if (mode === null || (mode & EVERYONE) === 0) return;
  throw new CertificateError(
    `${path} can be read by every user of this machine: chmod 600 ${path}`,
  );
}

/** The first certificate; every other one of the chain must be one, too. */
function parseCertificate(pem: string, path: string): X509Certificate {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const begun = pem.match(/-----BEGIN /g)?.length ?? 0;
  try {
    const [leaf] = blocks.map((block) => new X509Certificate(block));
    if (leaf !== undefined && blocks.length === begun) return leaf;
  } catch {
    // The error below names the file.
  }
  throw new CertificateError(`${path} holds no whole certificate in PEM`);
}

function pinOfPrivateKey(pem: string, path: string): string {
  try {
    const key = createPublicKey(createPrivateKey(pem));
    return pinOfKey(key.export({ type: "spki", format: "der" }));
  } catch {
    throw new CertificateError(`${path} holds no whole private key in PEM without a password`);
  }
}

function createContext(
  files: { readonly cert: string; readonly key: string },
  { certificatePath }: CertificatePaths,
): SecureContext {
  try {
    const context = createSecureContext({
      ...files,
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.3",
    });
    // The first socket of a process reads the system's authorities, which takes some 70 ms: now, and not
    // while connections wait.
    new TLSSocket(new Socket(), { isServer: true, secureContext: context }).destroy();
    return context;
  } catch (error) {
    throw new CertificateError(`${certificatePath} cannot be used for TLS: ${messageOf(error)}`);
  }
}
