import { assertEquals } from "@std/assert";
import { pinOfCertificate, pinOfKey } from "../../lib/tls/pin.ts";
import { startTestServer } from "../support/server.ts";
import { createTestCertificate, openTestTls } from "../support/tls.ts";
import { until } from "../support/waiting.ts";

Deno.test("protocol 1.4: a connection over TLS is like any other, before login and after it", async () => {
  await using tls = await openTestTls({ loopback: "limited" });
  await using server = await startTestServer({
    endpoints: [tls.endpoint],
    limits: { unauthenticated_per_ip: 2 },
  });
  // Two handshakes that are not done are two connections before login.
  const silent = await Promise.all(
    [1, 2].map(() => Deno.connect({ hostname: "127.0.0.1", port: tls.port })),
  );
  await until(() => server.server.counters().connections === 2);
  using third = await tls.connect();
  assertEquals((await third.next()).code, "too_many");
  for (const conn of silent) conn.close();
  await until(() => server.server.counters().connections === 0);
  using ann = await tls.connect();
  assertEquals((await ann.hello("ann")).type, "welcome");
  assertEquals((await ann.ask({ type: "ping" })).type, "pong");
});

Deno.test("protocol 1.4: the pin is of the key, whatever certificate it is in", async () => {
  const first = await createTestCertificate();
  const second = await createTestCertificate({ names: ["chat.example"], days: 1, of: first });
  const pin = pinOfKey(first.key.spki);
  assertEquals([pinOfCertificate(first.cert), pinOfCertificate(second.cert)], [pin, pin]);
  await using tls = await openTestTls({ certificate: second });
  assertEquals(tls.certificate.pin, pin);
});
