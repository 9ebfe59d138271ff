// Certificates of our own: what the other implementations make of them, rustls in the runtime and OpenSSL.

import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { isPin, pinOfCertificate, pinOfKey } from "../../lib/tls/pin.ts";
import { createServerKey, signCertificate } from "../../lib/tls/self_signed.ts";
import { parseSubjectName, type SubjectName } from "../../lib/tls/subject_name.ts";
import { isOpensslMissing } from "../support/processes/certificates.ts";

function names(...texts: readonly string[]): readonly SubjectName[] {
  return texts.map((text) => parseSubjectName(text)).filter((name) => name !== undefined);
}

async function create(
  { names: texts = ["localhost", "127.0.0.1", "::1"], days = 1, now = Date.now() },
): Promise<{ cert: string; key: string; spki: Uint8Array }> {
  const { key, pem } = await createServerKey();
  const cert = await signCertificate(key, { names: names(...texts), now, days });
  return { cert, key: pem, spki: key.spki };
}

/** What the runtime's client makes of a server with this certificate. @returns its error, if any */
async function connect(
  { cert, key, hostname }: { cert: string; key: string; hostname: string },
): Promise<string | undefined> {
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const { port } = listener.addr;
  const accepted = listener.accept().then(async (conn) => {
    await conn.handshake().catch(() => {});
    conn.close();
  });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    using tls = await Deno.startTls(conn, { hostname, caCerts: [cert] });
    await tls.handshake();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await accepted;
  }
}

async function openssl(args: readonly string[], stdin: string | Uint8Array): Promise<Uint8Array> {
  const child = new Deno.Command("openssl", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return stdout;
}

Deno.test("self-signed: rustls accepts it for its names and addresses, and for no other", async () => {
  const pair = await create({});
  for (const hostname of ["localhost", "127.0.0.1", "::1"]) {
    assertEquals(await connect({ ...pair, hostname }), undefined, hostname);
  }
  assertMatch(await connect({ ...pair, hostname: "chat.example" }) ?? "", /not valid for name/);
});

Deno.test("self-signed: rustls refuses it after its end, and accepts one that a slow clock sees early", async () => {
  const past = await create({ now: Date.now() - 2 * 86_400_000 });
  assertMatch(await connect({ ...past, hostname: "localhost" }) ?? "", /certificate expired/);
  const early = await create({ now: Date.now() + 3_000_000 });
  assertEquals(await connect({ ...early, hostname: "localhost" }), undefined);
  const long = await create({ days: 3_650 * 3 });
  assertEquals(await connect({ ...long, hostname: "localhost" }), undefined);
});

Deno.test("self-signed: a name too long for a subject is an alternative name only", async () => {
  const name = `${"a".repeat(60)}.chat.example`;
  const pair = await create({ names: [name] });
  assertEquals(await connect({ ...pair, hostname: name }), undefined);
});

Deno.test({
  name: "self-signed: OpenSSL verifies it and reads what was written",
  ignore: isOpensslMissing(),
  fn: async () => {
    const { cert } = await create({});
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, cert);
      const purpose = ["-purpose", "sslserver", "-verify_hostname", "localhost", "-x509_strict"];
      await openssl(["verify", "-CAfile", file, ...purpose], cert);
      const text = new TextDecoder().decode(await openssl(["x509", "-noout", "-text"], cert));
      for (
        const part of [
          "ecdsa-with-SHA256",
          "ASN1 OID: prime256v1",
          "CA:FALSE",
          "TLS Web Server Authentication",
          "Digital Signature",
          "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
        ]
      ) assertStringIncludes(text, part);
    } finally {
      await Deno.remove(file);
    }
  },
});

Deno.test({
  name:
    "pin: 16 bytes of the SHA-256 over the key as OpenSSL writes it, the same in every certificate",
  ignore: isOpensslMissing(),
  fn: async () => {
    const { key, pem } = await createServerKey();
    const sign = (name: string) =>
      signCertificate(key, { names: names(name), now: Date.now(), days: 1 });
    const [one, two] = [await sign("a.example"), await sign("b.example")];
    const spki = await openssl(["pkey", "-pubout", "-outform", "DER"], pem);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(spki)));
    const pin = hash.slice(0, 16).toBase64({ alphabet: "base64url", omitPadding: true });
    assertEquals([pinOfKey(key.spki), pinOfCertificate(one), pinOfCertificate(two)], [
      pin,
      pin,
      pin,
    ]);
    assertNotEquals(pinOfKey((await createServerKey()).key.spki), pin);
    assertEquals([isPin(pin), isPin(`${pin}A`), isPin(pin.slice(1)), isPin("=".repeat(22))], [
      true,
      false,
      false,
      false,
    ]);
    // Every kind of key has a pin: also those of other authorities.
    for (const kind of [["rsa:2048"], ["ed25519"]]) {
      const cert = await openssl(
        ["req", "-x509", "-newkey", ...kind, "-nodes", "-keyout", "/dev/null", "-subj", "/CN=a"],
        "",
      );
      assertEquals(isPin(pinOfCertificate(new TextDecoder().decode(cert))), true);
    }
  },
});
