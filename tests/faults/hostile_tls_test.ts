// Class 34: hostile peers of the port for TLS, and hostile frames over TLS.

import { assert, assertEquals, assertLess } from "@std/assert";
import { recordClientHello, writeTlsFiles } from "./floods/handshakes.ts";
import { HOSTILE_CLASSES } from "./hostile/classes.ts";
import { explain, isUnharmed } from "./hostile/report.ts";
import { runHostile } from "./hostile/run.ts";
import { createTlsJunk, sendTlsJunk } from "./hostile/tls_junk.ts";
import { Bystanders } from "./support/bystander.ts";
import { findLeftovers } from "./support/leftovers.ts";
import { inParallel } from "./support/parallel.ts";
import { countDescriptors } from "./support/process_info.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const SEED = 34;
const JUNK = 2_000;
const FRAMES = 1_000;
/** Generous: the machine may be busy. */
const BYSTANDER_MS = 1_000;

Deno.test("hostile tls: plain text and broken handshakes end their own connection and no other", async () => {
  await using home = await temporaryDirectory();
  await writeTlsFiles(home.path);
  // Before the bystanders: only the server may delay them.
  const cases = createTlsJunk(JUNK, { seed: SEED, hello: await recordClientHello() });
  await using server = await ChildServer.start({
    directory: home.path,
    hasTls: true,
    args: ["--limit", "all=off"],
  });
  await using bystanders = await Bystanders.begin(server);
  const descriptors = countDescriptors(server.pid);
  const faults: string[] = [];
  await inParallel(20, cases, async (junk) => {
    const fault = await sendTlsJunk(server.tlsAddress, junk);
    if (fault !== undefined) faults.push(fault);
  });
  assertEquals(faults, []);
  assertEquals(await findLeftovers(server, { descriptors, sessions: 2 }), []);
  const { internal_errors, tls_handshakes } = await server.stats();
  assertEquals([internal_errors, tls_handshakes], [0, 0]);
  assertLess((await bystanders.conclude()).p99Ms, BYSTANDER_MS);
});

Deno.test("hostile tls: frames of all classes are answered over TLS as over TCP", async () => {
  await using home = await temporaryDirectory();
  const { cert } = await writeTlsFiles(home.path);
  const report = await runHostile({
    classes: HOSTILE_CLASSES,
    cases: FRAMES,
    seed: SEED,
    directory: home.path,
    cert,
  });
  assert(isUnharmed(report), await explain(report, SEED));
  assert(report.sent.size === HOSTILE_CLASSES.length);
});
