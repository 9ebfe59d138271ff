// The pin of a server, by which a client recognises the server's key in any certificate. Used by both ends.
// Knows no socket and no file.

import { createHash, X509Certificate } from "node:crypto";

/** How many bytes of the hash are the pin: nobody finds another key for 128 bits. */
const PIN_BYTES = 16;
const PIN = /^[\w-]{22}$/;

/**
 * The pin of a public key: the first 16 bytes of the SHA-256 over its SubjectPublicKeyInfo (RFC 5280
 * §4.1.2.7, DER), as base64url without padding, 22 characters. A certificate that is renewed with the
 * same key has the same pin.
 */
export function pinOfKey(spki: Uint8Array): string {
  const hash = createHash("sha256").update(spki).digest();
  return new Uint8Array(hash.subarray(0, PIN_BYTES))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * The pin of the key in a certificate, as DER or PEM; of a chain in PEM the first certificate counts.
 * @throws {Error} when it is no certificate
 */
export function pinOfCertificate(certificate: Uint8Array | string): string {
  const { publicKey } = new X509Certificate(certificate);
  return pinOfKey(publicKey.export({ type: "spki", format: "der" }));
}

/** Whether a text has the form of a pin, as after the `#` of a join string. */
export function isPin(text: string): boolean {
  return PIN.test(text);
}
