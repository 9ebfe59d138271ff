// The default limits against clients that ignore them: a flood of messages, of pongs, of errors;
// and two clients within the limits that are not affected.

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { findLeftovers } from "./support/leftovers.ts";
import { Bystanders } from "./support/bystander.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { countDescriptors } from "./support/process_info.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import type { Peer } from "../support/clients/peer.ts";

/** Within the shipped two messages a second. */
const EVERY_MS = 600;
const BYSTANDER_MS = 1_000;
/** The tolerance of times: the machine may be busy. */
const SLACK_MS = 1_500;

Deno.test("shipped limits: floods are slowed or cut, and those who keep to them feel nothing", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({ directory: home.path });
  await using bystanders = await Bystanders.begin(server, { everyMs: EVERY_MS });
  const descriptors = countDescriptors(server.pid);
  await Promise.all([floodMessages(server), floodPongs(server), floodMistakes(server)]);
  assertEquals(await findLeftovers(server, { descriptors, sessions: 2 }), []);
  assertLess((await bystanders.conclude()).p99Ms, BYSTANDER_MS);
});

/** Ten messages go at once, then two a second: five more take two and a half. */
async function floodMessages(server: ChildServer): Promise<void> {
  using peer = await enter(server, "chatterbox");
  const started = performance.now();
  const ids = Array.from({ length: 15 }, (_, n) => n);
  peer.send(...ids.map((id) => ({ type: "message", id, room: "lobby", content: `word ${id}` })));
  for (const id of ids) {
    const frame = await peer.next();
    assertEquals([frame?.type, frame?.re, frame?.seq], ["ok", id, id + 1]);
  }
  const tookMs = performance.now() - started;
  assertGreater(tookMs, 2_250);
  assertLess(tookMs, 2_500 + SLACK_MS);
}

/** 128 KiB are read at once, then 16 KiB a second: 16 KiB more are waited for a second. */
async function floodPongs(server: ChildServer): Promise<void> {
  using peer = await enter(server, "pongs");
  const pong = '{"type":"pong"}\n';
  await peer.write(new TextEncoder().encode(pong.repeat(144 * 1024 / pong.length)));
  // What is answered at once was read with the flood; what comes after it has to wait.
  assert((await peer.ask({ type: "rooms", id: "at once" })) !== undefined);
  const started = performance.now();
  assertEquals((await peer.ask({ type: "rooms", id: "later" }))?.type, "rooms");
  const tookMs = performance.now() - started;
  assertGreater(tookMs, 500);
  assertLess(tookMs, 1_000 + SLACK_MS);
}

/** A hundred errors are answered; the next one ends the connection. */
async function floodMistakes(server: ChildServer): Promise<void> {
  using peer = await enter(server, "blunderer");
  await peer.write(new TextEncoder().encode("a mistake\n".repeat(300)));
  const frames = await peer.untilEnd();
  const codes = frames.map(({ code }) => code);
  assertEquals(codes.slice(0, 100), new Array(100).fill("bad_json"));
  assertEquals([frames.at(-1)?.type, codes.at(-1)], ["bye", "flood"]);
  assertLess(codes.length, 110);
}

async function enter(server: ChildServer, name: string): Promise<Peer> {
  const peer = await server.connect();
  const auth = { method: "guest", name };
  const reply = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  assertEquals(reply?.type, "welcome");
  return peer;
}
