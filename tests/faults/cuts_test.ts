// Cuts a session at each of its bytes, alternately by an end and by a reset: complete requests are
// answered, acknowledged messages are kept, and nothing is left behind.

import { assert, assertEquals } from "@std/assert";
import { readSqlite } from "./crash/stored.ts";
import { findLeftovers } from "./support/leftovers.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { inParallel } from "./support/parallel.ts";
import { countDescriptors } from "./support/process_info.ts";
import { sendAndReset } from "./support/resetting.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const AT_ONCE = 8;
const NEWLINE = 0x0a;

/** A whole session; every request has a reply. */
function recordSession(name: string): Uint8Array {
  const lines = [
    { type: "hello", id: 1, version: 1, client: "cut/1", auth: { method: "guest", name } },
    { type: "join", id: 2, room: "cuts", create: true },
    { type: "message", id: 3, cid: name, room: "cuts", content: `${name} was here` },
    { type: "message", id: 4, room: "lobby", content: "Grüße 🦜" },
    { type: "history", id: 5, room: "cuts", limit: 2 },
    { type: "resume", id: 6, rooms: [{ room: "lobby", seq: 0 }] },
    { type: "read", id: 7, room: "cuts", seq: 1 },
    { type: "inquiry", id: 8, content: "Is anybody there?" },
    { type: "leave", id: 9, room: "cuts" },
    { type: "ping", id: 10 },
  ];
  return new TextEncoder().encode(lines.map((line) => JSON.stringify(line) + "\n").join(""));
}

/** One name for each place to cut, all of the same length. */
function nameOf(at: number): string {
  return `cut-${String(at).padStart(4, "0")}`;
}

Deno.test("cuts: a session may end or be reset behind any of its bytes", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--limit", "all=off"],
  });
  const descriptors = countDescriptors(server.pid);
  const acked = new Set<string>();
  const places = Array.from({ length: recordSession(nameOf(0)).length + 1 }, (_, at) => at);
  await inParallel(AT_ONCE, places, async (at) => {
    const name = nameOf(at);
    const sent = recordSession(name).subarray(0, at);
    if (at % 2 === 1) return await sendAndReset(server.address, sent);
    using peer = await server.connect();
    await peer.write(sent);
    await peer.finish();
    const frames = await peer.untilEnd();
    const replies = frames.filter(({ re }) => re !== undefined);
    const asked = sent.reduce((count, byte) => byte === NEWLINE ? count + 1 : count, 0);
    assertEquals(peer.ending, "fin");
    assertEquals(replies.map(({ re }) => re).toSorted(), ids(asked), `cut behind byte ${at}`);
    assert(frames.every(({ type }) => type !== "error"), JSON.stringify(frames));
    if (asked >= 3) acked.add(name);
  });
  assertEquals(await findLeftovers(server, { descriptors }), []);
  assertEquals((await server.terminate()).code, 0);
  const { rows, damage } = readSqlite(`${home.path}/data/parley.db`);
  const stored = rows.filter(({ room }) => room === "cuts").map(({ cid }) => cid);
  assertEquals(acked.difference(new Set(stored)), new Set());
  assertEquals(new Set(stored).size, stored.length);
  assertEquals(damage, []);
  assert(acked.size > 100);
});

function ids(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1).toSorted();
}
