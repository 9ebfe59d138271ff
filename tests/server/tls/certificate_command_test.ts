import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { CERTIFICATE_COMMAND, parseCertificateCommand } from "../../../lib/config/certificate.ts";
import { ConfigError } from "../../../lib/config/config_error.ts";
import { writeCertificate } from "../../../lib/server/tls/certificate_command.ts";
import { pinOfCertificate } from "../../../lib/tls/pin.ts";
import { isOpensslMissing, TestAuthority } from "../../support/processes/certificates.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const NOW = Date.now();

/** Runs the command with these arguments, in a folder. */
async function cert(directory: string, ...args: readonly string[]): Promise<string> {
  const paths = ["--cert", `${directory}/tls/cert.pem`, "--key", `${directory}/tls/key.pem`];
  const config = parseCertificateCommand([...paths, ...args]);
  if ("text" in config) return config.text;
  return await writeCertificate(config, { now: NOW });
}

async function read(directory: string): Promise<{ key: string; cert: string }> {
  const [key, cert] = await Promise.all(
    ["key", "cert"].map((name) => Deno.readTextFile(`${directory}/tls/${name}.pem`)),
  );
  return { key: key ?? "", cert: cert ?? "" };
}

async function refusal(directory: string, ...args: readonly string[]): Promise<string> {
  return (await assertRejects(() => cert(directory, ...args), ConfigError)).message;
}

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}

Deno.test("cert: writes a key for its owner alone and a certificate, and prints the pin", async () => {
  await using folder = await temporaryDirectory();
  const printed = await cert(folder.path, "--name", "chat.example", "--name", "192.0.2.7");
  const written = await read(folder.path);
  assertMatch(
    printed,
    /^Certificate for chat\.example, 192\.0\.2\.7, valid until \d{4}-\d\d-\d\d: /,
  );
  assertEquals(/^Pin: (.*)$/m.exec(printed)?.[1], pinOfCertificate(written.cert));
  assertEquals(modeOf(`${folder.path}/tls/key.pem`), 0o600);
  const { subjectAltName, ca } = new X509Certificate(written.cert);
  assertEquals([subjectAltName, ca], ["DNS:chat.example, IP Address:192.0.2.7", false]);
});

Deno.test("cert: overwrites nothing, and leaves nothing of a failure", async () => {
  await using folder = await temporaryDirectory();
  await cert(folder.path, "--name", "chat.example");
  const before = await read(folder.path);
  assertMatch(
    await refusal(folder.path, "--name", "b.example"),
    /cert\.pem exists and is not overwr/,
  );
  await Deno.remove(`${folder.path}/tls/cert.pem`);
  assertMatch(
    await refusal(folder.path, "--name", "b.example"),
    /key\.pem exists and is not overwr/,
  );
  assertEquals(await Deno.readTextFile(`${folder.path}/tls/key.pem`), before.key);
  // The folder of the certificate cannot be written: the key that was just written goes, too.
  await Deno.remove(`${folder.path}/tls/key.pem`);
  await Deno.writeTextFile(`${folder.path}/file`, "");
  const message = await refusal(
    folder.path,
    "--name",
    "c",
    "--cert",
    `${folder.path}/file/cert.pem`,
  );
  assertMatch(message, /^Cannot (read|write) /);
  assertEquals([...Deno.readDirSync(`${folder.path}/tls`)], []);
});

Deno.test("cert --renew: the key and the names stay, the certificate is another one", async () => {
  await using folder = await temporaryDirectory();
  await cert(folder.path, "--name", "chat.example", "--name", "2001:db8::7");
  const before = await read(folder.path);
  await cert(folder.path, "--renew", "--days", "90");
  const after = await read(folder.path);
  assertEquals(after.key, before.key);
  assertNotEquals(after.cert, before.cert);
  const [old, renewed] = [new X509Certificate(before.cert), new X509Certificate(after.cert)];
  assertEquals(renewed.subjectAltName, old.subjectAltName);
  assertEquals(pinOfCertificate(after.cert), pinOfCertificate(before.cert));
  assertEquals(Math.round((Date.parse(renewed.validTo) - NOW) / 86_400_000), 90);
  assertEquals([...Deno.readDirSync(`${folder.path}/tls`)].length, 2);
  // Other names, also without the certificate.
  await Deno.remove(`${folder.path}/tls/cert.pem`);
  assertMatch(await refusal(folder.path, "--renew"), /^Cannot read .*cert\.pem/);
  await cert(folder.path, "--renew", "--name", "b.example");
  const again = await read(folder.path);
  assertEquals(new X509Certificate(again.cert).subjectAltName, "DNS:b.example");
  assertEquals(again.key, before.key);
});

Deno.test({
  name: "cert --renew: a certificate of an authority, and files that do not fit, stay as they are",
  ignore: isOpensslMissing(),
  fn: async () => {
    await using folder = await temporaryDirectory();
    await cert(folder.path, "--name", "chat.example");
    const own = await read(folder.path);
    const authority = await TestAuthority.create(folder.path, "authority");
    const issued = await authority.issue("server", { names: "DNS:chat.example" });
    const place = (certPath: string, keyPath: string) =>
      refusal(folder.path, "--renew", "--cert", certPath, "--key", keyPath);
    const [ownCert, ownKey] = [`${folder.path}/tls/cert.pem`, `${folder.path}/tls/key.pem`];
    assertMatch(await place(issued.certificate, issued.key), /was issued by "CN=authority": renew/);
    assertMatch(await place(issued.certificate, ownKey), /certificate of another key/);
    assertMatch(await place(ownCert, issued.certificate), /holds no private key/);
    assertMatch(await place(ownKey, `${folder.path}/none`), /^Cannot read .*none: No such file/);
    assertMatch(await place(ownKey, ownKey.replace("/tls/", "/./tls/")), /holds no certificate/);
    assertEquals(await read(folder.path), own);
  },
});

Deno.test("cert: a wrong command line is one line with what is allowed", () => {
  const parse = (...args: readonly string[]) => {
    try {
      return parseCertificateCommand(["--cert", "c", "--key", "k", ...args]);
    } catch (error) {
      return (error as Error).message;
    }
  };
  assertMatch(String(parse()), /^--name is missing/);
  assertMatch(String(parse("--name", "a:1")), /must be a DNS name or an IP address without a port/);
  assertMatch(String(parse("--name", "a", "--key", "c")), /must be two files/);
  assertMatch(String(parse("--name", "a", "--days", "0")), /whole number from 1 to 3650/);
  assertMatch(String(parse("--name", "a", "--dys", "1")), /unknown option .*\(cert --help lists/);
  assertEquals(CERTIFICATE_COMMAND, "cert");
});
