// The configurations of balancers in docs/deploy.md, with the balancers themselves: each client counts by its
// own address, and TLS passes through.

import { assert, assertEquals } from "@std/assert";
import { BlockList, connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { createLog } from "../../lib/log.ts";
import { ProxiedEndpoint } from "../../lib/server/endpoint/proxied_endpoint.ts";
import { SocketStream } from "../../lib/wire/stream/socket_stream.ts";
import { RawClient } from "../support/clients/raw_client.ts";
import { type BalancerKind, startBalancer } from "../support/processes/balancer.ts";
import { freePort } from "../support/processes/ports.ts";
import { findProgram } from "../support/processes/programs.ts";
import { startTestServer } from "../support/server.ts";
import { openTestTls } from "../support/tls.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/deploy.md", import.meta.url));

/** The page's configuration for a balancer here, on this port, before a server on that one. */
function configurationOf(
  kind: BalancerKind,
  { port, server }: { readonly port: number; readonly server: number },
): string {
  const [, block] = new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\`$`, "m").exec(PAGE) ?? [];
  assert(block !== undefined, `the page has no configuration of ${kind}`);
  return block.replace("10.0.0.6:65433", `127.0.0.1:${server}`)
    .replace("bind :65433", `bind 127.0.0.1:${port}`)
    .replace("listen 65433", `listen 127.0.0.1:${port}`);
}

/** A client of this machine with another address than the balancer. */
async function connectFrom(localAddress: string, port: number): Promise<RawClient> {
  const socket = connectTls({
    socket: connect({ host: "127.0.0.1", port, localAddress }),
    rejectUnauthorized: false,
    ALPNProtocols: ["parley"],
  });
  await new Promise((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
  });
  return RawClient.over(new SocketStream(socket));
}

for (const kind of ["haproxy", "nginx"] as const) {
  Deno.test({
    name: `deploy: behind ${kind}, as the page has it, limits by address count each client`,
    ignore: findProgram(kind) === undefined,
    fn: async () => {
      const trusted = new BlockList();
      trusted.addAddress("127.0.0.1");
      const clock = { monotonic: () => performance.now() };
      const log = createLog("off", () => {});
      await using tls = await openTestTls({
        wrap: (sockets) => new ProxiedEndpoint(sockets, { trusted, headerMs: 5_000, clock, log }),
      });
      await using _server = await startTestServer({
        endpoints: [tls.endpoint],
        limits: { connections_per_ip: 2 },
      });
      const port = freePort();
      const configuration = configurationOf(kind, { port, server: tls.port });
      await using _balancer = await startBalancer(kind, { configuration, port });
      using clients = new DisposableStack();
      const join = async (address: string) => clients.use(await connectFrom(address, port));
      for (const name of ["ann", "bob"]) {
        assertEquals((await (await join("127.0.0.9")).hello(name)).type, "welcome");
      }
      assertEquals((await (await join("127.0.0.9")).next()).code, "too_many");
      const other = await join("127.0.0.10");
      assertEquals((await other.hello("carl")).type, "welcome");
      await other.ask({ type: "join", room: "lobby" });
      await other.ask({ type: "message", room: "lobby", content: "x".repeat(30_000) });
      assertEquals((await other.until("message")).content.length, 30_000);
    },
  });
}
