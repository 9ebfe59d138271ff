// One subscriber of twenty does not read: it is cut as too slow, and the others receive everything,
// once and in order. The kernel buffers some 4 MiB for a peer on the same machine, so more than
// twice as much is sent.

import { assert, assertEquals, assertLess } from "@std/assert";
import { findLeftovers } from "./support/leftovers.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import type { Peer } from "../support/clients/peer.ts";
import { countDescriptors, residentBytes } from "./support/process_info.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { until } from "../support/waiting.ts";

const MESSAGES = 320;
const TEXT = "x".repeat(32_000);
const READERS = 19;
const IN_FLIGHT = 16;
const MIB = 1024 * 1024;

Deno.test("stalled reader: with too much waiting for it, it is cut; the others lose nothing", async () => {
  await proveCut(["--limit", `queue_bytes=${MIB}`]);
});

Deno.test("stalled reader: with a write that stands still, it is cut; the others lose nothing", async () => {
  // All messages fit into its queue, so only the timeout can detect it.
  await proveCut(["--limit", `queue_bytes=${64 * MIB}`, "--limit", "stall_ms=2000"]);
});

Deno.test("stalled reader: one that goes on in time is told everything, whole and in order", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--limit", "all=off", "--limit", `queue_bytes=${64 * MIB}`],
  });
  using speaker = await enter(server, "speaker");
  using late = await enter(server, "late");
  await sayAll(speaker);
  // More waits for it than the kernel takes: writes stop in the middle of a line.
  await receiveAll(late);
  assertEquals((await server.stats()).internal_errors, 0);
});

async function proveCut(limits: readonly string[]): Promise<void> {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--limit", "all=off", ...limits, "--log-level", "debug"],
  });
  const descriptors = countDescriptors(server.pid);
  const before = residentBytes(server.pid);
  {
    using speaker = await enter(server, "speaker");
    using stalled = await enter(server, "stalled");
    const readers = await Promise.all(
      Array.from({ length: READERS }, (_, n) => enter(server, `reader${n}`)),
    );
    const receiving = Promise.all(readers.map(receiveAll));
    await sayAll(speaker);
    await receiving;
    for (const reader of readers) reader.close();
    await untilCut(server);
    await receiveRest(stalled);
  }
  assertEquals(server.logged("bye").map(({ code }) => code), ["slow"]);
  assertEquals(await findLeftovers(server, { descriptors }), []);
  assertLess(residentBytes(server.pid) - before, 160 * MIB);
}

async function enter(server: ChildServer, name: string): Promise<Peer> {
  const peer = await server.connect();
  peer.send({ type: "hello", id: "hello", version: 1, auth: { method: "guest", name } });
  const reply = await peer.ask({ type: "join", id: "join", room: "noise", create: true });
  assertEquals(reply?.type, "room");
  return peer;
}

async function sayAll(speaker: Peer): Promise<void> {
  let posted = 0;
  const say = () => speaker.send({ type: "message", id: posted++, room: "noise", content: TEXT });
  while (posted < IN_FLIGHT) say();
  for (let acked = 0; acked < MESSAGES;) {
    const frame = await speaker.next();
    assert(frame !== undefined, "the speaker was cut");
    if (frame.type !== "ok") continue;
    acked++;
    if (posted < MESSAGES) say();
  }
}

async function receiveAll(reader: Peer): Promise<void> {
  for (let seq = 1; seq <= MESSAGES;) {
    const frame = await reader.next();
    assert(frame !== undefined, `a reader was cut behind ${seq - 1}`);
    if (frame.type === "message") assertEquals(frame.seq, seq++);
  }
}

async function untilCut(server: ChildServer): Promise<void> {
  const otherwise = "the stalled reader was not cut";
  await until(() => server.logged("bye").length > 0, { withinMs: 5_000, otherwise });
}

/** Whole frames in order up to the cut, with the bye if there was time for it. */
async function receiveRest(stalled: Peer): Promise<void> {
  const frames = await stalled.untilEnd();
  const seqs = frames.filter(({ type }) => type === "message").map(({ seq }) => seq);
  assertEquals(seqs, seqs.map((_, n) => n + 1));
  assertLess(seqs.length, MESSAGES);
  const bye = frames.find(({ type }) => type === "bye");
  assert(bye === undefined || bye.code === "slow");
}
