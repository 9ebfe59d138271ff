// Keys and self-signed certificates of a server, on WebCrypto alone (RFC 5280): P-256, SHA-256, no CA,
// for servers only. Knows no file.

import { concat } from "@std/bytes/concat";
import { bitString, element, integer, oid, sequence, time, utf8String } from "./der.ts";
import type { SubjectName } from "./subject_name.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
const COMMON_NAME = oid("2.5.4.3");
/** RFC 5280, appendix A: the longest common name. */
const MOST_COMMON_NAME = 64;
const SERIAL_BYTES = 16;
/** Half of an ECDSA signature on this curve. */
const HALF = 32;
/** The certificate is valid before it was written, for clients whose clock is behind. */
const CLOCK_TOLERANCE_MS = 3_600_000;
const DAY_MS = 86_400_000;
const CRITICAL = element("boolean", Uint8Array.of(0xff));

/** A private key and its public half. */
export interface ServerKey {
  readonly privateKey: CryptoKey;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Bytes;
}

export interface CertificateOptions {
  /** At least one; the first one is the subject, too. */
  readonly names: readonly SubjectName[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** For how many days from now it is valid. */
  readonly days: number;
}

/** A new key, and its PEM (PKCS #8). */
export async function createServerKey(): Promise<{ key: ServerKey; pem: string }> {
  const pair = await crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]) as CryptoKeyPair;
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const spki = await crypto.subtle.exportKey("spki", pair.publicKey);
  return {
    key: { privateKey: pair.privateKey, spki: new Uint8Array(spki) },
    pem: formatPem("PRIVATE KEY", new Uint8Array(pkcs8)),
  };
}

/** A key from its two halves in DER; undefined when it is of another kind than P-256. */
export async function importServerKey(
  { pkcs8, spki }: { readonly pkcs8: Bytes; readonly spki: Bytes },
): Promise<ServerKey | undefined> {
  try {
    const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, CURVE, false, ["sign"]);
    return { privateKey, spki };
  } catch {
    return undefined;
  }
}

/**
 * A self-signed certificate, as PEM. It is no CA's: clients on rustls refuse one that is. It lets its key
 * sign handshakes, and nothing else.
 */
export async function signCertificate(
  { privateKey, spki }: ServerKey,
  { names, now, days }: CertificateOptions,
): Promise<string> {
  const [first] = names;
  if (first === undefined) throw new Error("A certificate needs a name");
  const subject = distinguishedName(first.text);
  const content = sequence(
    element(0xa0, integer(Uint8Array.of(2))),
    integer(crypto.getRandomValues(new Uint8Array(SERIAL_BYTES))),
    ECDSA_WITH_SHA256,
    subject,
    sequence(time(now - CLOCK_TOLERANCE_MS), time(now + days * DAY_MS)),
    subject,
    spki,
    element(0xa3, extensions(names, { isSubjectEmpty: subject.length === 2 })),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(SIGNATURE, privateKey, content));
  const halves = [signature.slice(0, HALF), signature.slice(HALF)].map(integer);
  const certificate = sequence(content, ECDSA_WITH_SHA256, bitString(sequence(...halves)));
  return formatPem("CERTIFICATE", certificate);
}

/** The common name; empty when it is too long for one: the alternative names are what counts. */
function distinguishedName(name: string): Bytes {
  if (name.length > MOST_COMMON_NAME) return sequence();
  return sequence(element("set", sequence(COMMON_NAME, utf8String(name))));
}

function extensions(names: readonly SubjectName[], { isSubjectEmpty = false }): Bytes {
  const entry = (id: string, value: Bytes, ...critical: readonly Bytes[]) =>
    sequence(oid(id), ...critical, element("octetString", value));
  return sequence(
    // Basic constraints: an empty sequence is CA:FALSE.
    entry("2.5.29.19", sequence(), CRITICAL),
    // Key usage: digitalSignature, the first bit of one byte.
    entry("2.5.29.15", bitString(Uint8Array.of(0x80), { unusedBits: 7 }), CRITICAL),
    // Extended key usage: serverAuth.
    entry("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))),
    entry(
      "2.5.29.17",
      element("sequence", concat(names.map(alternativeName))),
      ...(isSubjectEmpty ? [CRITICAL] : []),
    ),
  );
}

function alternativeName(name: SubjectName): Bytes {
  if (name.kind === "ip") return element(0x87, name.bytes);
  return element(0x82, new TextEncoder().encode(name.text));
}

function formatPem(label: string, der: Bytes): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
