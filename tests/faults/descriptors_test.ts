// A server that may hold few descriptors is called by many: who is inside goes on talking, and as soon
// as some have left, others are let in.

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { findLeftovers } from "./support/aftermath.ts";
import { Bystanders } from "./support/bystander.ts";
import { ChildServer } from "./support/child_server.ts";
import type { Peer } from "./support/peer.ts";
import { countDescriptors } from "./support/process_info.ts";
import { temporaryDirectory } from "./support/temporary.ts";

const DESCRIPTORS = 128;
const CALLERS = 160;
/** How soon others are let in once descriptors are free. */
const LET_IN_MS = 1_000;

Deno.test("descriptors: when there are none left, the server waits for some and goes on", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--limit", "all=off"],
    under: ["sh", "-c", `ulimit -n ${DESCRIPTORS} && exec "$@"`, "sh"],
  });
  await using bystanders = await Bystanders.begin(server);
  const descriptors = countDescriptors(server.pid);
  const callers = await Promise.all(Array.from({ length: CALLERS }, () => server.connect()));
  const letIn: Peer[] = [];
  const answers = callers.map(async (peer) => {
    peer.send({ type: "ping", id: "ping" });
    if ((await peer.next())?.type === "pong") letIn.push(peer);
  });
  await untilExhausted(server);
  await untilSettled(() => letIn.length);
  const inside = letIn.splice(0);
  assertGreater(inside.length, 0);
  assertLess(inside.length, DESCRIPTORS);

  const started = performance.now();
  for (const peer of inside) peer.close();
  await Promise.all(answers);
  assertLess(performance.now() - started, LET_IN_MS);
  assertEquals(letIn.length, CALLERS - inside.length);

  for (const peer of letIn) peer.close();
  assertEquals(await findLeftovers(server, { descriptors, sessions: 2 }), []);
  assertGreater((await server.stats()).out_of_descriptors ?? 0, 0);
  assertEquals(server.logged("cannot accept connections: out of descriptors").length, 1);
  assertLess((await bystanders.conclude()).p99Ms, LET_IN_MS);
});

/** Nobody else can come in and ask, so the log has to tell. */
async function untilExhausted(server: ChildServer): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (server.logged("cannot accept connections: out of descriptors").length === 0) {
    assert(performance.now() < deadline, "the server did not run out of descriptors");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until a count has not grown for a while: nothing tells that nobody else will be let in. */
async function untilSettled(count: () => number): Promise<void> {
  let before = -1;
  while (count() !== before) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
