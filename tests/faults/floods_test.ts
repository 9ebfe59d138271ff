// Many connections, silent ones, slow ones and those that send too much: they are cut in time,
// leave nothing behind, and two other clients continue to chat.

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { floodHandshakes, writeTlsFiles } from "./floods/handshakes.ts";
import { hold } from "./floods/holding.ts";
import { findLeftovers } from "./support/leftovers.ts";
import { Bystanders } from "./support/bystander.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { inParallel } from "./support/parallel.ts";
import { countDescriptors, residentBytes } from "./support/process_info.ts";
import { sendAndReset } from "./support/resetting.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** Generous: the machine may be busy. */
const BYSTANDER_MS = 1_000;
/** How long somebody who comes in the midst of it may wait for the first word. */
const NEWCOMER_MS = 1_000;
const encoder = new TextEncoder();

Deno.test("floods: two thousand connections come and go, one way or another", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--limit", "all=off"],
  });
  await using bystanders = await Bystanders.begin(server);
  const descriptors = countDescriptors(server.pid);
  const numbers = Array.from({ length: 2_000 }, (_, n) => n);
  let longestMs = 0;
  await inParallel(50, numbers, async (n) => {
    if (n % 10 === 0) return await sendAndReset(server.address, encoder.encode('{"type":"hel'));
    const started = performance.now();
    using peer = await server.connect();
    if (n % 3 === 0) peer.send({ type: "ping", id: "ping" });
    if (n % 6 !== 0) return;
    assertEquals((await peer.next())?.type, "pong");
    longestMs = Math.max(longestMs, performance.now() - started);
  });
  assertLess(longestMs, NEWCOMER_MS);
  assertEquals(await findLeftovers(server, { descriptors, sessions: 2 }), []);
  assertLess((await bystanders.conclude()).p99Ms, BYSTANDER_MS);
  assertGreater((await server.stats()).accepted ?? 0, 1_500);
});

Deno.test("floods: TLS handshakes that nobody completes leave the others in peace", async () => {
  await using home = await temporaryDirectory();
  const { cert } = await writeTlsFiles(home.path);
  await using server = await ChildServer.start({
    directory: home.path,
    hasTls: true,
    args: ["--limit", "all=off", "--limit", `handshakes=${DEFAULT_LIMITS.handshakes}`],
  });
  await using bystanders = await Bystanders.begin(server);
  const descriptors = countDescriptors(server.pid);
  const flood = await floodHandshakes(server.tlsAddress, { count: 500, cert });
  assertGreater(flood.answered, 250);
  assertGreater(flood.newcomers, 1);
  assertLess(flood.slowestMs, NEWCOMER_MS * 5);
  assertEquals(await findLeftovers(server, { descriptors, sessions: 2 }), []);
  assertLess((await bystanders.conclude()).p99Ms, BYSTANDER_MS);
});

const FIRST_BYTE_MS = 2_000;
const FIRST_FRAME_MS = 1_500;
/** The server looks twice a second; the rest is for a busy machine. */
const LATE_MS = 1_500;

Deno.test("floods: the silent and the slow are cut in time", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: [
      ...["--limit", "all=off"],
      ...["--limit", `first_byte_ms=${FIRST_BYTE_MS}`],
      ...["--limit", `first_frame_ms=${FIRST_FRAME_MS}`],
    ],
  });
  await using bystanders = await Bystanders.begin(server);
  const descriptors = countDescriptors(server.pid);
  const silent = Array.from({ length: 300 }, () => hold(server, { isDripping: false }));
  const dripping = Array.from({ length: 200 }, () => hold(server, { isDripping: true }));
  for (const { heldMs, words } of await Promise.all(silent)) {
    assertEquals(words, []);
    assertInTime(heldMs, FIRST_BYTE_MS);
  }
  for (const { heldMs, words } of await Promise.all(dripping)) {
    assertEquals(words, ["bye idle"]);
    assertInTime(heldMs, FIRST_FRAME_MS);
  }
  assertEquals(await findLeftovers(server, { descriptors, sessions: 2 }), []);
  assertLess((await bystanders.conclude()).p99Ms, BYSTANDER_MS);
});

function assertInTime(heldMs: number, dueMs: number): void {
  // The clocks of two processes start a little apart.
  assertGreater(heldMs, dueMs - 100);
  assertLess(heldMs, dueMs + LATE_MS);
}

Deno.test("floods: who asks for errors and never reads them is cut, and costs no memory", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--limit", "all=off", "--limit", "stall_ms=500"],
  });
  await using bystanders = await Bystanders.begin(server);
  const descriptors = countDescriptors(server.pid);
  const before = residentBytes(server.pid);
  await inParallel(10, Array.from({ length: 10 }, (_, n) => n), () => askForErrors(server));
  assertLess(residentBytes(server.pid) - before, 64 * 1024 * 1024);
  assertEquals(await findLeftovers(server, { descriptors, sessions: 2 }), []);
  assertLess((await bystanders.conclude()).p99Ms, BYSTANDER_MS);
});

/** Writes what would be answered with some 40 MiB, and reads none of it until it is cut. */
async function askForErrors(server: ChildServer): Promise<void> {
  const conn = await Deno.connect(server.address);
  const nonsense = encoder.encode("x\n".repeat(20_000));
  try {
    for (let round = 0; round < 20; round++) {
      for (let at = 0; at < nonsense.length;) at += await conn.write(nonsense.subarray(at));
    }
  } catch {
    // Cut while it wrote: that is what is expected.
  }
  conn.close();
}
