import { assert, assertEquals } from "@std/assert";
import { createLog } from "../../../lib/log.ts";
import { LiveCertificate } from "../../../lib/server/tls/live_certificate.ts";
import { pinOfCertificate } from "../../../lib/tls/pin.ts";
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
  /** Removes both files. */
  remove(): Promise<void>;
  write(certificate: Pick<TestCertificate, "cert" | "keyPem">): Promise<void>;
}

async function open(certificate: TestCertificate): Promise<Scene> {
  const directory = await temporaryDirectory();
  const paths = { certificatePath: `${directory.path}/c`, keyPath: `${directory.path}/k` };
  await writeCertificateFiles(paths, certificate);
  const logged: string[] = [];
  const log = createLog("info", ({ event, level }) => logged.push(`${level} ${event}`));
  let now = Date.now();
  return {
    live: await LiveCertificate.open(paths, { log, now: () => now }),
    events: () => logged.splice(0),
    pass: (days) => now += days * DAY_MS,
    async remove(): Promise<void> {
      for (const path of Object.values(paths)) await Deno.remove(path);
    },
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

Deno.test("live certificate: files that do not fit, or are not valid now, change nothing", async () => {
  const first = await createTestCertificate();
  await using scene = await open(first);
  const { context, pin } = scene.live;
  const other = await createTestCertificate();
  for (
    const next of [
      { cert: other.cert, keyPem: first.keyPem },
      { cert: first.cert, keyPem: other.keyPem },
      { cert: other.cert.slice(0, 200), keyPem: other.keyPem },
      { cert: "", keyPem: "" },
      await createTestCertificate({ of: first, now: Date.now() - 3 * DAY_MS, days: 1 }),
      await createTestCertificate({ of: first, now: Date.now() + 3 * DAY_MS }),
    ]
  ) {
    await scene.write(next);
    await scene.live.exchange();
    assertEquals(scene.events(), ["error TLS certificate kept"]);
    assertEquals([scene.live.context, scene.live.pin], [context, pin]);
  }
  await scene.remove();
  await scene.live.exchange();
  assertEquals(scene.events(), ["error TLS certificate kept"]);
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

Deno.test("live certificate: an exchange ends no connection, and new ones see the new certificate", async () => {
  await using tls = await openTestTls();
  await using server = await startTestServer({ endpoints: [tls.endpoint] });
  using ann = await tls.connect();
  await ann.hello("ann");
  await ann.ask({ type: "join", room: "lobby" });
  const next = await createTestCertificate();
  await writeCertificateFiles(tls.paths, next);
  await tls.certificate.exchange();
  using bob = await tls.connect(next.cert);
  await bob.hello("bob");
  await bob.ask({ type: "join", room: "lobby" });
  await bob.ask({ type: "message", room: "lobby", content: "after it" });
  assertEquals((await ann.until("message")).content, "after it");
  assertEquals((await ann.ask({ type: "ping" })).type, "pong");
  assertEquals(server.logged, []);
});
