import { assert, assertEquals, assertMatch } from "@std/assert";
import { createLog } from "../../../lib/log.ts";
import { LiveCertificate } from "../../../lib/server/tls/live_certificate.ts";
import { pinOfCertificate } from "../../../lib/tls/pin.ts";
import type { CertificatePaths } from "../../../lib/server/tls/server_certificate.ts";
import { inParallel } from "../../faults/support/parallel.ts";
import { UNHURRIED } from "../../protocol/scene.ts";
import type { RawClient } from "../../support/clients/raw_client.ts";
import { startTestServer } from "../../support/server.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import {
  createTestCertificate,
  openTestTls,
  type TestCertificate,
  writeCertificateFiles,
} from "../../support/tls.ts";

const DAY_MS = 86_400_000;

interface Scene extends AsyncDisposable {
  readonly live: LiveCertificate;
  /** The names of the logged events since the last call. */
  events(): string[];
  /** Lets so many days pass. */
  pass(days: number): void;
  readonly paths: CertificatePaths;
  /** Why files were kept, as the log said last. */
  lastReason(): string;
  write(certificate: Pick<TestCertificate, "cert" | "keyPem">): Promise<void>;
}

async function open(certificate: TestCertificate): Promise<Scene> {
  const directory = await temporaryDirectory();
  const paths = { certificatePath: `${directory.path}/c`, keyPath: `${directory.path}/k` };
  await writeCertificateFiles(paths, certificate);
  const logged: string[] = [];
  let reason = "";
  const log = createLog("info", ({ event, level, ...fields }) => {
    logged.push(`${level} ${event}`);
    reason = JSON.stringify(fields);
  });
  let now = Date.now();
  return {
    live: await LiveCertificate.open(paths, { log, now: () => now }),
    events: () => logged.splice(0),
    pass: (days) => now += days * DAY_MS,
    paths,
    lastReason: () => reason,
    write: (next) => writeCertificateFiles(paths, next),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

Deno.test("live certificate: it warns once a day, from 30 days before its end", async () => {
  await using scene = await open(await createTestCertificate({ days: 32 }));
  const { live } = scene;
  const check = () => {
    live.checkExpiry();
    live.checkExpiry();
    return [live.daysLeft, ...scene.events()];
  };
  assertEquals(check(), [31]);
  scene.pass(1);
  assertEquals(check(), [30]);
  scene.pass(1);
  assertEquals(check(), [29, "warn TLS certificate expires soon"]);
  assertEquals(check(), [29]);
  scene.pass(1);
  assertEquals(check(), [28, "warn TLS certificate expires soon"]);
  scene.pass(30);
  assertEquals(check(), [-2, "warn TLS certificate has expired"]);
});

Deno.test("live certificate: an expired one is opened with a warning, and exchanged for a new one", async () => {
  const first = await createTestCertificate({ days: 1 });
  await using scene = await open(first);
  scene.pass(40);
  scene.live.checkExpiry();
  assertEquals(scene.events(), ["warn TLS certificate has expired"]);
  await scene.write(await createTestCertificate({ days: 200, of: first }));
  await scene.live.exchange();
  assertEquals(scene.events(), ["info TLS certificate exchanged"]);
  assert(scene.live.daysLeft >= 159);
});

/** What somebody may find in place of the two files, and what the log then says. */
const UNFIT: readonly (readonly [
  string,
  (files: { readonly certificate: string; readonly key: string }) => Promise<unknown>,
  RegExp,
])[] = [
  [
    "an empty certificate",
    ({ certificate }) => Deno.writeTextFile(certificate, ""),
    /no whole cert/,
  ],
  ["an empty key", ({ key }) => Deno.writeTextFile(key, ""), /no whole private key/],
  [
    "a certificate that is cut",
    ({ certificate }) => Deno.truncate(certificate, 200),
    /no whole cert/,
  ],
  ["a key that is cut", ({ key }) => Deno.truncate(key, 100), /no whole private key/],
  [
    "no certificate",
    ({ certificate }) => Deno.remove(certificate),
    /c cannot be read: No such file/,
  ],
  ["no key", ({ key }) => Deno.remove(key), /k cannot be read: No such file/],
  ["a key that others may read", ({ key }) => Deno.chmod(key, 0o644), /chmod 600/],
  ["the two exchanged", async ({ certificate, key }) => {
    await Deno.rename(certificate, `${key}2`);
    await Deno.rename(key, certificate);
    await Deno.rename(`${key}2`, key);
  }, /chmod 600/],
  ["a directory", async ({ certificate }) => {
    await Deno.remove(certificate);
    await Deno.mkdir(certificate);
  }, /c cannot be read: it is not a file/],
  ["a link to nowhere", async ({ key }) => {
    await Deno.remove(key);
    await Deno.symlink(`${key}-gone`, key);
  }, /k cannot be read: No such file/],
  ["a pipe that nobody writes to", async ({ certificate }) => {
    await Deno.remove(certificate);
    await new Deno.Command("mkfifo", { args: [certificate] }).output();
  }, /c cannot be read: it is not a file/],
  ["a large file", ({ key }) => Deno.truncate(key, 2 ** 21), /larger than/],
];

Deno.test("live certificate: files that cannot be used change nothing, and the log names the file", async () => {
  const first = await createTestCertificate();
  await using scene = await open(first);
  const { live, paths: { certificatePath: certificate, keyPath: key } } = scene;
  const { context, pin } = live;
  for (const [what, spoil, reason] of UNFIT) {
    await spoil({ certificate, key });
    await live.exchange();
    assertEquals(scene.events(), ["error TLS certificate kept"], what);
    assertMatch(scene.lastReason(), reason, what);
    assertEquals([live.context, live.pin], [context, pin]);
    for (const path of [certificate, key]) {
      await Deno.remove(path, { recursive: true }).catch(() => {});
    }
    await scene.write(first);
  }
});

Deno.test("live certificate: files that do not fit, or are not valid now, change nothing", async () => {
  const first = await createTestCertificate();
  await using scene = await open(first);
  const { context, pin } = scene.live;
  const other = await createTestCertificate();
  for (
    const next of [
      { cert: other.cert, keyPem: first.keyPem },
      { cert: first.cert, keyPem: other.keyPem },
      await createTestCertificate({ of: first, now: Date.now() - 3 * DAY_MS, days: 1 }),
      await createTestCertificate({ of: first, now: Date.now() + 3 * DAY_MS }),
    ]
  ) {
    await scene.write(next);
    await scene.live.exchange();
    assertEquals(scene.events(), ["error TLS certificate kept"]);
    assertEquals([scene.live.context, scene.live.pin], [context, pin]);
  }
  // The next one that fits is taken.
  await scene.write(await createTestCertificate({ of: first }));
  await scene.live.exchange();
  assertEquals(scene.events(), ["info TLS certificate exchanged"]);
});

Deno.test("live certificate: another key is exchanged, too, and the log warns of the pin", async () => {
  await using scene = await open(await createTestCertificate());
  const next = await createTestCertificate();
  await scene.write(next);
  // Two requests at once are two exchanges, one after the other.
  await Promise.all([scene.live.exchange(), scene.live.exchange()]);
  assertEquals(scene.events(), [
    "info TLS certificate exchanged",
    "warn TLS pin changed",
    "info TLS certificate exchanged",
  ]);
  assertEquals(scene.live.pin, pinOfCertificate(next.cert));
});

const CONNECTIONS = 200;
const MESSAGES = 40;

Deno.test("live certificate: exchanges under load end none of 200 connections, and new ones see the new one", async () => {
  await using tls = await openTestTls();
  await using server = await startTestServer({ endpoints: [tls.endpoint], limits: UNHURRIED });
  using clients = new DisposableStack();
  const join = async (name: string, cert?: string) => {
    const client = clients.use(await tls.connect(cert));
    assertEquals((await client.hello(name)).type, "welcome");
    await client.ask({ type: "join", room: "lobby" });
    return client;
  };
  const numbers = Array.from({ length: CONNECTIONS }, (_, n) => n);
  const readers: RawClient[] = [];
  await inParallel(16, numbers, async (n) => void readers.push(await join(`reader-${n}`)));
  const writer = await server.connect();
  await writer.hello("writer");
  await writer.ask({ type: "join", room: "lobby" });
  const next = await createTestCertificate();
  for (let n = 0; n < MESSAGES; n++) {
    // A good one, the same again, one that is cut, …
    const files = n % 3 === 2 ? { ...next, cert: next.cert.slice(0, 300) } : next;
    await writeCertificateFiles(tls.paths, files);
    const exchange = tls.certificate.exchange();
    assertEquals(
      (await writer.ask({ type: "message", room: "lobby", content: `${n}` })).type,
      "ok",
    );
    await exchange;
  }
  const newcomer = await join("newcomer", next.cert);
  for (const reader of [...readers, newcomer]) {
    assertEquals((await reader.ask({ type: "ping" })).type, "pong");
  }
  const sent = numbers.slice(0, MESSAGES).map(String);
  for (const reader of readers) {
    assertEquals((await reader.received("message", MESSAGES)).map(({ content }) => content), sent);
  }
  assertEquals(server.logged, []);
});
