// Many clients connect to a server with few descriptors: connected clients continue to chat, and as
// soon as some leave, others are accepted.

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { countExhaustions, exhaust, withDescriptors } from "./floods/exhaustion.ts";
import { findLeftovers } from "./support/leftovers.ts";
import { Bystanders } from "./support/bystander.ts";
import { writeTlsFiles } from "./floods/handshakes.ts";
import { freePort } from "../support/processes/ports.ts";
import { openTlsConn } from "../support/tls.ts";
import { until } from "../support/waiting.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { countDescriptors } from "./support/process_info.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const DESCRIPTORS = 128;
/** More than there is room for, and less than twice as many. */
const CALLERS = 130;
/** How soon others are let in once descriptors are free. */
const LET_IN_MS = 1_000;
/** Generous: the machine may be busy. */
const BYSTANDER_MS = 3_000;

Deno.test("descriptors: when there are none left, the server waits for some and goes on", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--limit", "all=off"],
    under: withDescriptors(DESCRIPTORS),
  });
  await using bystanders = await Bystanders.begin(server);
  const descriptors = countDescriptors(server.pid);
  const { inside, later, tookMs } = await exhaust(server, CALLERS);
  assertGreater(inside, 0);
  assertLess(inside, DESCRIPTORS);
  assertLess(tookMs, LET_IN_MS);
  assertEquals(later, CALLERS - inside);
  assertEquals(await findLeftovers(server, { descriptors, sessions: 2 }), []);
  assertGreater((await server.stats()).out_of_descriptors ?? 0, 0);
  assertEquals(countExhaustions(server), 1);
  assertLess((await bystanders.conclude()).p99Ms, LET_IN_MS);
});

Deno.test("descriptors: the port for TLS goes on, too, when there are some again", async () => {
  await using home = await temporaryDirectory();
  const { cert } = await writeTlsFiles(home.path);
  await using server = await ChildServer.start({
    directory: home.path,
    hasTls: true,
    // The server connects to itself to see whether it still accepts, and needs to be allowed to.
    tlsPort: freePort(),
    args: ["--limit", "all=off"],
    under: withDescriptors(DESCRIPTORS),
  });
  await using bystanders = await Bystanders.begin(server);
  const { port } = server.tlsAddress;
  const callers = await Promise.all(
    Array.from({ length: CALLERS * 2 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  await until(() => countExhaustions(server) === 1, {
    withinMs: 10_000,
    otherwise: "Not exhausted",
  });
  for (const caller of callers) caller.close();
  await until(async () => {
    try {
      (await openTlsConn({ port, cert })).close();
      return true;
    } catch {
      return false;
    }
  }, { withinMs: 10_000, otherwise: "The port for TLS is dead" });
  assertEquals((await server.stats()).internal_errors, 0);
  assertLess((await bystanders.conclude()).p99Ms, BYSTANDER_MS);
});
