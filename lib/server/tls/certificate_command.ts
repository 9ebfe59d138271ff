// Writes the files of `server.ts cert`: a new key and certificate, or a certificate that renews one with
// the same key. Never replaces a key, nor a certificate of another authority.

import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { dirname } from "node:path";
import { ConfigError } from "../../config/config_error.ts";
import { messageOf } from "../../error_message.ts";
import { pinOfKey } from "../../tls/pin.ts";
import {
  createServerKey,
  importServerKey,
  type ServerKey,
  signCertificate,
} from "../../tls/self_signed.ts";
import { parseSubjectName, type SubjectName } from "../../tls/subject_name.ts";

interface CertificateOptions {
  readonly names: readonly SubjectName[];
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly days: number;
  readonly renews: boolean;
}

const DAY_MS = 86_400_000;
const PRIVATE = 0o600;
const PUBLIC = 0o644;

/**
 * Writes the files; the certificate is replaced as a whole, so that a server that reads it meanwhile
 * reads the old or the new one.
 * @param now milliseconds since 1970
 * @returns what to print
 * @throws {ConfigError} when a file is there that must stay, or cannot be written; then nothing has changed
 */
export async function writeCertificate(
  options: CertificateOptions,
  { now }: { readonly now: number },
): Promise<string> {
  const { certificatePath, keyPath, days } = options;
  const written = options.renews ? await renew(options, now) : await create(options, now);
  const until = new Date(now + days * DAY_MS).toISOString().slice(0, 10);
  const names = written.names.map(({ text }) => text).join(", ");
  return [
    `Certificate for ${names}, valid until ${until}: ${certificatePath}`,
    options.renews ? `Key as before: ${keyPath}` : `Key, for this server alone: ${keyPath}`,
    `Pin: ${pinOfKey(written.key.spki)}`,
    "",
  ].join("\n");
}

interface Written {
  readonly key: ServerKey;
  readonly names: readonly SubjectName[];
}

async function create(
  { names, certificatePath, keyPath, days }: CertificateOptions,
  now: number,
): Promise<Written> {
  const { key, pem } = await createServerKey();
  const certificate = await signCertificate(key, { names, now, days });
  for (const path of [certificatePath, keyPath]) {
    if (await exists(path)) throw new ConfigError("config", whyKept(path));
  }
  await writeNew(keyPath, { text: pem, mode: PRIVATE });
  try {
    await writeNew(certificatePath, { text: certificate, mode: PUBLIC });
  } catch (error) {
    await Deno.remove(keyPath);
    throw error;
  }
  return { key, names };
}

async function renew(options: CertificateOptions, now: number): Promise<Written> {
  const { certificatePath, keyPath, days } = options;
  const key = await readKey(keyPath);
  // With names the certificate may be missing: then only the key is there.
  const isThere = options.names.length === 0 || await exists(certificatePath);
  const current = isThere ? await readOwnCertificate(certificatePath, key) : undefined;
  const names = current === undefined || options.names.length > 0
    ? options.names
    : namesOf(current);
  if (names.length === 0) {
    throw new ConfigError("config", `${certificatePath} has no names to keep: give --name`);
  }
  const certificate = await signCertificate(key, { names, now, days });
  const temporary = `${certificatePath}.${crypto.randomUUID()}`;
  await writeNew(temporary, { text: certificate, mode: PUBLIC });
  try {
    await Deno.rename(temporary, certificatePath);
  } catch (error) {
    await Deno.remove(temporary);
    throw fileError("write", certificatePath, error);
  }
  return { key, names };
}

/** @throws {ConfigError} when there is no certificate, or this command could not have written it */
async function readKey(path: string): Promise<ServerKey> {
  const pem = await readText(path);
  let pkcs8: Uint8Array<ArrayBuffer>;
  try {
    pkcs8 = new Uint8Array(createPrivateKey(pem).export({ type: "pkcs8", format: "der" }));
  } catch {
    throw new ConfigError("config", `${path} holds no private key in PEM without a password`);
  }
  const spki = new Uint8Array(createPublicKey(pem).export({ type: "spki", format: "der" }));
  const key = await importServerKey({ pkcs8, spki });
  if (key !== undefined) return key;
  throw new ConfigError(
    "config",
    `${path} holds a key of another kind than P-256: renew its certificate where it was issued`,
  );
}

/** @throws {ConfigError} when the certificate is not this key's own: another authority renews it */
async function readOwnCertificate(path: string, key: ServerKey): Promise<X509Certificate> {
  const pem = await readText(path);
  let current: X509Certificate;
  try {
    current = new X509Certificate(pem);
  } catch {
    throw new ConfigError("config", `${path} holds no certificate in PEM`);
  }
  const spki = current.publicKey.export({ type: "spki", format: "der" });
  if (pinOfKey(spki) !== pinOfKey(key.spki)) {
    throw new ConfigError(
      "config",
      `${path} is the certificate of another key: nothing was changed`,
    );
  }
  if (current.verify(current.publicKey)) return current;
  const issuer = current.issuer.replaceAll("\n", ", ");
  throw new ConfigError(
    "config",
    `${path} was issued by ${JSON.stringify(issuer)}: renew it there; nothing was changed`,
  );
}

/** The names as `subjectAltName` lists them: `DNS:chat.example, IP Address:192.0.2.7`. */
function namesOf({ subjectAltName = "" }: X509Certificate): readonly SubjectName[] {
  return subjectAltName.split(/,\s*/).flatMap((entry) => {
    const name = parseSubjectName(entry.replace(/^(?:DNS|IP Address):/, ""));
    return name === undefined ? [] : [name];
  });
}

function whyKept(path: string): string {
  return `${path} exists and is not overwritten; --renew replaces a certificate and keeps its key`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw fileError("read", path, error);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** The mode holds from the first byte on. @throws {ConfigError} also when the file exists */
async function writeNew(
  path: string,
  { text, mode }: { readonly text: string; readonly mode: number },
): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    using file = await Deno.open(path, { write: true, createNew: true, mode });
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) {
      written += await file.write(bytes.subarray(written));
    }
    await file.sync();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw new ConfigError("config", whyKept(path));
    throw fileError("write", path, error);
  }
}

function fileError(verb: "read" | "write", path: string, error: unknown): ConfigError {
  const why = messageOf(error).replace(/ \(os error \d+\).*$/s, "");
  return new ConfigError("config", `Cannot ${verb} ${path}: ${why}`);
}
