// The PROXY protocol, versions 1 and 2: by its specification, over TCP and TLS, with limits by address.

import { assert, assertEquals } from "@std/assert";
import { BlockList } from "node:net";
import { createLog } from "../../../lib/log.ts";
import { ProxiedEndpoint } from "../../../lib/server/endpoint/proxied_endpoint.ts";
import {
  decodeProxyAddress,
  decodeProxyLine,
  decodeProxyStart,
  isProxyLine,
} from "../../../lib/server/endpoint/proxy_header.ts";
import { TcpEndpoint } from "../../../lib/server/endpoint/tcp_endpoint.ts";
import { RawClient } from "../../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { openTestTls } from "../../support/tls.ts";
import { until, within } from "../../support/waiting.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";

/** A header from its parts in hexadecimal. */
function header(
  { command = "21", family = "11", rest }: { command?: string; family?: string; rest: string },
): Uint8Array<ArrayBuffer> {
  const length = (rest.length / 2).toString(16).padStart(4, "0");
  return Uint8Array.fromHex(SIGNATURE + command + family + length + rest);
}

/** TCP over IPv4, from 192.0.2.n to 10.0.0.1. */
function headerFrom(n: number, more = ""): Uint8Array<ArrayBuffer> {
  const last = n.toString(16).padStart(2, "0");
  return header({ rest: `c00002${last}0a000001${"c350"}${"fff8"}${more}` });
}

function decode(bytes: Uint8Array): unknown {
  if (isProxyLine(bytes)) return decodeProxyLine(bytes);
  const start = bytes.subarray(0, 16);
  const length = decodeProxyStart(start);
  return length === undefined
    ? undefined
    : decodeProxyAddress(start, bytes.subarray(16, 16 + length));
}

const PORTS = "c350fff8";
const V6 = "20010db8000000000000000000000007";

Deno.test("proxy header: the addresses of TCP over IPv4 and IPv6, whatever follows them", () => {
  assertEquals(decode(headerFrom(7)), { client: "192.0.2.7" });
  assertEquals(decode(headerFrom(7, "030004abcdef01")), { client: "192.0.2.7" });
  const six = (address: string) => header({ family: "21", rest: address + V6 + PORTS });
  assertEquals(decode(six(V6)), { client: "2001:db8::7" });
  assertEquals(decode(six("00000000000000000000ffffc0000207")), { client: "192.0.2.7" });
});

Deno.test("proxy header: what a balancer says for itself, and other transports, change no address", () => {
  assertEquals(decode(header({ command: "20", family: "00", rest: "" })), "own");
  assertEquals(decode(header({ command: "20", rest: "c0000207" })), "own");
  assertEquals(decode(header({ family: "00", rest: "" })), "own");
  assertEquals(decode(header({ family: "31", rest: "00".repeat(216) })), "own");
  assertEquals(decode(header({ family: "12", rest: "c0000207" })), "own");
});

/** A header of version 1. */
function line(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`PROXY ${text}\r\n`);
}

Deno.test("proxy header: version 1 is a line of text", () => {
  assertEquals(decode(line("TCP4 192.0.2.7 10.0.0.1 50000 65432")), { client: "192.0.2.7" });
  const six = (address: string) => decode(line(`TCP6 ${address} 2001:db8::1 50000 65432`));
  assertEquals(six("2001:DB8:0::7"), { client: "2001:db8::7" });
  assertEquals(six("::ffff:192.0.2.7"), { client: "192.0.2.7" });
  assertEquals(decode(line("UNKNOWN")), "own");
  assertEquals(decode(line("UNKNOWN ff::1 whatever")), "own");
});

Deno.test("proxy header: what is none is refused", () => {
  for (
    const bytes of [
      line("TCP4 192.0.2.7 10.0.0.1 50000"),
      line("TCP4 192.0.2.777 10.0.0.1 50000 65432"),
      line("TCP4 2001:db8::7 10.0.0.1 50000 65432"),
      line("TCP6 192.0.2.7 10.0.0.1 50000 65432"),
      line("TCP5 192.0.2.7 10.0.0.1 50000 65432"),
      line("TCP4  192.0.2.7 10.0.0.1 50000 65432"),
      line("TCP4 192.0.2.7 10.0.0.1 50000 65432 "),
      line("TCP4 192.0.2.7 10.0.0.1 50000 65432").subarray(0, -2),
      line("UNKNOWNS"),
      line(""),
      headerFrom(7).with(0, 0),
      header({ command: "11", rest: "c00002070a000001c350fff8" }),
      header({ command: "22", rest: "c00002070a000001c350fff8" }),
      header({ rest: "c00002070a0000" }),
      header({ family: "21", rest: V6 + PORTS }),
      header({ rest: "00".repeat(5_000) }),
      headerFrom(7).subarray(0, 15),
    ]
  ) assertEquals(decode(bytes), undefined, bytes.toHex());
});

interface Scene {
  readonly server: TestServer;
  readonly logged: string[];
  /** Connects as a balancer does, with these bytes first, over this port. */
  connect(first: Uint8Array<ArrayBuffer>, how?: "tcp" | "tls"): Promise<RawClient>;
}

/** A server whose balancer is 127.0.0.1, for TCP and TLS. */
async function onProxied(body: (scene: Scene) => Promise<void>): Promise<void> {
  const logged: string[] = [];
  const log = createLog("warn", ({ event }) => logged.push(event));
  const trusted = new BlockList();
  trusted.addAddress("127.0.0.1");
  const clock = { monotonic: () => performance.now() };
  const options = { trusted, headerMs: 200, clock, log };
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const tcp = new ProxiedEndpoint(new TcpEndpoint(listener, { loopback: "exempt" }), options);
  await using tls = await openTestTls({ wrap: (sockets) => new ProxiedEndpoint(sockets, options) });
  await using server = await startTestServer({
    endpoints: [tcp, tls.endpoint],
    limits: { connections_per_ip: 2, unauthenticated_per_ip: 4 },
  });
  const { port } = listener.addr;
  await body({
    server,
    logged,
    async connect(first, how = "tcp"): Promise<RawClient> {
      const address = { hostname: "127.0.0.1", port: how === "tcp" ? port : tls.port };
      const conn = await Deno.connect(address);
      await conn.write(first);
      if (how === "tcp") return RawClient.over(conn);
      const options = { hostname: "localhost", caCerts: [tls.written.cert] };
      return RawClient.over(await Deno.startTls(conn, options));
    },
  });
}

for (const how of ["tcp", "tls"] as const) {
  Deno.test(`proxied endpoint: limits by address count each client behind the balancer (${how})`, () =>
    onProxied(async ({ connect }) => {
      using one = await connect(headerFrom(1), how);
      using two = await connect(line("TCP4 192.0.2.1 10.0.0.1 50000 65432"), how);
      for (const [client, name] of [[one, "ann"], [two, "bob"]] as const) {
        assertEquals((await client.hello(name)).type, "welcome");
      }
      using third = await connect(headerFrom(1), how);
      assertEquals((await third.next()).code, "too_many");
      using other = await connect(headerFrom(2), how);
      assertEquals((await other.hello("carl")).type, "welcome");
      // A client behind a balancer is never one of this machine, even if it has such an address.
      const loopback = header({ rest: `7f0000010a000001${PORTS}` });
      using away = await connect(loopback, how);
      const hello = {
        type: "hello",
        version: 1,
        idle_ms: 0,
        auth: { method: "guest", name: "dora" },
      };
      assert((await away.ask(hello)).limits.idle_ms > 0);
    }));
}

Deno.test("proxied endpoint: the balancer's own connections are its own", () =>
  onProxied(async ({ connect }) => {
    using clients = new DisposableStack();
    for (const name of ["ann", "bob", "carl"]) {
      const client = clients.use(await connect(header({ command: "20", family: "00", rest: "" })));
      assertEquals((await client.hello(name)).type, "welcome");
    }
  }));

Deno.test("proxied endpoint: one without a header ends, is logged once, and keeps nobody waiting", () =>
  onProxied(async ({ connect, logged, server }) => {
    using silent = await connect(new Uint8Array());
    using cut = await connect(headerFrom(1).subarray(0, 20));
    using plain = await connect(new TextEncoder().encode('{"type":"hello","version":1}\n'));
    using endless = await connect(line("UNKNOWN " + "x".repeat(200)));
    using good = await connect(headerFrom(3));
    assertEquals((await good.hello("ann")).type, "welcome");
    for (const client of [silent, cut, plain, endless]) {
      assertEquals(await within(5_000, client.nextOrEnd(), "no end"), undefined);
    }
    await until(() => server.server.counters().connections === 1);
    assertEquals(logged, ["PROXY header missing"]);
  }));

Deno.test("proxied endpoint: a header in many pieces, and the first request right behind it", () =>
  onProxied(async ({ connect }) => {
    const ping = new TextEncoder().encode('{"type":"ping","id":1}\n');
    for (
      const bytes of [
        headerFrom(9, "04".repeat(40)),
        line("TCP4 192.0.2.8 10.0.0.1 50000 65432"),
        line("UNKNOWN"),
      ]
    ) {
      using client = await connect(bytes.slice(0, 1));
      for (let at = 1; at < bytes.length; at += 7) await client.write(bytes.slice(at, at + 7));
      assertEquals((await client.ask({ type: "ping" })).type, "pong");
      using quick = await connect(Uint8Array.from([...bytes, ...ping]));
      assertEquals((await quick.next()).re, 1);
    }
  }));

Deno.test("proxied endpoint: whoever is not trusted is accepted as they are, and may send no header", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const trusted = new BlockList();
  trusted.addAddress("192.0.2.1");
  const clock = { monotonic: () => performance.now() };
  const tcp = new TcpEndpoint(listener, { loopback: "exempt" });
  const options = { trusted, headerMs: 200, clock, log: createLog("off", () => {}) };
  await using server = await startTestServer({ endpoints: [new ProxiedEndpoint(tcp, options)] });
  using ann = await RawClient.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  assertEquals((await ann.hello("ann")).type, "welcome");
  using eve = await RawClient.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  await eve.write(headerFrom(1));
  await eve.send({ type: "ping", id: 1 });
  assertEquals((await eve.next()).code, "bad_json");
  assertEquals(server.server.counters().connections, 2);
});
